"""How much an answer in free text says it gives.

The amount that follows a word for giving counts ("I will donate 7"), else one that begins the
answer, else the only amount that is named. A number is read whole, so that the multiplier 2.5 is no
gift of 2 (the study took the first digits that it met). What is supposed, what others give and
what could be given do not count; amounts that disagree, ranges and amounts out of bounds are
invalid.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tombench.strategy.clauses import is_supposed, plain, sentences

Reason = Literal[
    "giving", "leading amount", "only amount", "conflict", "out of bounds", "no amount"
]


@dataclass(frozen=True)
class Donation:
    """What was read, and where."""

    amount: float | None  # None: invalid
    reason: Reason
    span: tuple[int, int] | None = None  # of characters of the text


NEAR = 24  # characters before a number, in which a factor is announced
_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_NUMBER = (
    rf"(?P<amount>(?<![\w.,-])-?\d+(?:\.\d+)?(?!\w|[.,]?\d)|\b(?:{'|'.join(_WORDS)}|nothing)\b)"
)
_PLAIN = re.compile(_NUMBER, re.I)
_LEADING = re.compile(
    rf"\s*{_NUMBER}(?=\s*(?:(?:dollars|points|units)\b\s*)?(?:$|[.,;:!\n]|because\b|since\b|as\b))",
    re.I,
)
_GIVE = (
    r"\b(?:donat(?:e|ed|ing)|contribut(?:e|ed|ing)|giv(?:e|ing)|gave|put(?:ting)?|"
    r"(?:donation|contribution|gift)\s*(?:of|is|:|=|would\s+be|will\s+be))"
)
_GIVING = re.compile(
    rf"{_GIVE}\s*:?\s*(?:(?!(?:not|if|or|than)\b)[a-z']+\s+){{0,4}}?{_NUMBER}", re.I
)
_RANGE = re.compile(r"\s*(?:-|–|—|to|or|and)\s*\d")
_FACTOR_BEFORE = re.compile(
    r"(?:\bby|\btimes|\bfactor\s+of|\bmultiplier\s+(?:of|is)|[x×*])\s*$", re.I
)
_FACTOR_AFTER = re.compile(r"\s*(?:%|times\b|[x×]\b|other\b|players?\b|people\b|percent\b)", re.I)
_NOT_GIVEN = re.compile(
    r"\b(?:not|never|n't|can|could|may|might|people|players|others|other|they|everyone|everybody|he|"
    r"she|would\s+you|you|we\s+all|all)\b[^,;]*$|n't\s[^,;]*$",
    re.I,
)


def donation(text: str, low: float = 0.0, high: float = 10.0) -> Donation:
    """The amount that an answer gives, between `low` and `high`, both of them allowed."""
    read = plain(text)
    given = list(_given(read))
    leading = _LEADING.match(read)
    if not given and leading and _stands(read, leading):
        given = [(leading, "leading amount")]
    if not given:
        named = [there for there in _PLAIN.finditer(read) if _stands(read, there)]
        inside = [there for there in named if low <= _value(there) <= high]
        given = [(there, "only amount") for there in inside or named]
    if not given:
        return Donation(None, "no amount")
    there, reason = given[0]
    span = there.span("amount")
    if len({_value(one) for one, _ in given}) > 1 or any(
        _RANGE.match(read, one.end()) for one, _ in given
    ):
        return Donation(None, "conflict", span)
    if not low <= _value(there) <= high:
        return Donation(None, "out of bounds", span)
    return Donation(_value(there), reason, span)


def _given(read: str) -> Iterator[tuple[re.Match[str], Reason]]:
    for start, sentence in sentences(read):
        for there in _GIVING.finditer(sentence):
            supposed = is_supposed(sentence, there.start(), there.end(), _PLAIN)
            if not supposed and not _NOT_GIVEN.search(sentence[: there.start()]):
                whole = _GIVING.match(read, start + there.start())
                if whole and _stands(read, whole):
                    yield whole, "giving"


def _stands(read: str, there: re.Match[str]) -> bool:
    """Is the number an amount: no factor, no share, no count of players?"""
    start, end = there.span("amount")
    before = read[max(0, start - NEAR) : start]
    return not _FACTOR_BEFORE.search(before) and not _FACTOR_AFTER.match(read, end)


def _value(there: re.Match[str]) -> float:
    word = there["amount"].lower()
    if word == "nothing":
        return 0.0
    return float(_WORDS.index(word)) if word in _WORDS else float(word)
