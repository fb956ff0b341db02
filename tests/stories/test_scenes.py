"""The training scenes: same seed same bytes, keys by rule, no constant answer wins."""

import hashlib
import json
import re
from collections import Counter
from importlib.resources import files
from random import Random

import pytest

from tombench.prompts import HEADERS, STEP_BY_STEP
from tombench.stories.corpus import draw_any_question, draw_text
from tombench.stories.facts import draw_fact_question
from tombench.stories.questions import KINDS, draw_question
from tombench.stories.scenes import ACCESSES, draw_scene

WATCHED = next(access for access in ACCESSES if access.after == "{a} watched {b}.")
LEFT = next(access for access in ACCESSES if access.why == "{a} left the {room}.")


def corpus(count: int, seed: str = "test") -> list[str]:
    texts = (draw_text(Random(f"{seed}/{number}")) for number in range(count))
    return [text.prompt + text.answer for text in texts]


def test_same_seed_gives_same_bytes() -> None:
    assert corpus(50) == corpus(50)
    assert corpus(50) != corpus(50, "other")


def test_corpus_of_the_shipped_model_is_unchanged() -> None:
    """Whoever changes the corpus retrains `tiny`: its card claims that its command remakes it."""
    digest = hashlib.sha256("\0".join(corpus(200)).encode()).hexdigest()
    assert digest.startswith("296c3556c491bf92")


@pytest.mark.parametrize("access", [WATCHED, LEFT])
def test_who_watched_is_informed_and_who_left_is_not(access: object) -> None:
    scene = draw_scene(Random(0), (access,))
    expected = scene.change.after if access is WATCHED else scene.change.before
    assert scene.believed == expected
    assert scene.change.before != scene.change.after
    assert scene.story.index(scene.change.start) < scene.story.index(scene.change.event)


def test_either_sort_of_access_has_people_who_stay_and_who_leave() -> None:
    for informed in (True, False):
        presence = {access.present for access in ACCESSES if access.informed == informed}
        assert presence == {True, False}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", [True, False])
def test_question_has_the_answer_that_was_asked_for(kind: str, answer: bool) -> None:
    for number in range(50):
        question = draw_question(Random(f"{kind}/{number}"), kind, answer)
        negated = " not " in question.statement or "n't " in question.statement
        assert question.answer is answer
        assert negated is not answer
        assert question.text.endswith("?") and question.statement.endswith(".")


@pytest.mark.parametrize("answer", [True, False])
def test_fact_has_the_answer_that_was_asked_for(answer: bool) -> None:
    for number in range(200):
        question = draw_fact_question(Random(number), answer)
        reason = question.reasons[0].removesuffix(".").lower()
        assert (" not " in question.statement) is not answer
        assert reason in question.story.lower() or " now " in question.text
        if question.text.startswith(("Is", "Are")):
            assert (reason == question.statement.removesuffix(".").lower()) is answer


@pytest.mark.parametrize("informed", [True, False])
def test_belief_follows_access_and_not_reality(informed: bool) -> None:
    for number in range(100):
        question = draw_question(Random(number), "belief", True, informed)
        conclusion = question.reasons[-1].removesuffix(".").split(" thinks that ")[1]
        predicate = re.split(r" (?:is|are) ", conclusion, maxsplit=1)[1]
        assert predicate in question.text
        assert question.belief == ("true" if informed else "false")


def test_answers_and_beliefs_are_balanced() -> None:
    questions = [draw_any_question(Random(f"balance/{number}")) for number in range(6000)]
    answers = Counter((question.form, question.answer) for question in questions)
    for form in {question.form for question in questions}:
        share = answers[form, True] / (answers[form, True] + answers[form, False])
        assert share == pytest.approx(0.5, abs=0.06), form
    beliefs = Counter(
        (question.belief, question.answer) for question in questions if question.kind == "belief"
    )
    for count in beliefs.values():
        assert count / sum(beliefs.values()) == pytest.approx(0.25, abs=0.03)


FIXED = (*HEADERS.values(), STEP_BY_STEP, "So, the answer is: Yes", "So, the answer is: No")
LAYOUT = re.compile("|".join(map(re.escape, FIXED)))


def six_word_sequences(text: str) -> set[tuple[str, ...]]:
    """All runs of six words, none across what the prompt's own layout says."""
    found = set()
    for part in LAYOUT.split(text):
        words = re.findall(r"[a-z']+", part.lower())
        found |= {tuple(words[i : i + 6]) for i in range(len(words) - 5)}
    return found


def strings_in(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings_in(part)]
    return [text for part in value for text in strings_in(part)] if isinstance(value, list) else []


def test_no_six_words_of_a_test_vignette_are_trained_on() -> None:
    path = files("tombench.data") / "vignettes" / "scenarios.json"
    if not path.is_file():
        pytest.skip("data/vignettes/scenarios.json is not there")
    tested = set()
    for text in strings_in(json.loads(path.read_text(encoding="utf-8"))):
        tested |= six_word_sequences(text)
    assert tested
    trained = set()
    for text in corpus(5000):
        trained |= six_word_sequences(text)
    assert trained & tested == set()
