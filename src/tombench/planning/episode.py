"""A symbolic episode: rooms, places with contents, what a person did, and what is asked about it.

Everything that plans reads this, wherever it came from: a text, a scene graph, our simulator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

PlaceKind = Literal["container", "surface"]
"""What holds things: a container shows its contents when it is opened, a surface at a glance."""

EventKind = Literal["start", "enter", "walk", "open", "close", "grab"]

Source = Literal["text", "closeness", "scene_graph", "file", "simulator"]
"""Which input says a fact."""

Answer = Literal["a", "b"]


@dataclass(frozen=True, order=True)
class Place:
    """A container or a surface; two rooms may have a coffeetable each."""

    room: str
    name: str  # as in the study's lists of beliefs: "2nd kitchencabinet", "fridge"

    @property
    def told(self) -> str:
        """In words: "fridge of the kitchen"."""
        return f"{self.name} of the {self.room or 'unknown room'}"

    @property
    def class_name(self) -> str:
        """The name without its ordinal: "kitchencabinet"."""
        return self.name.rpartition(" ")[2]

    @property
    def number(self) -> int | None:
        """Of a place among others of its class in a room: 2; None: it has none."""
        ordinal = self.name.partition(" ")[0]
        return int(ordinal[:-2]) if ordinal[:-2].isdecimal() else None


@dataclass(frozen=True)
class Furnishing:
    """A place and what is in or on it, as told at first: nothing moves until it is grabbed."""

    place: Place
    kind: PlaceKind
    contents: tuple[str, ...] = ()  # classes of things, one entry a thing: "plate", "plate"
    source: Source = "text"


@dataclass(frozen=True)
class Event:
    """One thing that the person did; `start` says in which room the person is at first."""

    kind: EventKind
    room: str | None = None  # of start and enter
    place: Place | None = None  # walked to (unless a thing is), opened, closed, grabbed from
    thing: str | None = None  # the class of thing that is walked to or grabbed
    done: bool = True  # False: about to; the person has not done it yet
    source: Source = "text"
    said: str = ""  # the words or the time step that say so


@dataclass(frozen=True)
class Claim:
    """That a person thinks a thing to be inside a place, or not to be there."""

    thing: str
    place: Place
    inside: bool


@dataclass(frozen=True)
class Hypothesis:
    """A goal and, where an option speaks of one, a belief about where it is."""

    goal: str
    belief: Claim | None = None


@dataclass(frozen=True)
class Query:
    """Which of two hypotheses is more likely, given what the person did."""

    question_type: str  # "1.1" to "2.4"; graded controls end in c: "1.1c"; "" where none is told
    options: tuple[Hypothesis, Hypothesis]  # (a), (b)
    stated: Claim | None = None  # a belief that the question takes for granted (type 2.1)
    key: Answer | None = None
    posterior: float | None = None  # P(a) under the model that wrote the episode, where it is known

    @property
    def family(self) -> Literal["belief", "goal"]:
        """Is it asked what the person believes, or what the person wants?"""
        return "goal" if self.options[0].belief is None else "belief"


@dataclass(frozen=True)
class Fault:
    """Something in an episode that does not add up."""

    check: str  # which check found it, in a few words with underscores: "unlisted_target"
    what: str  # one sentence


@dataclass(frozen=True)
class Episode:
    """One question with all that is known to answer it."""

    id: str  # of the question
    cluster: str  # of the episode that several questions are about
    person: str
    rooms: tuple[str, ...]
    furnishings: tuple[Furnishing, ...]
    events: tuple[Event, ...]
    query: Query
    nearby: tuple[tuple[str, ...], ...] = ()  # by time step, classes within a metre; () unknown
    theme: str = "home"
    state_text: str = ""  # what is in the apartment, in the words that were read
    question_text: str = ""  # the whole question as it was read
    faults: tuple[Fault, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """All places, in the order in which they are told."""
        return tuple(furnishing.place for furnishing in self.furnishings)

    def furnishing(self, place: Place) -> Furnishing:
        """What stands at a place. Raises KeyError where there is no such place."""
        for furnishing in self.furnishings:
            if furnishing.place == place:
                return furnishing
        raise KeyError(place)


def opened_places(events: Sequence[Event]) -> list[Place]:
    """What was opened, in that order; not what is about to be."""
    return [
        event.place
        for event in events
        if event.kind == "open" and event.done and event.place is not None
    ]
