"""Free text to a verdict: yes, no or unparsed, by the rules that docs/scoring.md states.

Nothing here knows the right answer but `score_yes_no`, which compares at the end.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from tombench.schema import Score
from tombench.scorers.categories import category_of_unread, lists_options, repeats_example
from tombench.scorers.evidence import Evidence, Rank, evidence, only_words

UNPARSED = "unparsed"

_INVENTED = re.compile(
    r"\b(?:Scenario|Context|Question|Interviewer|Example|Story)\s*(?:#?\d+|[A-Z])?\s*:"
    r"|^\W*(?:Scenario|Question)\s*\d*\s*$|^#+ (?:Scene|Question)\b"
    r"|\bRead the (?:following )?(?:scenario|text|story) and answer|\bAnswer the following",
    re.MULTILINE,
)
_MARKS = re.compile(r"<\|?(?:endoftext|end_of_text|eot_id|im_end|s|/s|pad)\|?>|\[/?INST\]")
_HOW = {
    "truncated_reasoning": "cut off before a verdict",
    "question_evasion": "it says that this cannot be told",
    "multiple_answers": "it lists several answers",
    "rambling": "it goes on without a verdict",
}


@dataclass(frozen=True)
class Asked:
    """What was asked: an answer is held against it."""

    question: str = ""
    scene: str = ""
    examples: str = ""  # the worked examples that were shown
    step_by_step: bool = False


NOTHING = Asked()
"""Where the question is not known, an answer is read by its words of yes and no alone."""


@dataclass(frozen=True)
class Reading:
    """What an answer says."""

    answer: str  # yes, no or unparsed
    how: str  # the rule that read it, in words
    category: str = "answered"
    needs_review: bool = False


def answered_part(text: str, question: str = "") -> str:
    """The text up to the first scenario or question that the model invents itself.

    An echo of the asked `question` is no invention.
    """
    text = _MARKS.sub(" ", text)
    if question:
        echo = rf"^\W*Question\s*:[^?\n]*\?|Question\s*:\s*{re.escape(question)}"
        text = re.sub(echo, " ", text, count=1)
    return _INVENTED.split(text, maxsplit=1)[0]


@lru_cache(maxsize=1 << 14)  # repetitions often say the same
def read_yes_no(text: str, asked: Asked = NOTHING, truncated: bool = False) -> Reading:
    """The answer in a free text, how it was read, and its category (docs/scoring.md).

    Args:
        text: as drawn, a reasoning model's thinking taken away.
        asked: the question and its scene, which the text's statements are held against.
        truncated: the text was stopped by the limit of new tokens, not by the model.
    """
    truncated = truncated and _INVENTED.search(text) is None
    text = answered_part(text, asked.question)
    if repeats_example(text, asked.scene + asked.question, asked.examples):
        return Reading(UNPARSED, "it is about a worked example", "example_repetition")
    if lists_options(text):
        return _several("it lists yes and no as options")
    found = evidence(text, asked.question, asked.scene, asked.step_by_step)
    reading = _decided(found, asked.step_by_step) or _only_word(text, found)
    if reading:
        return reading
    category = category_of_unread(text, truncated, asked.step_by_step)
    how = _HOW.get(category, "it says neither yes nor no")
    return Reading(UNPARSED, how, category, needs_review=category == "truncated_reasoning")


def score_yes_no(text: str, target: str, asked: Asked = NOTHING, truncated: bool = False) -> Score:
    """Free text against the right answer; 1 right, 0 wrong or unparsed."""
    reading = read_yes_no(text, asked, truncated)
    verdict = "right" if reading.answer == target else f"wrong, {target} is right"
    reason = f"read as {reading.answer}: {reading.how}; {verdict}"
    value = float(reading.answer == target)
    return Score(value, reading.answer, reason, reading.category, reading.needs_review)


def _decided(found: Sequence[Evidence], step_by_step: bool) -> Reading | None:
    """Rule 4: which sentence decides."""
    ranks = {rank: [e for e in found if e.rank == rank] for rank in get_args(Rank)}
    if named := ranks["named"]:
        if len({e.verdict for e in named}) > 1:
            return _several("it names both yes and no as the answer")
        return Reading(named[-1].verdict, "named as the answer")
    if concluded := ranks["concluded"]:
        return _concluded(_surest(concluded)[-1], found)
    if ranks["open"]:
        return None
    if _lists_both(found):
        return _several("it says both yes and no")
    if stated := ranks["stated"]:
        sure = _surest(stated)
        chosen = sure[-1] if step_by_step and not sure[0].spoken else sure[0]
        doubtful = len({e.verdict for e in sure}) > 1 or not chosen.certain
        return Reading(chosen.verdict, "what it states", needs_review=doubtful)
    if bare := ranks["bare"]:
        how = "the first word" if bare[0].first else "a sentence begins with it"
        return Reading(bare[0].verdict, how)
    return None


def _concluded(last: Evidence, found: Sequence[Evidence]) -> Reading:
    """The last conclusion counts, unless the answer began with another."""
    begun = found[0]
    direct = begun.first and begun.spoken and begun.rank == "stated"
    if direct and begun.verdict != last.verdict:
        return _several(f"it begins with {begun.verdict} and concludes {last.verdict}")
    return Reading(last.verdict, "its conclusion says so", needs_review=not last.certain)


def _lists_both(found: Sequence[Evidence]) -> bool:
    """Do some sentences begin with yes or no and say yes, others no?"""
    return len({e.verdict for e in found if e.spoken or e.rank == "bare"}) > 1


def _several(how: str) -> Reading:
    return Reading(UNPARSED, how, "multiple_answers", needs_review=True)


def _surest(found: Sequence[Evidence]) -> Sequence[Evidence]:
    return [e for e in found if e.certain] or found


def _only_word(text: str, found: Sequence[Evidence]) -> Reading | None:
    """Yes or no as the only such word of the text."""
    if any(e.rank == "open" or e.spoken for e in found):
        return None
    words = only_words(text)
    if len(words) == 1:
        return Reading(words.pop(), "the only yes or no in the text")
    return _several("it says both yes and no") if words else None
