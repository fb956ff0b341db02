"""Contrast sets: one story in eight cells that differ in what the protagonist perceives.

Kosinski (2024), PNAS 121 (45), e2405460121: a false belief, three true-belief controls that are
matched to it, and each of the four with places or contents exchanged. A set counts as solved only
if all are.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from tombench.stories.casting import Cast, Frame
from tombench.stories.events import (
    Agent,
    Container,
    Enter,
    Event,
    Exit,
    Look,
    Move,
    Nothing,
    Plot,
    ReadLabel,
    Setting,
    Tell,
    Variable,
)

Paradigm = Literal["transfer", "contents"]
PARADIGMS: tuple[Paradigm, ...] = ("transfer", "contents")

CELLS: Mapping[Paradigm, tuple[str, ...]] = {
    "transfer": ("false_belief", "no_transfer", "informed", "present"),
    "contents": ("false_belief", "correct_label", "informed", "open_container"),
}
VARIANTS = ("original", "reversed")
MATCHED = {"transfer": "present", "contents": "open_container"}
"""The control whose belief is the other one, told in the same words: with the false belief it
makes a pair."""


def cell_plot(paradigm: Paradigm, cell: str, cast: Cast, frame: Frame) -> Plot:
    """The plot of one of `CELLS`."""
    return _CELL_PLOTS[paradigm](cell, cast, frame)


def transfer_setting(cast: Cast, frame: Frame, *, transparent: bool = False) -> Setting:
    """Protagonist and other in a room with two places for one thing."""
    people = [cast.protagonist, cast.other, *([cast.bystander] if frame.bystander else [])]
    places = tuple(sorted(cast.places))
    return Setting(
        tuple(Agent(person.name, cast.room) for person in people),
        tuple(Container(place, cast.room, transparent) for place in places),
        (Variable(cast.thing, places, cast.places[0]),),
    )


def put_away(cast: Cast, frame: Frame) -> tuple[Event, ...]:
    """The thing is put into its first place, as everybody sees."""
    who = cast.other if frame.put_by_other else cast.protagonist
    idle = (Nothing(cast.protagonist.name, "idle"),) if frame.idle[0] else ()
    return (*idle, Move(who.name, cast.thing, cast.places[0]))


def moved(cast: Cast, frame: Frame, to: str) -> tuple[Event, ...]:
    """The other moves the thing."""
    return (Move(cast.other.name, cast.thing, to),)


def left(cast: Cast, frame: Frame) -> tuple[Event, ...]:
    """How the other ends: away or there."""
    idle = (Nothing(cast.other.name, "idle"),) if frame.idle[1] else ()
    return (*idle, *((Exit(cast.other.name),) if frame.other_leaves else ()))


def _transfer(cell: str, cast: Cast, frame: Frame) -> Plot:
    who, room, then = cast.protagonist.name, cast.room, cast.places[1]
    move = moved(cast, frame, cast.places[0] if cell == "no_transfer" else then)
    away, back, end = (Exit(who),), (Enter(who, room),), left(cast, frame)
    told = (Tell(cast.other.name, who, cast.thing, then),) if cell == "informed" else ()
    changes = (*move, *away) if cell == "present" else (*away, *move)
    events = (*put_away(cast, frame), *changes, *end, *told, *back)
    return Plot(transfer_setting(cast, frame), events)


def contents_setting(
    cast: Cast, frame: Frame, *, label: str, transparent: bool = False, readable: bool = True
) -> Setting:
    """A container with a label; the other is with it, the protagonist is not there yet."""
    inside = cast.fillings[0]
    there = [cast.other, *([cast.bystander] if frame.bystander else [])]
    container = Container(cast.container, cast.room, transparent, label, readable)
    return Setting(
        (Agent(cast.protagonist.name), *(Agent(person.name, cast.room) for person in there)),
        (container,),
        (Variable(container.name, tuple(sorted(cast.fillings)), inside),),
    )


def found(cast: Cast, frame: Frame, *, looks: bool = True) -> tuple[Event, ...]:
    """The other looks inside, or does not; the protagonist comes in and sees the container."""
    who, container = cast.protagonist.name, cast.container
    other = cast.other.name
    first = Look(other, container) if looks else Nothing(other, f"not_look {container}")
    idle = (Nothing(cast.other.name, "idle"),) if frame.idle[0] else ()
    new = (Nothing(who, f"never_seen {container}"),) if frame.idle[1] else ()
    return (first, *idle, Enter(who, cast.room), *new)


def _contents(cell: str, cast: Cast, frame: Frame) -> Plot:
    who, container, (inside, other) = cast.protagonist.name, cast.container, cast.fillings
    read = (ReadLabel(who, container),)
    tell = (Tell(cast.other.name, who, container, inside),) if cell == "informed" else ()
    opened = cell == "open_container"
    inspected = Look(who, container) if opened else Nothing(who, f"not_look {container}")
    known = (*tell, *read) if frame.told_first else (*read, *tell)
    left_ = (Exit(cast.other.name),) if frame.other_leaves else ()
    start = found(cast, frame, looks=not opened or frame.other_looks)  # one looks, one does not
    events = (*start, *left_, *known, inspected)
    label = inside if cell == "correct_label" else other
    return Plot(contents_setting(cast, frame, label=label), events)


_CELL_PLOTS: Mapping[Paradigm, Callable[[str, Cast, Frame], Plot]] = {
    "transfer": _transfer,
    "contents": _contents,
}
