"""What a text says of a story's setting, sentence by sentence, and the setting that it comes to.

What the text leaves open is settled as in generated plots: a thing's first place is where it is
first put, it may be in any container that is named, a container may hold whatever is said of it,
and surfaces are transparent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tombench.stories.events import Agent, Container, Setting, Variable
from tombench.stories.grammar import Said

OPENING = frozenset(
    ("people", "containers", "container", "glass", "full", "label", "label_unreadable")
)
"""Sorts that describe the setting; all others tell an event."""
UNKNOWN = ""
"""The room of a container of which nobody has said yet where it is."""


def expect(holds: bool, why: str) -> None:
    """Raise ValueError where the text contradicts itself."""
    if not holds:
        raise ValueError(why)


@dataclass
class Description:
    """What has been read of the setting so far; dicts are in the order of first mention."""

    agents: dict[str, str] = field(default_factory=dict)  # -> first room
    containers: dict[str, str] = field(default_factory=dict)  # -> room
    side: dict[str, str] = field(default_factory=dict)  # container -> in, on
    glass: set[str] = field(default_factory=set)
    label: dict[str, tuple[str, bool]] = field(default_factory=dict)  # and can it be read
    first: dict[str, str] = field(default_factory=dict)  # subject -> its first value
    things: set[str] = field(default_factory=set)
    fillings: dict[str, set[str]] = field(default_factory=dict)  # container -> all said of it

    def take(self, said: Said) -> None:
        """One sentence of the opening. Raises ValueError for a contradiction."""
        slots = said.slots
        match said.sort:
            case "people":
                for name in _filled(slots, "abc"):
                    expect(name not in self.agents, f"{name} is in a room already")
                    self.agents[name] = slots["room"]
            case "containers" | "container":
                for name in _filled(slots, "pq"):
                    expect(name not in self.containers, f"the {name} is there already")
                    self.containers[name] = slots["room"]
            case "glass":
                for name in _filled(slots, "pq"):
                    self.mention(name)
                    self.glass.add(name)
            case "full":
                expect(slots["p"] not in self.first, f"the {slots['p']} is full already")
                self.first[slots["p"]] = self.hold(slots["p"], slots["v"])
            case _:
                expect(slots["p"] not in self.label, f"the {slots['p']} has a label already")
                value = self.hold(slots["p"], slots["v"])
                self.label[slots["p"]] = value, said.sort == "label"

    def mention(self, container: str, room: str = UNKNOWN, side: str | None = None) -> str:
        """A container, in a room or none that is known; "in" or "on" it. Gives its name."""
        if self.containers.setdefault(container, room) == UNKNOWN:
            self.containers[container] = room
        if side:
            expect(self.side.setdefault(container, side) == side, f"in and on the {container}")
        return container

    def hold(self, container: str, filling: str) -> str:
        """A container may be full of that. Gives the filling."""
        self.mention(container)
        self.fillings.setdefault(container, set()).add(filling)
        return filling

    def setting(self) -> Setting:
        """What it comes to. Raises ValueError where the text does not say enough."""
        for subject in {*self.things, *self.fillings} - {*self.first}:
            raise ValueError(f"nobody says where the {subject} is at first, or what is in it")
        for name in self.things & {*self.containers}:
            raise ValueError(f"the {name} is a thing and a container")
        agents = (Agent(name, room) for name, room in self.agents.items())
        containers = tuple(self._container(name) for name in self.containers)
        variables = tuple(self._variable(subject) for subject in self.first)
        return Setting(tuple(agents), containers, variables)

    def _container(self, name: str) -> Container:
        rooms = {*self.containers.values()} - {UNKNOWN}
        room = self.containers[name]
        expect(room != UNKNOWN or len(rooms) == 1, f"nobody says where the {name} is")
        transparent = name in self.glass or self._is_surface(name)
        return Container(name, room or min(rooms), transparent, *self.label.get(name, ()))

    def _is_surface(self, name: str) -> bool:
        """A place that is never said to be "in" or "on" is like the story's others."""
        if name in self.side or name in self.fillings:
            return self.side.get(name) == "on"
        return {*self.side.values()} == {"on"}

    def _variable(self, subject: str) -> Variable:
        values = self.containers if subject in self.things else self.fillings[subject]
        return Variable(subject, tuple(sorted(values)), self.first[subject])


def _filled(slots: Mapping[str, str], keys: str) -> list[str]:
    return [slots[key] for key in keys if key in slots]
