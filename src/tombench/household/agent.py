"""Who walks through our apartments: what the person wants, excludes and knows, and the law by
which the person acts.

An action at hand comes first: to grab the goal, to close an open container, to open a closed one
that may hold the goal. Otherwise the person walks to a target. Compare the noisily rational agents
of inverse planning (Baker, Saxe & Tenenbaum 2009, "Action understanding as inverse planning").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log
from random import Random

import numpy as np
from numpy.typing import NDArray

from tombench.household.trace import Agent, Apartment
from tombench.household.world import THINGS, kind_of
from tombench.planning.episode import Claim, Place
from tombench.planning.situations import Action, Situation

GOAL_ABSENT = 0.08
"""How often a person looks for something that is not in the apartment."""

WOMEN = ("Agnes", "Carla", "Elsa", "Greta", "Ingrid", "Karin", "Mona", "Olga", "Rita", "Tina")
MEN = ("Bruno", "Derek", "Frank", "Hugo", "Jonas", "Lars", "Nils", "Pedro", "Stefan", "Viktor")
PEOPLE = WOMEN + MEN


@dataclass(frozen=True)
class Diversity:
    """How much agents differ from each other; zeros switch a difference off."""

    exclusion: float = 0.25  # probability that a place is excluded from the start
    knowledge: float = 0.1  # probability that the agent knows where the goal is
    slip: float = 0.02  # probability that a target is any place
    nearness: float = 1.5  # upper end of the uniform distribution that nearness is drawn from


DIVERSE = Diversity()
ALIKE = Diversity(exclusion=0, knowledge=0, slip=0, nearness=0)
"""Agents as they are drawn by default; agents that differ in their goals alone, the ablation."""


@dataclass(frozen=True)
class Habits:
    """What decides about an agent's actions besides the situation."""

    nearness: float = 0.0  # nats that another room costs
    slip: float = 0.02
    known: frozenset[Place] = frozenset()  # where the agent knows the goal to be; empty: nowhere
    weights: Mapping[Place, float] = field(default_factory=dict)  # of places; none: all alike


def draw_agent(rng: Random, apartment: Apartment, diversity: Diversity) -> Agent:
    """A person with a goal and an initial belief; not all places are excluded."""
    held = {thing for one in apartment.furnishings for thing in one.contents}
    absent = [thing for thing in THINGS if thing not in held]
    present = [thing for thing in THINGS if thing in held]
    goal = rng.choice(absent if absent and rng.random() < GOAL_ABSENT else present or absent)
    holders = _holders(apartment, goal)
    knows = bool(holders) and rng.random() < diversity.knowledge
    places = [one.place for one in apartment.furnishings]
    excluded = draw_exclusions(rng, places, diversity.exclusion)
    return Agent(
        person=rng.choice(PEOPLE),
        goal=goal,
        excluded=excluded - holders if knows else excluded,
        knows=knows,
        nearness=rng.uniform(0, diversity.nearness),
        slip=diversity.slip,
    )


def draw_exclusions(rng: Random, places: Sequence[Place], share: float) -> frozenset[Place]:
    """Each place with this probability, rightly or not, but never all of them."""
    while True:
        drawn = frozenset(place for place in places if rng.random() < share)
        if len(drawn) < len(places):
            return drawn


def claims_of(agent: Agent) -> tuple[Claim, ...]:
    """The initial belief as the belief tracker takes it."""
    return tuple(Claim(agent.goal, place, inside=False) for place in sorted(agent.excluded))


def habits_of(agent: Agent, apartment: Apartment) -> Habits:
    """The habits of an agent in an apartment."""
    places = [one.place for one in apartment.furnishings]
    weights = dict(zip(places, agent.weights, strict=True)) if agent.weights else {}
    known = _holders(apartment, agent.goal) if agent.knows else frozenset()
    return Habits(agent.nearness, agent.slip, known, weights)


def _holders(apartment: Apartment, thing: str) -> frozenset[Place]:
    return frozenset(one.place for one in apartment.furnishings if thing in one.contents)


def at_hand(situation: Situation, known: frozenset[Place] = frozenset()) -> Action | None:
    """What to do at the place where the person stands, before any walk; None: nothing.

    What is in a closed container has to be taken out of it, so a goal that was seen there is no
    more at hand than one that may be there.
    """
    here = situation.at
    if here is None:
        return None
    closed = not situation.is_open and kind_of(here) == "container"
    if situation.seen == here and not closed:
        return Action("grab", here, situation.goal)
    if situation.is_open:
        return Action("close", here)
    return Action("open", here) if closed and here in _believed(situation, known) else None


def target_shares(situation: Situation, habits: Habits) -> dict[Place, float]:
    """P(target) = softmax(log weight - nearness * [another room]); empty: nothing is possible."""
    targets = [p for p in _believed(situation, habits.known) if p != situation.at]
    further = exp(-habits.nearness)
    weights = [
        habits.weights.get(place, 1.0) * (1.0 if place.room == situation.room else further)
        for place in targets
    ]
    total = sum(weights)
    return {place: weight / total for place, weight in zip(targets, weights, strict=True)}


def _believed(situation: Situation, known: frozenset[Place]) -> tuple[Place, ...]:
    """Where the person looks: where it is known to be, if that is still possible."""
    return tuple(p for p in situation.possible if p in known) or situation.possible


def action_probabilities(situation: Situation, habits: Habits) -> NDArray[np.float64]:
    """P(candidate) if the agent decided now, without memory of an earlier target.

    1 - slip is spread over sensible actions, slip over all candidates alike; where nothing is
    sensible, all are alike.

    Returns:
        (candidates,), adding up to 1.
    """
    action = at_hand(situation, habits.known)
    return _spread(situation, action, target_shares(situation, habits), habits.slip)


def expected_probabilities(situation: Situation, diversity: Diversity) -> NDArray[np.float64]:
    """P(candidate) where the agent's nearness and knowledge are unknown: the mean over agents.

    Where somebody goes who knows where the goal is says nothing to one who does not: all possible
    places alike. For m possible places in the room and n elsewhere, and nearness uniform on [0, K],
    the mean share of a place in the room is 1/(mK) log((m e^K + n) / (m + n)).

    Returns:
        (candidates,), adding up to 1.
    """
    targets = [place for place in situation.possible if place != situation.at]
    inside = [place for place in targets if place.room == situation.room]
    m, n, nearest = len(inside), len(targets) - len(inside), diversity.nearness
    shares = {}
    if targets:
        alike, known = 1 / (m + n), diversity.knowledge
        near = log((m * exp(nearest) + n) / (m + n)) / (m * nearest) if m and nearest else alike
        far = (1 - m * near) / n if n and m else alike
        near, far = (known * alike + (1 - known) * share for share in (near, far))
        shares = {place: near if place.room == situation.room else far for place in targets}
    return _spread(situation, at_hand(situation), shares, diversity.slip)


def _spread(
    situation: Situation, action: Action | None, shares: Mapping[Place, float], slip: float
) -> NDArray[np.float64]:
    candidates = situation.candidates
    if action is not None:
        sensible = np.array([one == action for one in candidates], float)
    else:
        sensible = np.array(
            [shares.get(one.place, 0.0) if one.kind == "walk" else 0.0 for one in candidates]
        )
    if not sensible.any():
        return np.full(len(candidates), 1 / len(candidates))
    return (1 - slip) * sensible + slip / len(candidates)
