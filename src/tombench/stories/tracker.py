"""The first oracle: who holds which states possible, updated event by event.

A Kripke model whose states are shared and never change: a state is a world and, for each agent,
the states that the agent holds possible, so belief of any order can be read off. An event makes a
new state for each state in which somebody perceives it (a product update: Baltag, Moss & Solecki
1998); who does not perceive it keeps the old ones. Perception that fits nothing held possible
mends the world (`docs/stories.md`), so nobody ever holds nothing possible.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from tombench.stories.events import (
    Attend,
    Audience,
    Enter,
    Event,
    Fill,
    Look,
    Move,
    Peek,
    Plot,
    ReadLabel,
    Setting,
    Swap,
    Tell,
    Whereabouts,
)
from tombench.stories.whereabouts import at_first, audience, check, swapped, timeline

World = dict[str, str]
"""A value for each subject."""


@dataclass(eq=False)
class State:
    """A world and the states that each agent holds possible in it."""

    world: World
    possible: dict[str, "tuple[State, ...]"] = field(default_factory=dict)

    def definite(self, agent: str, subject: str) -> bool:
        """Has the agent a belief about the subject, right or wrong?"""
        return len({state.world[subject] for state in self.possible[agent]}) == 1


@dataclass(frozen=True)
class Step:
    """An event as it happens in a state: who perceives it, and what it teaches whom."""

    event: Event
    group: frozenset[str]
    unseen: frozenset[str]
    sensed: tuple[str, ...]  # containers that the actor looks into
    claim: tuple[str, str] | None  # subject and value that are said or written
    sincere: bool = False  # the claim holds

    def seen_by(self, agent: str, state: State) -> "Step":
        """The step as an agent who perceives it takes it to happen."""
        unseen = frozenset({agent}) - self.group
        return replace(self, unseen=unseen, sincere=self._believes(agent, state))

    def _believes(self, agent: str, state: State) -> bool:
        match self.event:
            case Tell(speaker, hearer, subject, trusted=True):
                if agent == speaker:
                    return self.sincere
                return agent == hearer or not state.definite(agent, subject)
            case ReadLabel(reader, container) if self.claim and agent == reader:
                return self.sincere or not state.definite(agent, container)
        return False


class Tracker:
    """A story as far as it has been told."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        names = [v.subject for v in setting.variables]
        worlds = product(*(v.values for v in setting.variables))
        states = tuple(State(dict(zip(names, values, strict=True))) for values in worlds)
        for state in states:
            state.possible = dict.fromkeys((a.name for a in setting.agents), states)
        initial = {v.subject: v.initial for v in setting.variables}
        self.actual = next(state for state in states if state.world == initial)
        where = at_first(setting)
        for agent in setting.agents:
            if agent.room:
                event = Attend(agent.name)
                self.happen(event, where, audience(event, where))

    def happen(self, event: Event, before: Whereabouts, heard: Audience) -> None:
        """One more event, with the whereabouts before it and its audience."""
        step = Step(
            event,
            heard.group,
            heard.unseen,
            sensed=_sensed(self.setting, event, before),
            claim=_claim(self.setting, event),
        )
        self.actual = _Update(self.setting).of(self.actual, self.actual.world, step)

    def believed(self, chain: Sequence[str], subject: str) -> frozenset[str]:
        """The values that remain possible for a chain of agents; see `believed`."""
        states = {self.actual}
        for agent in chain:
            states = {there for state in states for there in state.possible[agent]}
        return frozenset(state.world[subject] for state in states)


def track(plot: Plot) -> Tracker:
    """The whole story. Raises ValueError for an event that cannot happen."""
    check(plot)
    tracker = Tracker(plot.setting)
    for event, before, heard in timeline(plot):
        tracker.happen(event, before, heard)
    return tracker


def believed(plot: Plot, chain: Sequence[str], subject: str) -> frozenset[str]:
    """What (a, b, …) — a's belief about b's belief … — leaves possible for a subject at the end.

    One value is a definite belief; several mean that the chain's beliefs do not settle it; the
    empty chain gives the truth. Raises ValueError for an event that cannot happen.
    """
    return track(plot).believed(chain, subject)


class _Update:
    """The states that one event makes, each made once."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.made: dict[tuple[object, ...], State] = {}

    def of(self, state: State, world: World, step: Step) -> State:
        """`state`, its world perhaps mended to `world`, after the step."""
        # by content: mending may make states alike, which would multiply from event to event
        key = (tuple(world.values()), tuple(state.possible.values()), step)
        if key in self.made:
            return self.made[key]
        new = self.made[key] = State(_effect(self.setting, step.event, world))
        for agent, possible in state.possible.items():
            if agent in step.group or agent in step.unseen:
                view = step.seen_by(agent, state)
                worlds = self._learnt(agent, possible, world, view)
                new.possible[agent] = tuple(dict.fromkeys(self.of(s, w, view) for s, w in worlds))
            else:
                new.possible[agent] = possible
        return new

    def _learnt(
        self, agent: str, possible: tuple[State, ...], world: World, view: Step
    ) -> list[tuple[State, World]]:
        """What an agent still holds possible, with the worlds as mended."""
        same = [(state, state.world) for state in possible]
        if view.sincere and view.claim:
            subject, value = view.claim
            return _kept(same, lambda w: w[subject] == value, lambda w: [{**w, subject: value}])
        if view.sensed and agent == view.event.agent:
            seen = _look(self.setting, world, view.sensed)
            return _kept(
                same,
                lambda w: _look(self.setting, w, view.sensed) == seen,
                lambda w: _mended(self.setting, w, view.sensed, seen),
            )
        return same


def _kept(
    same: list[tuple[State, World]],
    fits: Callable[[World], bool],
    mend: Callable[[World], list[World]],
) -> list[tuple[State, World]]:
    """Those that fit; where none does, all as mended."""
    fitting = [(state, world) for state, world in same if fits(world)]
    return fitting or [(state, other) for state, world in same for other in mend(world)]


def _look(setting: Setting, world: World, containers: tuple[str, ...]) -> World:
    """What is seen in containers: their contents, and which things are in which."""
    return {
        subject: value
        for subject, value in world.items()
        if (value if setting.is_place(subject) else subject) in containers
    }


def _mended(
    setting: Setting, world: World, containers: tuple[str, ...], seen: World
) -> list[World]:
    """The worlds most like `world` in which the containers look as they were seen."""
    choices: list[list[tuple[str, str]]] = []
    for subject, value in world.items():
        values = (seen.get(subject, value),)
        if subject not in seen and setting.is_place(subject) and value in containers:
            values = setting.variable(subject).values
            values = tuple(other for other in values if other not in containers)
            if not values:
                raise ValueError(f"'{subject}' can be nowhere: all its places were seen")
        choices.append([(subject, other) for other in values])
    return [dict(pairs) for pairs in product(*choices)]


def _effect(setting: Setting, event: Event, world: World) -> World:
    match event:
        case Move(_, thing, to):
            return {**world, thing: to}
        case Fill(_, container, value):
            return {**world, container: value}
        case Swap(_, first, second):
            return {**world, **swapped(setting, world, first, second)}
    return world


def _sensed(setting: Setting, event: Event, before: Whereabouts) -> tuple[str, ...]:
    """The containers into which the event's actor looks."""
    match event:
        case Look(_, container):
            return (container,)
        case Swap(_, first, second):
            return (first, second)
        case Enter(_, room) | Peek(_, room):
            return tuple(c.name for c in setting.containers if c.transparent and c.room == room)
        case Attend(agent):
            room = before.room[agent]
            return tuple(c.name for c in setting.containers if c.transparent and c.room == room)
    return ()


def _claim(setting: Setting, event: Event) -> tuple[str, str] | None:
    """What is said or written and could be believed."""
    match event:
        case Tell(_, _, subject, value, trusted=True):
            return (subject, value)
        case ReadLabel(_, name):
            container = setting.container(name)
            if container.readable and container.label is not None:
                return (name, container.label)
    return None
