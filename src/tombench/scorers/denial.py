"""Where a sentence turns round what it says: negations, doubts, and where a thought ends."""

import re
from collections.abc import Sequence

from tombench.scorers.english import NEGATIONS

REACH = 9  # words before a verb in which its subject and its denial are looked for

_STOPS = re.compile(
    r",?\s*\b(?:because|since|although|though|however|even though|due to|instead of|rather than|"
    r"which|who|so that|given that|based on|despite|unless|except)\b|[;(]|\s+nor\b"
    r"|,\s*(?:but|as|so|and|not|while|when|until|where|or)\b|\s+(?:but|and)\s+not\b"
    r"|\s+(?:but|when|while|as)\b(?!\s+a\b)"
)
_DOUBTS = re.compile(
    r"\b(?<!not )unlikely\b"
    r"|\b(?:little|wrong|incorrect|false|mistaken|mistake|unreasonable|untrue)\b"
    r"|\bnot (?:be )?(?:likely|true|possible|safe|reasonable|correct|assume|assumed|say|said"
    r"|conclude|concluded|infer|inferred)\b"
    r"|\bno (?:\w+ )?(?:reason|evidence|indication|way|basis|sign|suggestion)\b|\bnothing\b"
)


def clauses(sentence: str) -> list[str]:
    """A sentence cut where another thought begins: because, but, although, instead of."""
    return [part for part in _STOPS.split(sentence) if part and part.strip()]


def first_clause(sentence: str) -> str:
    """A sentence up to where a reason or a contrast begins; "" where it begins with one."""
    if _STOPS.match(sentence.lstrip()):
        return ""
    return next(iter(clauses(sentence.lstrip(" ,:.–—-"))), "")


def denied(before: Sequence[str], between: Sequence[str]) -> bool:
    """Is it denied that the subject holds it?

    Args:
        before: the words before the subject: "it is unlikely that …", "there is no reason for …".
        between: those from the subject to the verb: "… does not think", "… is wrong to think".
    """
    own = _own_part(between)
    doubts = bool(_DOUBTS.search(" ".join(before[-REACH:]))) + bool(_WRONG & set(own))
    return (doubts + negated(own)) % 2 == 1


_WRONG = frozenset("wrong mistaken incorrect".split())


def negated(words: Sequence[str]) -> bool:
    """An odd number of negations: "does not", "has yet to", "is not unaware"."""
    count = 0
    for place, word in enumerate(words):
        if word == "yet":
            count += place + 1 < len(words) and words[place + 1] == "to"
        elif word in NEGATIONS:
            count += 1
    return count % 2 == 1


def _own_part(between: Sequence[str]) -> Sequence[str]:
    """What belongs to the verb: "never reads the news and | never thinks"."""
    last = max((i for i, word in enumerate(between) if word in ("and", "or", "so")), default=-1)
    return between[last + 1 :]
