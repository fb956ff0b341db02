"""The sentences of stories as patterns: each template of `renderings`, in each tense, backwards.

A sentence has one meaning: the sort of the template that it fits, and the words in its slots.
Templates are found by the words that they begin with, and what a sentence means is remembered,
since the cells of a contrast set share most of theirs.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from string import Formatter

from tombench.stories.renderings import RENDERINGS
from tombench.stories.telling import CONNECTIVES, Tense, in_tense
from tombench.stories.words import ERRANDS, OUTSIDE

TENSES: tuple[Tense, ...] = ("past", "present")
SORTS = {"glass_one": "glass", "alone": "people", "together": "people", "three": "people"}
"""Sorts that differ in how many they name alone."""
REMEMBERED = 4096  # sentences

_NAME, _NOUN = "[A-Z][a-z]+", "[a-z]+"
_SLOTS: Mapping[str, str] = {
    **dict.fromkeys("abc", _NAME),
    **{"in": "in|on", "out": "out of|off"},
    **{"a.they": "she|he", "a.them": "her|him", "a.their": "her|his"},
    **{"away": "|".join(OUTSIDE), "errand": "|".join(ERRANDS)},
}
_MEANINGLESS = ("away", "errand")  # the same event wherever somebody goes
_CLAIM = (
    "(?:the (?P<thing>{noun}) {be} (?P<side>in|on) the (?P<place>{noun})"
    "|the (?P<holder>{noun}) {be} full of (?P<filling>{noun}))"
)


class Unreadable(Exception):
    """A sentence that says nothing, or several things, or what cannot be after what was said."""

    def __init__(self, sentence: str, why: str) -> None:
        super().__init__(f"{why}: {sentence!r}")
        self.sentence, self.why = sentence, why


@dataclass(frozen=True)
class Said:
    """What a sentence says: a sort of `renderings`, or of `SORTS`, and the words in its slots."""

    sort: str
    tense: Tense
    slots: Mapping[str, str]


@dataclass(frozen=True)
class _Pattern:
    """One template in one tense."""

    sort: str
    tense: Tense
    regex: re.Pattern[str]

    def said(self, sentence: str) -> Said | None:
        found = self.regex.fullmatch(sentence)
        if found is None:
            return None
        slots = {slot: word for slot, word in found.groupdict().items() if word is not None}
        for slot in _MEANINGLESS:
            slots.pop(slot, None)
        return Said(SORTS.get(self.sort, self.sort), self.tense, slots)


def sentences(text: str) -> list[str]:
    """A story's sentences; each ends with a period, and none has another inside."""
    return [f"{part}." for part in text.removesuffix(".").split(". ")]


@lru_cache(maxsize=REMEMBERED)
def meaning(sentence: str) -> Said:
    """The one thing that a sentence says. Raises Unreadable."""
    bare = sentence
    for connective in CONNECTIVES:
        bare = bare.removeprefix(connective)
    found = [said for pattern in _candidates(bare) if (said := pattern.said(bare))]
    if not found:
        raise Unreadable(sentence, "no template says this")
    if any(said != found[0] for said in found):
        sorts = " or ".join(dict.fromkeys(f"{s.sort} ({s.tense})" for s in found))
        raise Unreadable(sentence, f"it may mean {sorts}")
    return found[0]


def _candidates(sentence: str) -> Iterator[_Pattern]:
    """The patterns whose literal words stand where the sentence has them."""
    words = sentence.split(" ", 2)
    index = _index()
    for key in ((words[0], ""), ("", words[1] if len(words) > 1 else "")):
        yield from index.get(key, ())
    yield from index.get(("", ""), ())


@cache
def _index() -> Mapping[tuple[str, str], list[_Pattern]]:
    """All patterns by their first word, or else their second, or else neither: slots are ""."""
    index: dict[tuple[str, str], list[_Pattern]] = {}
    for sort, renderings in RENDERINGS.items():
        for rendering in renderings:
            for tense in TENSES:
                template = in_tense(rendering.text, tense)
                first, second, *_ = ["" if "{" in word else word for word in template.split(" ", 2)]
                key = (first, "") if first else ("", second)
                index.setdefault(key, []).append(_Pattern(sort, tense, _regex(template, tense)))
    return index


def _regex(template: str, tense: Tense) -> re.Pattern[str]:
    """A template's pattern; a slot that stands twice holds the same word twice."""
    parts, seen = [], set()
    for literal, slot, _, _ in Formatter().parse(template):
        parts.append(re.escape(literal))
        if slot == "claim":
            be = "was" if tense == "past" else "is"
            parts.append(_CLAIM.format(noun=_NOUN, be=be))
        elif slot and "." in slot:
            parts.append(f"(?:{_SLOTS[slot]})")
        elif slot:
            parts.append(f"(?P={slot})" if slot in seen else f"(?P<{slot}>{_of(slot)})")
            seen.add(slot)
    return re.compile("".join(parts))


def _of(slot: str) -> str:
    return _SLOTS.get(slot, _NOUN)
