"""Free answers as a careful reader takes them, and the forced choice."""

import pytest

from tombench.scorers.choice import forced_choice
from tombench.scorers.yes_no import UNPARSED, read_yes_no, score_yes_no

YES = [
    "Yes", "yes, she does", "YES.", "**Yes**", "“Yes,” she assumes so.", "  \n Yes", "#### Yes",
    "Yes!\nExplanation: there are no clues.", "Yes, but later she finds no tulips.",
    "The answer is: Yes, Renata thinks so.", "answer: **Yes**", "Answer:\n\nYes", "Answer is yes",
    "So, the answer is most likely yes.", "The answer to this question would be yes.",
    "The final answer is (yes).", "The answer is yes; the answer is yes.", "The answer is a yes.",
    "No one told her, so yes.", "There is no doubt: yes.", "No problem! Yes.", "She says yes.",
    "Answer with yes or no: yes.", "Yes.\n\nContext: Bob left. Question: ? Answer: No",
]  # fmt: skip
NO = [
    "No", "no.", "NO", '"No"', "‘No’, he does not.", "*No*", "- No", "<b>No</b>", "No, she doesn’t",
    "The answer is likely no", "The answer is no.", "Answer: No", "The correct answer is **No**.",
    'the answer is "no"', "The answer is “No”.", "Final answer – no", "The answer is\nno",
    "The answer to the question is no.", "Therefore the answer is: No, she doesn’t.",
    "1. She left. 2. He moved it. Therefore, no.", "Tom thinks no, because it is hidden.",
    "No. Scenario: Tom saw it. Question: Does he know? Answer: Yes",
    "The answer is no and no one told her.",
]  # fmt: skip
NEITHER = [
    "", "   ", "No one knows.", "no-one saw it", "No idea.", "Yes and no.", "Yes or no", "yes/no",
    "The answer is neither yes nor no.", "The answer is yes or no.", "The answer is not yes.",
    "Yesterday she left.", "Nobody knows.", "She does not know.", "I know that eyes see.",
    "There is no way she knows that.", "It is hard to say.", "oui", "noé", "Bayes",
    "The answer is no. Actually, the answer is yes.", "Scenario: a. Question: b? Answer: Yes",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, "yes") for text in YES),
        *((text, "no") for text in NO),
        *((text, UNPARSED) for text in NEITHER),
    ],
)
def test_an_answer_is_read_as_a_careful_reader_does(text: str, expected: str) -> None:
    assert read_yes_no(text)[0] == expected


@pytest.mark.xfail(strict=True, reason="known misses of the rules")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Is the answer yes? No.", "no"),
        ("Yeah, she does.", "yes"),
        ("She does not assume that they have bloomed.", "no"),
        ("No, they find their cabin unoccupied. So yes, they expect it.", UNPARSED),
    ],
)
def test_what_the_rules_do_not_read(text: str, expected: str) -> None:
    assert read_yes_no(text)[0] == expected


def test_a_score_says_what_was_read_and_how() -> None:
    right = score_yes_no("Yes.", "yes")
    assert (right.value, right.answer, right.category) == (1.0, "yes", "answered")
    assert right.reason == "read as yes: the first word; right"
    wrong = score_yes_no("So, the answer is: no", "yes")
    assert (wrong.value, wrong.answer, wrong.category) == (0.0, "no", "answered")
    assert wrong.reason == "read as no: stated as the answer; wrong, yes is right"
    unread = score_yes_no("Hm.", "yes")
    assert (unread.value, unread.answer, unread.category) == (0.0, UNPARSED, UNPARSED)


@pytest.mark.parametrize(
    ("yes", "no", "value"), [(-1.0, -2.0, 1.0), (-2.0, -1.0, 0.0), (-1.0, -1.0, 0.5)]
)
def test_forced_choice_halves_a_tie(yes: float, no: float, value: float) -> None:
    assert forced_choice({"yes": yes, "no": no}, "yes") == value
