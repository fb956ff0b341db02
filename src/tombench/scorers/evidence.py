"""What each sentence of an answer says for yes or for no: rules 1 to 3 of docs/scoring.md."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tombench.scorers.attitudes import attitude
from tombench.scorers.categories import evades
from tombench.scorers.denial import first_clause
from tombench.scorers.english import content, plain_words, sentences
from tombench.scorers.propositions import (
    Proposition,
    Statement,
    Verdict,
)
from tombench.scorers.questions import proposition

Rank = Literal["named", "concluded", "stated", "bare", "open"]

_MARK = r"[\s\"'“”‘’*#(<>\-–—.:_`]"  # what may stand around the word
_ALONE = r"(?=\s*(?:[.,;:]|$))"  # "Certainly! Let me think" and "True friends" are no answer
_HEDGE = r"(?:(?:a|most|very|likely|probably|simply|clearly|definitely|therefore|that|still) )*"
_SPOKEN = {
    "no": r"no|nope|nah|not at all|of course not|definitely not|certainly not|absolutely not"
    r"|probably not|most likely not|not likely|not necessarily|I do(?: not|n['’]t) think so"
    rf"|(?:incorrect|false|unlikely){_ALONE}",
    "yes": rf"yes|yeah|yep|yup|(?:correct|true|certainly|absolutely|of course|definitely){_ALONE}",
}
_ANY = "|".join(f"(?P<{verdict}>{words})" for verdict, words in _SPOKEN.items())
_NO_ANSWER = re.compile(
    r"\b(?:neither\s+|not\s+|either\s+)?(?:yes\s*(?:and|or|nor|/)\s*no"
    r"|no\s*(?:and|or|nor|/)\s*yes)\b"
    r"|\bnot\s+[\"'“‘*]*(?:yes|no)\b"
    r"|\bno(?:-|\s+)(?:one|idea|doubt|problem|way|information|evidence|indication|mention"
    r"|answer)\b|\boh,? no\b|\btrue\s*(?:/|or)\s*false\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"\banswer(?:\s+to\s+th[^.:\n]{{0,40}})?\s*(?:is|would be|should be|must be|:|is:)\s*:?\s*"
    rf"{_HEDGE}{_MARK}*(?:{_ANY})\b",
    re.IGNORECASE,
)
_NAMES_ANSWER = re.compile(
    r"\b(?:the|final|correct|my) answer\b[^.\n]{0,40}?(?:\bis\b|:)", re.IGNORECASE
)
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
    r"^\W*if\b|\bwhether or not\b|\b(?:determine|clear|certain|say|tell|on) (?:if|whether)\b",
    re.IGNORECASE,
)
_TURNS = re.compile(r"^\W*(?:however|but|so|therefore|thus|without)\b", re.IGNORECASE)
_RETOLD = 0.99  # share of a sentence's content that one sentence of the scene holds


@dataclass(frozen=True)
class Evidence:
    """What one sentence says for yes or no."""

    verdict: Verdict
    rank: Rank  # how it decides; "open": it says that both are possible
    certain: bool = True
    first: bool = False  # the first sentence of the answer
    spoken: bool = False  # begun with yes or no
    narrates: bool = False  # as a step of a list it tells what happens, and answers nothing


def evidence(text: str, question: str, scene: str, step_by_step: bool) -> list[Evidence]:
    """What the sentences of an answer say for yes or no, in their order."""
    asks = _proposition(question, scene)
    retold = _tellings(scene)
    found = []
    for place, sentence in enumerate(sentences(text)):
        if sentence.rstrip("\"'”’*) ").endswith("?"):
            continue
        said = _of_sentence(sentence, asks, retold, first=place == 0)
        if said and not (step_by_step and said.rank == "stated" and said.narrates):
            found.append(said)
    return found


def only_words(text: str) -> set[str]:
    """Which of yes and no stand anywhere in the text, its questions left out."""
    told = " ".join(s for s in sentences(_NO_ANSWER.sub("…", text)) if not s.endswith("?"))
    return {match.lower() for match in _WORD.findall(told)}


@lru_cache(maxsize=1024)
def _proposition(question: str, scene: str) -> Proposition | None:
    return proposition(question, scene)


@lru_cache(maxsize=1024)
def _tellings(scene: str) -> tuple[frozenset[str], ...]:
    return tuple(_told(sentence) for sentence in sentences(scene))


def _of_sentence(
    sentence: str, asks: Proposition | None, retold: Sequence[frozenset[str]], first: bool
) -> Evidence | None:
    plain = _NO_ANSWER.sub("…", sentence)
    named = _NAMED.search(plain) or _SO_SPOKEN.search(plain)
    begun = _FIRST.search(plain)
    rank: Rank = "concluded" if _CONCLUDES.search(plain) else "stated"
    if named or _NAMES_ANSWER.search(plain):
        rank = "named"
    if rank != "named" and _is_open(sentence) and not (asks and asks.concerns_another(sentence)):
        return Evidence("no", "open", first=first)
    statements = _statements(sentence, asks, retold, plain[named.end() :] if named else None)
    if statements:
        sure = [s for s in statements if s.certain]
        last = (sure or statements)[-1]
        narrates = not last.own or (asks is not None and asks.direct and not sure)
        return Evidence(last.verdict, rank, bool(sure), first, begun is not None, narrates)
    if named:
        return Evidence(_spoken(named), "named", first=first)
    return Evidence(_spoken(begun), "bare", first=first, spoken=True) if begun else None


def _statements(
    sentence: str, asks: Proposition | None, retold: Sequence[frozenset[str]], tail: str | None
) -> list[Statement]:
    """What the sentence states; after a named answer (`tail`) its next clause alone.

    "The answer is no, as they should have noticed …": the reason does not override the answer.
    """
    if asks is None or _CONDITION.search(sentence):
        return []
    if tail is not None:
        sentence = first_clause(tail)
    if short := asks.answered_by(sentence):
        return [Statement(short, certain=True)]
    return [] if _is_retold(sentence, retold) else asks.stated_in(sentence)


def _is_open(sentence: str) -> bool:
    """Does it say that both are possible, or conclude that this cannot be told?"""
    turns = _TURNS.search(sentence) or _CONCLUDES.search(sentence)
    return bool(_OPEN.search(sentence) or (turns and evades(sentence)))


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
