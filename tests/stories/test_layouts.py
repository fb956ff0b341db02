"""The evaluation's promptings, to the character, and answers that their stories bear out."""

from random import Random

import pytest

from tombench.stories.layouts import PROMPTINGS, Answered, draw_answered, evaluation_text
from tombench.stories.text import Text

QUESTION = Answered(
    story="Mara put the ball in the box.",
    question="Was the ball in the bag at first?",
    answer=False,
    statement="the ball was not in the bag at first.",
    reason="Mara put the ball in the box.",
)
SHORT = "No, the ball was not in the bag at first."
REASONED = f"Mara put the ball in the box. So, the answer is: {SHORT}"
ITEM = (
    "Scenario: Mara put the ball in the box. Question: Was the ball in the bag at first? Answer: "
)
HEADER = "Read the scenario and answer the following question:\n\n"
STEPS = "Let's think step by step: "


@pytest.mark.parametrize(
    ("prompting", "shots", "expected"),
    [
        ("base", 0, Text(HEADER + ITEM, SHORT)),
        ("sbs", 0, Text(HEADER + ITEM + STEPS, REASONED)),
        ("cot", 2, Text(HEADER + 2 * f"{ITEM}{REASONED}\n\n" + ITEM, REASONED)),
        (
            "sbs_cot",
            2,
            Text(HEADER + 2 * f"{ITEM}{STEPS}{REASONED}\n\n" + ITEM + STEPS, REASONED),
        ),
    ],
)
def test_promptings(prompting: str, shots: int, expected: Text) -> None:
    assert evaluation_text("scenario", prompting, QUESTION, (QUESTION,) * shots) == expected


def test_context_has_its_own_header() -> None:
    text = evaluation_text("context", "base", QUESTION)
    assert text.prompt.startswith("Answer the following question in context:\n\nContext: Mara")


def test_unreasoned_examples_are_followed_by_an_unreasoned_answer() -> None:
    text = evaluation_text("scenario", "cot", QUESTION, (QUESTION, QUESTION), reasoned=False)
    assert text == Text(HEADER + 2 * f"{ITEM}{SHORT}\n\n" + ITEM, SHORT)


def test_reasons_are_sentences_of_the_story_and_answers_are_balanced() -> None:
    drawn = [draw_answered(Random(f"answered/{number}")) for number in range(1500)]
    for one in drawn:
        assert one.reason in one.story
        assert one.question.endswith("?") and one.statement.endswith(".")
        denied = " not " in one.statement
        assert denied is not one.answer, one
    assert sum(one.answer for one in drawn) / len(drawn) == pytest.approx(0.5, abs=0.06)


def test_every_prompting_is_known() -> None:
    assert set(PROMPTINGS) == {"base", "sbs", "cot", "sbs_cot"}
