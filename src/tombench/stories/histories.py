"""Histories: the ways that a story may have gone, for `replay`.

Who is where, who perceives what and what events change is worked out here without `whereabouts` or
`tracker`, so that the two oracles of belief share no code.
"""

from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from tombench.stories.events import (
    AWAY,
    Attend,
    Audience,
    Distract,
    Enter,
    Exit,
    Fill,
    Look,
    Move,
    Peek,
    Plot,
    Swap,
    Tell,
    Whereabouts,
    actor,
)

World = tuple[str, ...]
"""A value for each variable, in the setting's order."""


class Happening(NamedTuple):
    """An event in a history."""

    number: int
    unseen: frozenset[str]  # who perceives it besides the event's group
    sincere: bool  # who claims something there believes it


class Correction(NamedTuple):
    """The world is `world` from now on, and nobody in the history notices."""

    world: World


class History(NamedTuple):
    """A world at first and what happens then."""

    start: World
    items: tuple[Happening | Correction, ...] = ()

    def then(self, item: Happening | Correction) -> "History":
        return History(self.start, (*self.items, item))


class Sight(NamedTuple):
    """What is seen inside a container."""

    container: str
    contents: str | None  # None: no variable says what the container is full of
    things: frozenset[str]


def whereabouts_after(plot: Plot, count: int) -> Whereabouts:
    """Where everybody is after the first `count` events."""
    room = {agent.name: agent.room for agent in plot.setting.agents}
    peeking: dict[str, str] = {}
    distracted: set[str] = set()
    for event in plot.events[:count]:
        match event:
            case Enter() | Exit():
                room[event.agent] = event.room if isinstance(event, Enter) else AWAY
                peeking.pop(event.agent, None)
                distracted.discard(event.agent)
            case Peek():
                peeking[event.agent] = event.room
            case Distract():
                distracted.add(event.agent)
            case Attend():
                distracted.discard(event.agent)
    return Whereabouts(room, peeking, frozenset(distracted))


def audience_of(plot: Plot, number: int) -> Audience:
    """Who perceives the event with that number, from 0."""
    event = plot.events[number]
    who = actor(event)
    if isinstance(event, Peek):
        return Audience(frozenset(), frozenset({who}))
    if isinstance(event, Tell) and event.private:
        return Audience(frozenset({who, event.hearer}))
    where = whereabouts_after(plot, number + isinstance(event, Enter | Attend))
    here = where.room[who]
    if here == AWAY:  # somewhere out of sight, so nobody else is there
        return Audience(frozenset({who}))
    attentive = {a for a, room in where.room.items() if room == here} - where.distracted
    watching = {a for a, room in where.peeking.items() if room == here}
    hears_only = isinstance(event, Tell)
    return Audience(frozenset(attentive | {who}), frozenset(() if hears_only else watching))


def sensed_in(plot: Plot, number: int) -> tuple[str, ...]:
    """The containers that the actor of the event with that number looks into."""
    match plot.events[number]:
        case Look(container=name):
            return (name,)
        case Swap(first=first, second=second):
            return (first, second)
        case Enter(room=here) | Peek(room=here):
            pass
        case Attend(agent=agent):
            here = whereabouts_after(plot, number).room[agent]
        case _:
            return ()
    return tuple(c.name for c in plot.setting.containers if c.transparent and c.room == here)


class Worlds:
    """The worlds of a plot: what one sees in them, and what becomes of them."""

    def __init__(self, plot: Plot) -> None:
        self.plot = plot
        self.variables = plot.setting.variables
        self.position = {variable.subject: i for i, variable in enumerate(self.variables)}

    def all(self) -> Iterable[World]:
        return product(*(variable.values for variable in self.variables))

    def after(self, world: World, item: Happening | Correction) -> World:
        """The world after that."""
        if isinstance(item, Correction):
            return item.world
        match self.plot.events[item.number]:
            case Move(thing=subject, to=value) | Fill(container=subject, value=value):
                return self.changed(world, subject, value)
            case Swap(first=first, second=second):
                return self._swapped(world, {first: second, second: first})
        return world

    def changed(self, world: World, subject: str, value: str) -> World:
        at = self.position[subject]
        return (*world[:at], value, *world[at + 1 :])

    def _swapped(self, world: World, other: dict[str, str]) -> World:
        values = []
        for at, (subject, value) in enumerate(zip(self.position, world, strict=True)):
            if self.plot.setting.is_place(subject):
                values.append(other.get(value, value))
            else:
                values.append(world[self.position.get(other.get(subject, subject), at)])
        return tuple(values)

    def look(self, world: World, containers: tuple[str, ...]) -> tuple[Sight, ...]:
        """How the containers look inside."""
        sights = []
        for name in containers:
            contents = world[self.position[name]] if name in self.position else None
            things = (s for s, at in self.position.items() if world[at] == name)
            sights.append(Sight(name, contents, frozenset(things)))
        return tuple(sights)

    def mended(self, world: World, sights: tuple[Sight, ...]) -> Iterable[World]:
        """The world made to fit; what is not where it was thought to be may be anywhere else."""
        looked_into = {sight.container for sight in sights}
        options = []
        for variable, value in zip(self.variables, world, strict=True):
            subject = variable.subject
            seen = [s.container for s in sights if subject in s.things]
            seen += [s.contents for s in sights if subject == s.container]
            if not seen and value in looked_into and self.plot.setting.is_place(subject):
                seen = [place for place in variable.values if place not in looked_into]
            options.append(seen or [value])
        return product(*options)
