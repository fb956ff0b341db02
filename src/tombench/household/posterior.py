"""The exact posterior of a household question: the answer of one who knows the law, but not the
person.

What is hidden is summed out: the goal's or the belief's two possibilities, knowledge, every set of
initial exclusions, and the targets that were given up on the way. What the person did is given
whole, rooms entered included. Exclusions of places that nothing happened to matter by their number
in a room alone, so that they are counted, not listed (`configurations`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tombench.household.configurations import Configurations, configurations
from tombench.household.floorplan import FloorPlan
from tombench.household.law import Hidden, Law
from tombench.household.likelihood import Likelihood
from tombench.household.trace import Apartment
from tombench.planning.episode import Episode, Place

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What the events say about one goal."""

    likelihood: float  # P(events | goal)
    believed: float  # P(events, the asked place is believed possible at the end | goal)


def posterior_a(episode: Episode, apartment: Apartment, law: Law) -> float:
    """P(option (a) | events): both goals alike before; beliefs as the law has them.

    Raises:
        ValueError: under the law neither option lets the events happen.
    """
    query, ways = episode.query, next_rooms(apartment)
    first, second = query.options
    if first.belief is not None:
        hidden = Hidden(first.goal, asked=first.belief.place)
        found = evidence(episode, ways, hidden, law)
        inside = _share(found.believed, found.likelihood - found.believed)
        return inside if first.belief.inside else 1 - inside
    stated = query.stated
    a, b = (
        evidence(
            episode,
            ways,
            Hidden(
                goal, denied=frozenset({stated.place} if stated and stated.thing == goal else ())
            ),
            law,
        ).likelihood
        for goal in (first.goal, second.goal)
    )
    return _share(a, b)


def evidence(
    episode: Episode, ways: Mapping[tuple[str, str], str], hidden: Hidden, law: Law
) -> Evidence:
    """How likely the events are for one goal, with and without knowledge of where it is."""
    holds = any(hidden.goal in one.contents for one in episode.furnishings)
    knowledge = law.knowledge if holds and not hidden.denied else 0.0
    total = believed = 0.0
    for knows, prior in ((False, 1 - knowledge), (True, knowledge)):
        if prior == 0:
            continue
        known: Configurations = configurations(episode, hidden, law, knows)
        run = Likelihood(episode, ways, hidden.goal, law, known)
        masses = prior * known.weights * run.masses()
        total += float(masses.sum())
        if hidden.asked is not None:
            believed += float((masses * run.believes(hidden.asked)).sum())
    return Evidence(total, min(believed, total))


def next_rooms(apartment: Apartment) -> dict[tuple[str, str], str]:
    """Which room comes next on the way from one room to another."""
    plan = FloorPlan(apartment)
    targets: dict[str, Place] = {one.place.room: one.place for one in apartment.furnishings}
    found: dict[tuple[str, str], str] = {}
    for start in apartment.rooms:
        for room, place in targets.items():
            through = plan.way(start, place)[0].room
            if through is not None:
                found[start, room] = through
    return found


def _share(one: float, other: float) -> float:
    if one + other <= 0:
        raise ValueError("under the law these events cannot happen")
    return one / (one + other)
