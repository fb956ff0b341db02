"""Take a yes/no question apart: who, which attitude, which content."""

import re
from collections.abc import Sequence

from tombench.scorers.attitudes import FINDING, SIGHT, STATED_BY, attitude
from tombench.scorers.denial import negated
from tombench.scorers.english import FUNCTION_WORDS, content, plain_words, stem
from tombench.scorers.propositions import FINITE, WHOLE, Proposition

_AUXILIARY = frozenset("do does did is are was were will would can could has have had".split())

_ANSWERING = (
    frozenset("do does did will would should can could".split()),
    frozenset("is are was were".split()),
    frozenset("has have had".split()),
)
"""Auxiliaries of a short answer, by that of the question: "she does", "she is"."""

_WHEN = frozenset("when while after before once until".split())  # a time, no content

_FOUND = frozenset("find see discover notice learn".split())  # "expects to find her towel"


def proposition(question: str, scene: str = "") -> Proposition | None:
    """Take a yes/no question apart; None where it asks about no attitude that is known here."""
    words = plain_words(question)
    start = next((i for i, word in reversed(list(enumerate(words))) if _asks(words, i)), None)
    if start is None:
        return None
    verb_at = next(i for i in range(start + 1, len(words)) if attitude(words[i]))
    kind = str(attitude(words[verb_at]))
    same, stated = STATED_BY[kind]
    complement = words[verb_at + 1 :]
    time = next((i for i, word in enumerate(complement) if i and word in _WHEN), len(complement))
    complement, aside = complement[:time], {*words[:start], *complement[time:]}
    subject = {word for word in words[start + 1 : verb_at] if word not in FUNCTION_WORDS}
    names = _names(f"{question} {scene}")
    if not subject:  # a pronoun: whoever the question names before it
        subject = {word for word in words[:start] if word in names} or {
            word for word in words[:start] if word not in FUNCTION_WORDS
        }
    frame, focus = _frame_and_focus(complement, names)
    return Proposition(
        subject=frozenset(subject),
        others=names - subject,
        verbs=stated,
        of_place=complement[:1] == ["where"],
        same_verb=same,
        frame=frozenset(frame),
        focus=tuple(focus),
        aside=frozenset(aside - set(complement)) | _FOUND.intersection(complement[:2]),
        names=frozenset(stem(name) for name in names),
        auxiliaries=next((own for own in _ANSWERING if words[start] in own), _AUXILIARY),
        direct=kind in ("see", "find") and not frame,
        of_all=bool(set(complement) & WHOLE),
        negated=negated(complement),
    )


def _asks(words: Sequence[str], place: int) -> bool:
    """Does the question proper begin here: an auxiliary with a known verb soon after it?"""
    return words[place] in _AUXILIARY and any(
        attitude(word) for word in words[place + 1 : place + 8]
    )


def _names(text: str) -> frozenset[str]:
    """Capitalised words that also stand inside a sentence, lower-cased."""
    inside = re.findall(r"(?<=[a-z,;:] )[A-Z][a-z]+", text)
    first = re.findall(r"(?:^|[.!?] )([A-Z][a-z]+)", text)
    counted = {word.lower() for word in inside}
    return frozenset(counted | {w.lower() for w in first if w.lower() not in FUNCTION_WORDS})


def _frame_and_focus(
    complement: Sequence[str], names: frozenset[str]
) -> tuple[list[str], list[str]]:
    """What a content is about, and what it says of that.

    "her tulips | have | bloomed": the predicate is what is said. "her chocolate in the cupboard":
    all of it. Names are frame: what is said of Amy is not Amy.
    """
    inner = next((i for i, word in enumerate(complement) if i and word in FINITE), None)
    verb = next((i for i, word in enumerate(complement) if word in FINDING | SIGHT), None)
    if inner is not None and (verb is None or inner < verb):
        frame, focus = content(complement[:inner]), content(complement[inner:])
        return frame, focus or frame
    start = 0 if verb is None or verb > 2 else verb + 1  # "to find her chocolate …"
    said = content(complement[start:])
    focus = [word for word in said if word not in {stem(name) for name in names}]
    return [word for word in said if word not in focus], focus or said
