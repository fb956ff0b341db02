"""Random legal plots over the whole event language, for hypothesis or from a seeded Random.

What is legal is worked out here once more, so that the plots also test `whereabouts.check`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations
from random import Random
from typing import Any

from hypothesis import strategies as st

from tombench.stories.events import (
    AWAY,
    Agent,
    Attend,
    Container,
    Distract,
    Enter,
    Event,
    Exit,
    Fill,
    Look,
    Move,
    Nothing,
    Peek,
    Plot,
    ReadLabel,
    Setting,
    Swap,
    Tell,
    Variable,
)

AGENTS = ("Anna", "Ben", "Cleo")
ROOMS = ("hall", "kitchen")
CONTAINERS = ("box", "jar", "tin")
THINGS = ("ball", "coin")
FILLINGS = ("pencils", "sweets", "stones", "tea")
LONGEST = 10

Choose = Callable[[list[Any]], Any]
Allowed = Callable[["Scene", Event], bool]


class Scene:
    """Where everybody and everything is while a plot is drawn."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.world = {variable.subject: variable.initial for variable in setting.variables}
        self.room = {agent.name: agent.room for agent in setting.agents}
        self.peeking: dict[str, str] = {}
        self.distracted: set[str] = set()

    def legal(self) -> Iterator[Event]:
        """The events that may come next."""
        for agent in self.room:
            yield from self._of_whereabouts(agent)
            yield from self._tells(agent)
            yield Nothing(agent, "hums")
            if self.room[agent] != AWAY and agent not in self.distracted:
                yield from self._in_the_room(agent)

    def _of_whereabouts(self, agent: str) -> Iterator[Event]:
        here = self.room[agent]
        rooms = {c.room for c in self.setting.containers} | {a.room for a in self.setting.agents}
        for room in sorted(rooms - {here, AWAY}):
            yield Enter(agent, room)
            if here == AWAY and self.peeking.get(agent) != room:
                yield Peek(agent, room)
        if here != AWAY:
            yield Attend(agent) if agent in self.distracted else Distract(agent)
        if here != AWAY or agent in self.peeking:
            yield Exit(agent)

    def _tells(self, agent: str) -> Iterator[Event]:
        here = self.room[agent]
        claims = [(v.subject, value) for v in self.setting.variables for value in v.values]
        for hearer in self.room.keys() - {agent}:
            near = self.room[hearer] == here != AWAY and hearer not in self.distracted
            for subject, value in claims:
                for trusted in (True, False):
                    yield Tell(agent, hearer, subject, value, True, trusted)
                    if near:
                        yield Tell(agent, hearer, subject, value, False, trusted)

    def _in_the_room(self, agent: str) -> Iterator[Event]:
        near = [c for c in self.setting.containers if c.room == self.room[agent]]
        names = {container.name for container in near}
        for container in near:
            yield Look(agent, container.name)
            yield ReadLabel(agent, container.name)
        for variable in self.setting.variables:
            if variable.subject in names:
                yield from (Fill(agent, variable.subject, value) for value in variable.values)
            elif self.world[variable.subject] in names:
                places = [value for value in variable.values if value in names]
                yield from (Move(agent, variable.subject, place) for place in places)
        yield from (Swap(agent, *pair) for pair in permutations(names, 2) if self._alike(*pair))

    def _alike(self, first: str, second: str) -> bool:
        """May whatever is in the one be in the other?"""
        values = {v.subject: set(v.values) for v in self.setting.variables}
        contents = [values.get(first, set()), values.get(second, set())]
        places = [v.values for v in self.setting.variables if self.setting.is_place(v.subject)]
        return contents[0] == contents[1] and all(
            (first in known) == (second in known) for known in places
        )

    def happen(self, event: Event) -> None:
        match event:
            case Move(thing=subject, to=value) | Fill(container=subject, value=value):
                self.world[subject] = value
            case Swap(first=first, second=second):
                other = {first: second, second: first}
                before = dict(self.world)
                for subject, value in before.items():
                    if self.setting.is_place(subject):
                        self.world[subject] = other.get(value, value)
                    elif subject in other:
                        self.world[subject] = before[other[subject]]
            case Enter(agent=agent) | Exit(agent=agent):
                self.room[agent] = event.room if isinstance(event, Enter) else AWAY
                self.peeking.pop(agent, None)
                self.distracted.discard(agent)
            case Peek(agent=agent, room=room):
                self.peeking[agent] = room
            case Distract(agent=agent):
                self.distracted.add(agent)
            case Attend(agent=agent):
                self.distracted.discard(agent)


def draw_setting(choose: Choose, room_count: int) -> Setting:
    """Two or three agents and containers, one or two variables of any sorts."""
    rooms = list(ROOMS[:room_count])
    agents = tuple(Agent(name, choose([*rooms, *rooms, AWAY])) for name in AGENTS[: choose([2, 3])])
    names = CONTAINERS[: choose([2, 3])]
    place = [Variable(thing, names[: choose([2, 3])], choose(list(names[:2]))) for thing in THINGS]
    contents = []
    for name, count in zip(names, (choose([2, 3, 4]), choose([2, 3])), strict=False):
        values = FILLINGS[:count]
        contents.append(Variable(name, values, choose(list(values))))
    pairs = [(place[0],), (contents[0],), place, contents, (place[0], contents[0])]
    variables = tuple(choose(pairs))
    filled = {variable.subject: variable.values for variable in variables}
    containers = []
    for name in names:
        container = Container(name, choose(rooms), transparent=choose([False, False, True]))
        if name in filled and choose([True, False]):
            label = choose(list(filled[name]))
            container = replace(container, label=label, readable=choose([True, True, False]))
        containers.append(container)
    return Setting(agents, tuple(containers), variables)


def draw_plot(choose: Choose, setting: Setting, allowed: Allowed | None = None) -> Plot:
    """A legal plot: of what may come next, first the kind is drawn, then the event."""
    scene = Scene(setting)
    events = []
    for _ in range(choose(list(range(LONGEST + 1)))):
        by_kind: dict[type, list[Event]] = {}
        for event in scene.legal():
            if allowed is None or allowed(scene, event):
                by_kind.setdefault(type(event), []).append(event)
        kinds = sorted(by_kind, key=lambda kind: kind.__name__)
        kinds += [kind for kind in kinds if kind in (Move, Fill, Swap, Look, Enter)]  # else rare
        event = choose(sorted(by_kind[choose(kinds)], key=repr))
        scene.happen(event)
        events.append(event)
    return Plot(setting, tuple(events))


@st.composite
def settings(draw: st.DrawFn, room_count: int) -> Setting:
    return draw_setting(lambda options: draw(st.sampled_from(options)), room_count)


@st.composite
def plots(draw: st.DrawFn, setting: Setting | None = None, allowed: Allowed | None = None) -> Plot:
    """Random legal plots, in this setting or any, of these events or all."""
    setting = setting or draw(settings(draw(st.sampled_from([1, 2]))))
    return draw_plot(lambda options: draw(st.sampled_from(options)), setting, allowed)


def random_plots(seed: int, count: int) -> Iterator[Plot]:
    """As many plots, always the same from the same seed."""
    random = Random(seed)
    for _ in range(count):
        yield draw_plot(random.choice, draw_setting(random.choice, random.choice([1, 2])))
