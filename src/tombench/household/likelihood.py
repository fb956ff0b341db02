"""How likely a person's events are in each configuration of initial exclusions.

A forward pass: the person stands and has to choose, or is on the way to a target that nobody else
knows. The law is that of `household.simulate`: a target is drawn, kept while it is possible, given
up when the goal comes into view; what is at hand on arrival is done for certain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp

import numpy as np
from numpy.typing import NDArray

from tombench.household.configurations import Configurations, Group
from tombench.household.law import Law
from tombench.planning.episode import Episode, Event, Place

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Target:
    """Where a person is going, and whether by a slip; a group stands for any one of its places."""

    row: int  # of the configurations' groups
    slipped: bool


@dataclass
class Likelihood:
    """One pass over the events of an episode."""

    episode: Episode
    ways: Mapping[tuple[str, str], str]  # the next room from one room to another
    goal: str
    law: Law
    known: Configurations

    room: str = field(default="", init=False)
    at: Place | None = field(default=None, init=False)
    seen: Place | None = field(default=None, init=False)  # the goal
    viewed: set[Place] = field(default_factory=set, init=False)  # and the goal is not there

    def __post_init__(self) -> None:
        cases = self.known.weights.shape
        self.idle: Array = np.ones(cases)  # P(events so far, about to choose)
        self.walking: dict[Target, Array] = {}  # P(events so far, on the way to this target)
        self.holders = {one.place for one in self.episode.furnishings if self.goal in one.contents}

    def masses(self) -> Array:
        """(cases,): P(events | case)."""
        events = self.episode.events
        self._come_into(str(events[0].room))
        for event, following in zip(events[1:], (*events[2:], None), strict=True):
            self._take(event)
            if event.kind in ("walk", "close") and following is not None:
                self.idle = self.idle * self._goes_on(following)
        return self.idle + sum(self.walking.values())

    def believes(self, place: Place) -> Array:
        """(cases,): 1 where the person holds a place possible now."""
        return self._open(self.known.at[place])

    def _take(self, event: Event) -> None:
        """Update both masses by one event; what an impossible event leaves is zero."""
        if event.kind == "enter":
            self._enter(str(event.room))
        elif event.kind == "walk" and event.place is not None:
            self._arrive(event.place)
        elif event.kind == "open" and event.place is not None:
            if event.done:
                self._view({event.place})
        elif event.kind == "close" and event.place in self.holders:
            self.idle = np.zeros_like(self.idle)  # whoever sees the goal at hand takes it
        elif event.kind == "grab" and event.thing != self.goal:
            self.idle = np.zeros_like(self.idle)

    def _goes_on(self, following: Event) -> Array | float:
        """P(the next event is of this kind | case), for one who stands at a place."""
        place, row = self.at, self.known.at[self.at] if self.at else None
        if place is None or row is None:
            return 1.0
        if self.known.groups[row].surface:
            return float((following.kind == "grab") == (self.seen == place))
        opens = self._open(row)
        if following.kind == "open":
            return opens
        return 1 - opens

    def _enter(self, room: str) -> None:
        """Those whose way leads into the room come in; some give up their target there."""
        self._set_out()
        had_seen, old = self.seen, self.room
        coming = {t: m for t, m in self.walking.items() if self._leads(old, t, room)}
        self._come_into(room)
        self.idle, self.walking = np.zeros_like(self.idle), {}
        for target, mass in coming.items():
            if self._gives_up(target, had_seen):
                self.idle = self.idle + mass
            else:
                self.walking[target] = mass

    def _leads(self, old: str, target: Target, room: str) -> bool:
        return self.ways.get((old, self.known.groups[target.row].room)) == room

    def _gives_up(self, target: Target, had_seen: Place | None) -> bool:
        group = self.known.groups[target.row]
        if self.seen != had_seen and self.seen != group.single:
            return True
        if target.slipped:
            return False
        if self.seen is not None:
            return self.seen != group.single
        return group.places[0] in self.viewed

    def _arrive(self, place: Place) -> None:
        """Only those who wanted to go to the place are left."""
        self._set_out()
        row = self.known.at[place]
        if self.known.groups[row].room != self.room:
            raise ValueError(f"{place} is walked to from the {self.room}, and no room is entered")
        none = np.zeros_like(self.idle)
        self.idle = sum((self.walking.get(Target(row, slip), none) for slip in (False, True)), none)
        self.walking, self.at = {}, place

    def _set_out(self) -> None:
        """Whoever stands draws a target; where nothing is possible the episode is over."""
        if not self.idle.any():
            return
        weights = [self._weight(row, group) for row, group in enumerate(self.known.groups)]
        total = sum(weights, np.zeros_like(self.idle))
        some = total > 0
        scale = np.where(some, self.idle, 0.0) / np.where(some, total, 1.0)
        slips = self.law.slip / (len(self.episode.places) - (self.at is not None))
        for row, group in enumerate(self.known.groups):
            kept = Target(row, False), (1 - self.law.slip) * scale * weights[row]
            others = len(group.places) - (self.at in group.places)
            slipped = Target(row, True), np.where(some, self.idle, 0.0) * slips * others
            for target, mass in (kept, slipped):
                self.walking[target] = self.walking.get(target, 0.0) + mass
        self.idle = np.zeros_like(self.idle)

    def _weight(self, row: int, group: Group) -> Array:
        """(cases,): exp(-nearness * [another room]) for each possible place of a group."""
        if group.single is not None and group.single == self.at:
            return np.zeros_like(self.idle)
        return self._open(row) * (1.0 if group.room == self.room else exp(-self.law.nearness))

    def _open(self, row: int) -> Array:
        """(cases,): how many places of a group are possible now."""
        group = self.known.groups[row]
        if self.seen is not None:
            return np.full_like(self.idle, float(self.seen == group.single))
        if group.places[0] in self.viewed:
            return np.zeros_like(self.idle)
        return self.known.open[row]

    def _come_into(self, room: str) -> None:
        self.room, self.at = room, None
        self._view(
            {
                one.place
                for one in self.episode.furnishings
                if one.kind == "surface" and one.place.room == room
            }
        )

    def _view(self, places: set[Place]) -> None:
        """Contents of these places are in view; the first that holds the goal is remembered."""
        found = sorted(places & self.holders, key=self.episode.places.index)
        self.seen = self.seen or (found[0] if found else None)
        self.viewed |= places - self.holders
