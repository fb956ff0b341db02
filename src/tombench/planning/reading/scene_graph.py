"""What scene graphs show: the apartment, where the person is, what is near and open, what happens.

Places and things of the language's classes alone are looked at. Places that ordinals tell apart
are numbered by where they stand (x, then z of the bounding box), else by id; several surfaces of a
class in one room are one place, as in texts.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from tombench.errors import UserError
from tombench.planning.episode import Event, Furnishing, Place
from tombench.planning.reading.graph_file import Graph, Node, read_graphs
from tombench.planning.reading.language import HOME, Language
from tombench.planning.reading.scene import nth

PERSON = "character"
_HOLDS = frozenset({"HOLDS_RH", "HOLDS_LH"})
_IN = frozenset({"INSIDE", "ON"})


@dataclass(frozen=True)
class Seen:
    """What was seen, by time step where it changes."""

    rooms: tuple[str, ...]
    furnishings: tuple[Furnishing, ...]  # as it is at the first step
    events: tuple[Event, ...]
    whereabouts: tuple[str, ...]  # the person's room
    nearby: tuple[tuple[str, ...], ...]  # classes that are close to the person
    opened: tuple[frozenset[Place], ...]  # containers that stand open


def read_scene_graphs(path: Path, language: Language = HOME) -> Seen:
    """What a file of scene graphs shows.

    Raises:
        UserError: the file is malformed, or nobody is in it; names file, step and field.
    """
    graphs = read_graphs(path)
    for step, graph in enumerate(graphs):
        if not any(node.name == PERSON for node in graph.nodes):
            raise UserError(f"{path} step {step}: no node of class '{PERSON}', so nobody acts")
    return seen(graphs, language)


def seen(graphs: Sequence[Graph], language: Language = HOME) -> Seen:
    """What graphs show, each of which has a node of the class "character"."""
    steps = [_Step(graph, language) for graph in graphs]
    names = _Names(steps[0], language)
    return Seen(
        tuple(node.name for node in steps[0].rooms),
        names.furnishings,
        tuple(_events(steps, names)),
        tuple(step.whereabouts for step in steps),
        tuple(step.near for step in steps),
        tuple(
            frozenset(names.places[one] for one in step.open if one in names.places)
            for step in steps
        ),
    )


@dataclass(frozen=True)
class _Step:
    """A graph with its relations at hand."""

    graph: Graph
    language: Language

    @cached_property
    def nodes(self) -> Mapping[int, Node]:
        return {node.id: node for node in self.graph.nodes}

    @cached_property
    def rooms(self) -> list[Node]:
        return [node for node in self.graph.nodes if node.name in self.language.rooms]

    @cached_property
    def person(self) -> int:
        return next(node.id for node in self.graph.nodes if node.name == PERSON)

    @cached_property
    def _within(self) -> Mapping[int, list[int]]:
        found: defaultdict[int, list[int]] = defaultdict(list)
        for edge in self.graph.edges:
            if edge.relation in _IN:
                found[edge.start].append(edge.end)
        return found

    def around(self, node: int, names: Mapping[str, object]) -> list[int]:
        """What of some classes the node is inside of, or on."""
        return [one for one in self._within.get(node, ()) if self._name(one) in names]

    def room(self, node: int) -> str:
        """The room of a node; "" where no edge tells it."""
        found = self.around(node, self.language.rooms)
        return self._name(found[0]) if found else ""

    @cached_property
    def whereabouts(self) -> str:
        return self.room(self.person)

    @cached_property
    def near(self) -> tuple[str, ...]:
        known = {*self.language.containers, *self.language.surfaces, *self.language.things}
        found = []
        for edge in self.graph.edges:
            ends = (edge.start, edge.end)
            if edge.relation == "CLOSE" and self.person in ends:
                name = self._name(ends[ends[0] == self.person])
                found += [name] if name in known else []
        return tuple(dict.fromkeys(found))

    @cached_property
    def open(self) -> frozenset[int]:
        return frozenset(node.id for node in self.graph.nodes if "OPEN" in node.states)

    @cached_property
    def held(self) -> frozenset[int]:
        return frozenset(
            edge.end
            for edge in self.graph.edges
            if edge.start == self.person and edge.relation in _HOLDS
        )

    def _name(self, node: int) -> str:
        return self.nodes[node].name if node in self.nodes else ""


@dataclass
class _Names:
    """Which node is which place, from the first step on."""

    step: _Step
    language: Language
    places: dict[int, Place] = field(default_factory=dict)
    furnishings: tuple[Furnishing, ...] = ()

    def __post_init__(self) -> None:
        known = {**self.language.containers, **self.language.surfaces}
        groups: defaultdict[tuple[str, str], list[Node]] = defaultdict(list)
        for node in self.step.graph.nodes:
            if node.name in known:
                groups[self.step.room(node.id), node.name].append(node)
        for (room, name), nodes in groups.items():
            surface = self.language.kind(name) == "surface"
            several = name in self.language.numbered or (len(nodes) > 1 and not surface)
            for order, node in enumerate(sorted(nodes, key=_standing), start=1):
                told = f"{nth(order)} {name}" if several else name
                self.places[node.id] = Place(room, told)
        self.furnishings = tuple(self._furnishings())

    def _furnishings(self) -> Iterator[Furnishing]:
        contents: defaultdict[Place, list[str]] = defaultdict(list)
        known = {**self.language.containers, **self.language.surfaces}
        for node in self.step.graph.nodes:
            if node.name in self.language.things:
                for one in self.step.around(node.id, known)[:1]:
                    contents[self.places[one]].append(node.name)
        for place in dict.fromkeys(self.places.values()):
            kind = self.language.kind(place.class_name)
            yield Furnishing(place, kind, tuple(contents[place]), "scene_graph")


def _standing(node: Node) -> tuple[float, float, int]:
    """From left to right: x, then z, then id."""
    position = node.position
    return (position[0], position[-1], node.id) if len(position) > 1 else (0.0, 0.0, node.id)


def _events(steps: Sequence[_Step], names: _Names) -> Iterator[Event]:
    yield Event("start", room=steps[0].whereabouts or None, source="scene_graph", said="step 0")
    at: Place | None = None
    for number, (before, now) in enumerate(pairwise(steps), start=1):
        said = f"step {number}"
        if now.whereabouts and now.whereabouts != before.whereabouts:
            at = None
            yield Event("enter", room=now.whereabouts, source="scene_graph", said=said)
        for node in sorted(before.open ^ now.open):
            place = names.places.get(node)
            if place is None:
                continue
            if place != at:
                yield Event("walk", place=place, source="scene_graph", said=said)
            at = place
            kind = "open" if node in now.open else "close"
            yield Event(kind, place=place, source="scene_graph", said=said)
        for node in sorted(now.held - before.held):
            yield _grab(before, node, names, said)


def _grab(before: _Step, node: int, names: _Names, said: str) -> Event:
    known = {**names.language.containers, **names.language.surfaces}
    held_by = [names.places[one] for one in before.around(node, known) if one in names.places]
    place = held_by[0] if held_by else None
    thing = before.nodes[node].name if node in before.nodes else ""
    return Event("grab", place=place, thing=thing, source="scene_graph", said=said)
