"""Free text to a verdict: yes, no or unparsed, by the rules that docs/scoring.md states.

Nothing here knows the right answer but `score_yes_no`, which compares at the end.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from tombench.schema import Score
from tombench.scorers.categories import category_of_unread, repeats_example
from tombench.scorers.english import content, plain_words, sentences
from tombench.scorers.propositions import Proposition, Verdict, attitude, proposition

UNPARSED = "unparsed"
Rank = Literal["named", "concluded", "stated", "bare", "open"]

_INVENTED = re.compile(
    r"\b(?:Scenario|Context|Question)\s*:|\bRead the scenario and answer|\bAnswer the following"
)
_MARKS = re.compile(r"<\|?(?:endoftext|end_of_text|eot_id|im_end|s|/s|pad)\|?>|\[/?INST\]")
_MARK = r"[\s\"'“”‘’*#(<>\-–—.:_`]"  # what may stand around the word
_HEDGE = r"(?:(?:a|most|very|likely|probably|simply|clearly|definitely|therefore|that|still) )*"
_SPOKEN = {
    "yes": r"yes|yeah|yep|yup|correct|true|certainly|absolutely|of course(?! not)"
    r"|definitely(?! not)",
    "no": r"no|nope|nah|incorrect|false|not at all|of course not|definitely not|certainly not"
    r"|absolutely not|probably not|most likely not|unlikely|not likely|not necessarily",
}
_ANY = "|".join(f"(?P<{verdict}>{words})" for verdict, words in reversed(_SPOKEN.items()))
_NO_ANSWER = re.compile(
    r"\b(?:neither\s+|not\s+|either\s+)?(?:yes\s*(?:and|or|nor|/)\s*no"
    r"|no\s*(?:and|or|nor|/)\s*yes)\b"
    r"|\bnot\s+[\"'“‘*]*(?:yes|no)\b"
    r"|\bno(?:-|\s+)(?:one|idea|doubt|problem|way|information|evidence|indication|mention)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"\banswer(?:\s+to\s+th[^.:\n]{{0,40}})?\s*(?:is|would be|should be|must be|:|is:)\s*:?\s*"
    rf"{_HEDGE}{_MARK}*(?:{_ANY})\b",
    re.IGNORECASE,
)
_NAMES_ANSWER = re.compile(r"\b(?:the|final|correct|my) answer\b[^.\n]{0,40}?(?:\bis\b|:)", re.I)
_CONCLUDES = re.compile(
    rf"^{_MARK}*(?:(?:so|therefore|thus|hence|consequently|accordingly|finally|in conclusion"
    r"|in summary|to conclude|as a result|based on|given (?:that|this|the)|it (?:is|seems) (?:clear"
    r"|likely|safe)|overall)\b)",
    re.IGNORECASE,
)
_SO_SPOKEN = re.compile(
    rf"\b(?:so|therefore|thus|hence)\b[\s,:]*{_HEDGE}{_MARK}*(?:{_ANY})\b(?=\s*(?:[.,;:!]|$))",
    re.IGNORECASE,
)
_FIRST = re.compile(rf"^{_MARK}*(?:{_ANY})\b", re.IGNORECASE)
_WORD = re.compile(r"\b(yes|no)\b(?=\s*(?:[.,;:!\"'“”‘’)*<–—-]|$))", re.IGNORECASE)
_OPEN = re.compile(r"\b(may|might|could|can) or \1 not\b", re.IGNORECASE)
_CONDITION = re.compile(
    r"^\W*if\b|\bwhether or not\b"
    r"|\b(?:determine|clear|certain|sure|know|say|tell|on) (?:if|whether)\b",
    re.IGNORECASE,
)
_RETOLD = 0.99  # share of a sentence's content that one sentence of the scene holds


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
    category: str
    needs_review: bool = False


@dataclass(frozen=True)
class Evidence:
    """What one sentence says for yes or no."""

    verdict: Verdict
    rank: Rank
    certain: bool = True
    leads: bool = False  # the first sentence, begun with yes or no


def answered_part(text: str) -> str:
    """The text up to the first scenario or question that the model invents itself."""
    return _INVENTED.split(_MARKS.sub(" ", text), maxsplit=1)[0]


def read_yes_no(text: str, asked: Asked = NOTHING, truncated: bool = False) -> Reading:
    """The answer in a free text, how it was read, and its category (docs/scoring.md)."""
    whole, text = text, answered_part(text)
    truncated = truncated and _INVENTED.search(whole) is None
    if repeats_example(text, asked.scene + asked.question, asked.examples):
        return Reading(UNPARSED, "it is about a worked example", "example_repetition")
    found = _evidence(text, asked)
    reading = _decide(found, first=not asked.step_by_step)
    if reading is None and not any(e.rank == "open" for e in found):
        reading = _only_word(text)
    if reading:
        return reading
    category = category_of_unread(text, truncated, asked.step_by_step)
    how = {
        "truncated_reasoning": "cut off before a verdict",
        "question_evasion": "it says that this cannot be told",
        "multiple_answers": "it lists several answers",
        "rambling": "it goes on without a verdict",
    }.get(category, "it says neither yes nor no")
    return Reading(UNPARSED, how, category, needs_review=category == "truncated_reasoning")


def score_yes_no(text: str, target: str, asked: Asked = NOTHING, truncated: bool = False) -> Score:
    """Free text against the right answer; 1 right, 0 wrong or unparsed."""
    reading = read_yes_no(text, asked, truncated)
    verdict = "right" if reading.answer == target else f"wrong, {target} is right"
    reason = f"read as {reading.answer}: {reading.how}; {verdict}"
    value = float(reading.answer == target)
    return Score(value, reading.answer, reason, reading.category, reading.needs_review)


@lru_cache(maxsize=1024)
def _proposition(question: str, scene: str) -> Proposition | None:
    return proposition(question, scene)


def _evidence(text: str, asked: Asked) -> list[Evidence]:
    """What each sentence says for yes or no, in their order."""
    asks = _proposition(asked.question, asked.scene)
    retold = [_told(sentence) for sentence in sentences(asked.scene)]
    found = []
    for place, sentence in enumerate(sentences(text)):
        if sentence.rstrip("\"'”’*) ").endswith("?"):
            continue
        evidence = _of_sentence(sentence, asks, retold, first=place == 0)
        if evidence:
            found.append(evidence)
    return found


def _of_sentence(
    sentence: str, asks: Proposition | None, retold: Sequence[frozenset[str]], first: bool
) -> Evidence | None:
    plain = _NO_ANSWER.sub("…", sentence)
    named = _NAMED.search(plain) or _SO_SPOKEN.search(plain)
    spoken = _FIRST.search(plain)
    leads = first and spoken is not None
    rank: Rank = "stated"
    if named or _NAMES_ANSWER.search(plain):
        rank = "named"
    elif _CONCLUDES.search(plain):
        rank = "concluded"
    statements = []
    if _OPEN.search(sentence) and rank != "named":
        return Evidence("no", "open")
    if asks and not _CONDITION.search(sentence) and not _is_retold(sentence, retold):
        tail = sentence[named.end() :] if named else sentence
        statements = asks.stated_in(tail) or asks.stated_in(sentence)
        short = asks.answered_by(tail)
        if not statements and short:
            return Evidence(short, rank, leads=leads)
    if statements:
        certain = [s for s in statements if s.certain]
        chosen = (certain or statements)[-1]
        return Evidence(chosen.verdict, rank, bool(certain), leads)
    if named:
        return Evidence(_spoken(named), "named", leads=leads)
    return Evidence(_spoken(spoken), "bare", leads=first) if spoken else None


def _spoken(match: re.Match[str]) -> Verdict:
    return "yes" if match.group("yes") else "no"


def _is_retold(sentence: str, scene: Sequence[frozenset[str]]) -> bool:
    """Does it only retell a sentence of the scene?"""
    said = _told(sentence)
    return bool(said) and any(len(said & told) >= _RETOLD * len(said) for told in scene)


def _told(sentence: str) -> frozenset[str]:
    """What a sentence tells, whatever the tense of its verb of thinking or seeing."""
    words = plain_words(sentence)
    negations = {word for word in words if word in ("not", "no", "never")}
    return frozenset(content(attitude(word) or word for word in words)) | negations


def _decide(found: Sequence[Evidence], first: bool) -> Reading | None:
    """Rule 4: which sentence decides; of equal ones the `first`, in reasoning the last."""
    ranks = {rank: [e for e in found if e.rank == rank] for rank in get_args(Rank)}
    lead = next((e for e in found if e.leads), None)
    if named := ranks["named"]:
        if len({e.verdict for e in named}) > 1:
            return Reading(UNPARSED, "it names both yes and no as the answer", "multiple_answers")
        return Reading(named[-1].verdict, "named as the answer", "answered")
    if concluded := ranks["concluded"]:
        last = _surest(concluded)[-1]
        if lead and lead.verdict != last.verdict and lead.rank == "stated":
            how = f"it begins with {lead.verdict} and concludes {last.verdict}"
            return Reading(UNPARSED, how, "multiple_answers", needs_review=True)
        return Reading(last.verdict, "its conclusion says so", "answered", not last.certain)
    if ranks["open"]:
        return None
    if stated := ranks["stated"]:
        sure = _surest(stated)
        chosen = sure[0] if first or (lead and lead.rank == "stated") else sure[-1]
        differ = len({e.verdict for e in sure}) > 1
        return Reading(chosen.verdict, "what it states", "answered", differ or not chosen.certain)
    bare = ranks["bare"]
    if lead:
        return Reading(lead.verdict, "the first word", "answered")
    if bare and len({e.verdict for e in bare}) == 1:
        return Reading(bare[-1].verdict, "a sentence begins with it", "answered")
    if bare:
        return Reading(UNPARSED, "it says both yes and no", "multiple_answers")
    return None


def _surest(found: Sequence[Evidence]) -> Sequence[Evidence]:
    return [e for e in found if e.certain] or found


def _only_word(text: str) -> Reading | None:
    """Yes or no as the only such word of the text."""
    told = " ".join(s for s in sentences(_NO_ANSWER.sub("…", text)) if not s.endswith("?"))
    words = {match.lower() for match in _WORD.findall(told)}
    if len(words) == 1:
        return Reading(words.pop(), "the only yes or no in the text", "answered")
    if words:
        return Reading(UNPARSED, "it says both yes and no", "multiple_answers")
    return None
