"""All that can be excluded at first, with as few cases as the events of an episode allow.

Places to which nothing happened are alike within their room and kind: how many of them are not
excluded is all that matters to how likely the events are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb

import numpy as np
from numpy.typing import NDArray

from tombench.household.law import Hidden, Law, chance_of_exclusion
from tombench.planning.episode import Episode, Place

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """Places that are alike to the events, in one room and of one kind."""

    room: str
    surface: bool
    places: tuple[Place, ...]

    @property
    def single(self) -> Place | None:
        """The place of a group of one."""
        return self.places[0] if len(self.places) == 1 else None


@dataclass(frozen=True)
class Configurations:
    """Every case: how many places of each group are believed possible at first."""

    groups: tuple[Group, ...]
    open: Array  # (groups, cases): numbers of places not excluded
    weights: Array  # (cases,): P(case); they add up to 1

    @cached_property
    def at(self) -> Mapping[Place, int]:
        """In which group a place is."""
        return {place: row for row, one in enumerate(self.groups) for place in one.places}


def configurations(episode: Episode, hidden: Hidden, law: Law, knows: bool) -> Configurations:
    """All cases for a person with a goal.

    One who knows where the goal is looks there alone, whatever else is excluded: a single case.
    """
    groups = _groups(episode, hidden)
    if knows:
        held = _holders(episode, hidden.goal)
        numbers = [[sum(place in held for place in one.places)] for one in groups]
        return Configurations(groups, np.array(numbers, float), np.ones(1))
    axes = [
        _Axis.of(one, episode, chance_of_exclusion(one.places[0], hidden, law)) for one in groups
    ]
    number = np.array(_grid([axis.numbers for axis in axes]))
    weights = np.prod(_grid([axis.chances for axis in axes]), axis=0)
    unseen = np.prod([axis.all_excluded for axis in axes if not axis.matters])
    everywhere = np.prod([axis.all_excluded for axis in axes])
    weights = np.where(number.sum(axis=0) == 0, (1 - unseen) * weights, weights)
    kept = weights > 0
    return Configurations(groups, number[:, kept], weights[kept] / (1 - everywhere))


def _grid(axes: Sequence[Array]) -> list[Array]:
    return [axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")]


@dataclass(frozen=True)
class _Axis:
    """How many places of a group may be open, as far as the events leave that open."""

    numbers: Array
    chances: Array  # P(number), of these numbers
    all_excluded: float  # P(all of the group are excluded), whatever the events
    matters: bool  # False: its places are in view from the start, and any number does

    @classmethod
    def of(cls, group: Group, episode: Episode, excluded: float) -> "_Axis":
        """The axis of a group whose places are excluded with this probability each."""
        size = len(group.places)
        all_excluded = excluded**size
        if group.surface and group.room == episode.events[0].room:
            return cls(np.zeros(1), np.ones(1), all_excluded, matters=False)
        pinned = None if group.surface or size > 1 else _pinned(episode, group.places[0])
        numbers = range(size + 1) if pinned is None else (pinned,)
        chances = [comb(size, n) * (1 - excluded) ** n * excluded ** (size - n) for n in numbers]
        return cls(np.array(numbers, float), np.array(chances), all_excluded, matters=True)


def _pinned(episode: Episode, place: Place) -> int | None:
    """1 where a container was opened, 0 where a person stood before it and went on; else None.

    Who does not know where the goal is opens what may hold it, and nothing else.
    """
    own = [number for number, event in enumerate(episode.events) if event.place == place]
    if any(episode.events[number].kind == "open" for number in own):
        return 1
    return 0 if own and own[0] + 1 < len(episode.events) else None


def _groups(episode: Episode, hidden: Hidden) -> tuple[Group, ...]:
    """Each place that something happened to is by itself, and so is one that holds the goal."""
    alone = {event.place for event in episode.events} | _holders(episode, hidden.goal)
    alone |= {hidden.asked, *hidden.denied}
    found: dict[tuple[object, ...], list[Place]] = {}
    kinds: dict[tuple[object, ...], bool] = {}
    for one in episode.furnishings:
        surface = one.kind == "surface"
        key = (one.place.room, surface, one.place if one.place in alone else None)
        found.setdefault(key, []).append(one.place)
        kinds[key] = surface
    return tuple(Group(str(key[0]), kinds[key], tuple(own)) for key, own in found.items())


def _holders(episode: Episode, thing: str) -> set[Place | None]:
    return {one.place for one in episode.furnishings if thing in one.contents}
