"""Kinds of moments to ask about: what the last-target shortcut says, and how far that is probable.

A kind favours the shortcut, breaks it, or leaves doubt; a control asks fixed shares of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tombench.planning.episode import Episode
from tombench.planning.shortcuts import last_target

Verdict = Literal["inside", "not inside", "goal", "none"]
"""What the last-target shortcut says of a belief, or whether it names a goal."""

Agreement = Literal["right", "likely", "even", "unlikely", "wrong"]
"""How probable the shortcut's answer is; where it says nothing, the more probable option."""

SURE = 0.95
"""A posterior from which on there is hardly any doubt."""
EVEN = 0.55
"""A posterior up to which hardly anything is known."""
BATCH = 20
"""Questions among which the shares of kinds are exact."""


@dataclass(frozen=True)
class Kind:
    """What a moment is good for: to favour the shortcut, to break it, to leave doubt."""

    verdict: Verdict
    agreement: Agreement


def kind_of(episode: Episode) -> Kind:
    """By the events and the exact posterior; the key is not looked at."""
    query, answer = episode.query, last_target(episode)
    first, posterior = query.options[0], query.posterior or 0.0
    probable = posterior if answer == "a" else 1 - posterior
    if answer is None:
        return Kind("none", _agreement(max(posterior, 1 - posterior)))
    if first.belief is None:
        return Kind("goal", _agreement(probable))
    says_inside = (answer == "a") == a_is_inside(episode)
    return Kind("inside" if says_inside else "not inside", _agreement(probable))


def a_is_inside(episode: Episode) -> bool:
    """Does option (a) say that the thing is believed inside?"""
    belief = episode.query.options[0].belief
    return belief is not None and belief.inside


def _agreement(probable: float) -> Agreement:
    bounds: tuple[tuple[float, Agreement], ...] = (
        (1 - SURE, "wrong"),
        (1 - EVEN, "unlikely"),
        (EVEN, "even"),
        (SURE, "likely"),
    )
    return next((name for bound, name in bounds if probable < bound), "right")


SHARES: Mapping[str, Mapping[Kind, float]] = {
    "1.1c": {
        Kind("inside", "right"): 0.1,
        Kind("inside", "likely"): 0.25,
        Kind("not inside", "likely"): 0.25,
        Kind("not inside", "wrong"): 0.4,  # it is in view there, and the person went elsewhere
    },
    "1.2c": {
        Kind("inside", "right"): 0.1,
        Kind("inside", "likely"): 0.3,
        Kind("inside", "wrong"): 0.4,  # the person looked, and it is not there
        Kind("not inside", "likely"): 0.1,
        Kind("not inside", "right"): 0.1,
    },
    "1.3c": {
        Kind("inside", "right"): 0.05,
        Kind("inside", "likely"): 0.2,
        Kind("inside", "wrong"): 0.4,
        Kind("not inside", "likely"): 0.25,
        Kind("not inside", "right"): 0.1,
    },
    "2.1c": {
        Kind("goal", "right"): 0.3,
        Kind("goal", "likely"): 0.15,
        Kind("goal", "unlikely"): 0.25,
        Kind("goal", "wrong"): 0.3,  # what is not denied was in view, and was not taken
    },
    "2.2c": {
        Kind("goal", "right"): 0.3,
        Kind("goal", "likely"): 0.2,
        Kind("goal", "unlikely"): 0.05,
        Kind("goal", "wrong"): 0.3,  # what is there was in view elsewhere, and was not taken
        Kind("none", "likely"): 0.05,  # both goals are there
        Kind("none", "even"): 0.1,
    },
    "2.3c": {
        Kind("goal", "wrong"): 0.1,
        Kind("none", "right"): 0.75,
        Kind("none", "even"): 0.15,  # neither goal was in view
    },
    "2.4c": {
        Kind("none", "right"): 0.55,
        Kind("none", "likely"): 0.25,
        Kind("none", "even"): 0.2,
    },
}
"""How many of each kind a control asks; multiples of 1 / `BATCH`."""
