"""Situations for a policy to learn from, with the probabilities of all actions: soft labels.

Twins come one after the other: a situation, and the same with one place more or less that is
possible; what a place is worth to an action shows in nothing so well. Some situations are of
another goal than the agent's, as they are met when hypotheses are compared.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import Random

import numpy as np
from numpy.typing import NDArray

from tombench.household.agent import (
    DIVERSE,
    Diversity,
    Habits,
    action_probabilities,
    draw_agent,
    draw_exclusions,
    expected_probabilities,
    habits_of,
)
from tombench.household.layouts import Split
from tombench.household.simulate import episode_of, simulate
from tombench.household.trace import Trace
from tombench.household.world import THINGS, draw_apartment, kind_of
from tombench.planning.beliefs import decisions
from tombench.planning.episode import Claim, Place
from tombench.planning.policies.base import Labelled
from tombench.planning.situations import Situation

Label = Callable[[Situation], NDArray[np.float64]]


@dataclass(frozen=True)
class Labelling:
    """Which situations are taken from an episode, and how they are labelled."""

    diversity: Diversity = DIVERSE
    split: Split | None = "train"  # whose layouts; None: all
    twins: bool = True  # each situation is followed by its twin, where it has one
    other_goal: float = 0.5  # share of episodes whose situations under another goal follow
    expected: bool = True  # the mean over agents; False: the probabilities of the agent itself


def situations_with_labels(rng: Random, labelling: Labelling | None = None) -> Iterator[Labelled]:
    """Situations without end, episode by episode; a function of the random stream alone."""
    how = labelling or Labelling()
    while True:
        apartment = draw_apartment(rng, split=how.split)
        agent = draw_agent(rng, apartment, how.diversity)
        trace, habits = simulate(rng, apartment, agent), habits_of(agent, apartment)
        own = [choice.decision.situation for choice in trace.choices]
        yield from _labelled(rng, how, own, _label(how, habits))
        if rng.random() < how.other_goal:
            other = _of_another_goal(rng, trace, how.diversity)
            yield from _labelled(rng, how, other, _label(how, replace(habits, known=frozenset())))


def _label(how: Labelling, habits: Habits) -> Label:
    if how.expected:
        return partial(expected_probabilities, diversity=how.diversity)
    return partial(action_probabilities, habits=habits)


def _labelled(
    rng: Random, how: Labelling, situations: Sequence[Situation], label: Label
) -> Iterator[Labelled]:
    for situation in situations:
        yield Labelled(situation, tuple(label(situation).tolist()))
        twin = draw_twin(rng, situation) if how.twins else None
        if twin is not None:
            yield Labelled(twin, tuple(label(twin).tolist()))


def _of_another_goal(rng: Random, trace: Trace, diversity: Diversity) -> list[Situation]:
    """The same actions, looked at as those of somebody who wants something else."""
    goal = rng.choice([thing for thing in THINGS if thing != trace.agent.goal])
    places = [one.place for one in trace.apartment.furnishings]
    excluded = draw_exclusions(rng, places, diversity.exclusion)
    claims = [Claim(goal, place, inside=False) for place in sorted(excluded)]
    return [one.situation for one in decisions(episode_of(trace), goal, claims)]


def draw_twin(rng: Random, situation: Situation) -> Situation | None:
    """The same with one place added to the possible ones or taken away; None: there is none.

    Left alone are places in view, about which nobody can think otherwise, and the last possible
    one. As often as not it is the place where the person stands, if that is a closed container.
    """
    if situation.seen is not None:
        return None
    changeable = [p for p in situation.places if _out_of_view(situation, p)]
    if len(situation.possible) == 1:
        changeable = [place for place in changeable if place not in situation.possible]
    if not changeable:
        return None
    place = rng.choice(changeable)
    if situation.at in changeable and rng.random() < 0.5:
        place = situation.at
    kept = set(situation.possible) ^ {place}
    return replace(situation, possible=tuple(p for p in situation.places if p in kept))


def _out_of_view(situation: Situation, place: Place) -> bool:
    if kind_of(place) == "surface":
        return place.room != situation.room
    return not (place == situation.at and situation.is_open)
