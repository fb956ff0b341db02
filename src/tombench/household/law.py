"""The law that the people of our questions act by: what is known of them before they act.

Goals, exclusions and knowledge are hidden from whoever reads a question; the numbers here are not.
"""

from collections.abc import Collection
from dataclasses import dataclass
from random import Random

from tombench.household.agent import MEN, WOMEN
from tombench.household.trace import Agent, Apartment
from tombench.planning.episode import Place


@dataclass(frozen=True)
class Law:
    """How likely what is hidden of a person is, and how the person goes about."""

    exclusion: float = 0.25  # probability that a place is excluded from the start
    asked: float = 0.5  # the same for the place that a belief question asks about
    knowledge: float = 0.1  # probability to know where the goal is, where there is one
    slip: float = 0.02  # probability that a target is any place
    nearness: float = 1.5  # nats that another room costs


PLAIN = Law()
"""Of the seven plain types; as in training, where nearness is 1.5 at most."""

GRADED = Law(exclusion=0.5, slip=0.2, nearness=0.5)
"""Of the graded controls: absent-minded people, who leave room for doubt. Each place is excluded as
likely as not, so that any may be asked about, even after the fact."""


@dataclass(frozen=True)
class Hidden:
    """What is settled about a person before chance has its say."""

    goal: str
    asked: Place | None = None  # the place that a belief question asks about
    denied: frozenset[Place] = frozenset()  # excluded for certain, as a question states


def draw_person(rng: Random, apartment: Apartment, hidden: Hidden, law: Law) -> Agent:
    """A person under the law: each place is excluded by its own coin, but never all of them.

    A person of whom a question states that the goal is thought not to be somewhere does not know
    where it is.
    """
    places = [one.place for one in apartment.furnishings]
    holders = {one.place for one in apartment.furnishings if hidden.goal in one.contents}
    knows = bool(holders) and not hidden.denied and rng.random() < law.knowledge
    excluded = _draw_excluded(rng, places, hidden, law)
    return Agent(
        person=rng.choice(WOMEN + MEN),
        goal=hidden.goal,
        excluded=excluded - holders if knows else excluded,
        knows=knows,
        nearness=law.nearness,
        slip=law.slip,
    )


def chance_of_exclusion(place: Place, hidden: Hidden, law: Law) -> float:
    """P(a place is excluded) before all places together are ruled out."""
    if place in hidden.denied:
        return 1.0
    return law.asked if place == hidden.asked else law.exclusion


def _draw_excluded(
    rng: Random, places: Collection[Place], hidden: Hidden, law: Law
) -> frozenset[Place]:
    while True:
        drawn = frozenset(p for p in places if rng.random() < chance_of_exclusion(p, hidden, law))
        if len(drawn) < len(places):
            return drawn
