"""Trivial alterations of a false-belief story that must flip its answer, and some that must not.

Ullman (2023), arXiv 2302.08399, for the flips; Gandhi et al. (2023), arXiv 2306.15448 (BigToM), for
the irrelevant event. All are asked what the protagonist believes, `other_person` what the one
believes who caused the false belief.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tombench.stories.casting import Cast, Frame
from tombench.stories.contrast import (
    Paradigm,
    cell_plot,
    contents_setting,
    found,
    left,
    moved,
    put_away,
    transfer_setting,
)
from tombench.stories.events import (
    Agent,
    Attend,
    Distract,
    Enter,
    Event,
    Exit,
    Fill,
    Nothing,
    Peek,
    Plot,
    ReadLabel,
    Tell,
)


@dataclass(frozen=True)
class Alteration:
    """One altered story."""

    plot: Callable[[Cast, Frame], Plot]
    flips: bool  # the answer differs from the false-belief story's; "does not know" differs too
    asks_other: bool = False
    on_surfaces: bool = False  # the places are surfaces: "on the shelf"


def _false_belief(paradigm: Paradigm) -> Callable[[Cast, Frame], Plot]:
    return lambda cast, frame: cell_plot(paradigm, "false_belief", cast, frame)


def _moved_while(
    cast: Cast, frame: Frame, out: tuple[Event, ...], back: tuple[Event, ...]
) -> tuple[Event, ...]:
    """The thing is moved between two doings of the protagonist."""
    moves = moved(cast, frame, cast.places[1])
    return (*put_away(cast, frame), *out, *moves, *left(cast, frame), *back)


def _peeked(cast: Cast, frame: Frame) -> Plot:
    who, room = cast.protagonist.name, cast.room
    events = _moved_while(cast, frame, (Exit(who), Peek(who, room)), (Enter(who, room),))
    return Plot(transfer_setting(cast, frame), events)


def _glass(cast: Cast, frame: Frame) -> Plot:
    who = cast.protagonist.name
    events = _moved_while(cast, frame, (Exit(who),), (Enter(who, cast.room),))
    return Plot(transfer_setting(cast, frame, transparent=True), events)


def _surfaces(cast: Cast, frame: Frame) -> Plot:
    return _glass(replace(cast, places=cast.surfaces), frame)


def _distracted(cast: Cast, frame: Frame) -> Plot:
    who = cast.protagonist.name
    events = _moved_while(cast, frame, (Distract(who),), (Attend(who),))
    return Plot(transfer_setting(cast, frame), events)


def _distrusted(cast: Cast, frame: Frame) -> Plot:
    who, other = cast.protagonist.name, cast.other.name
    told = Tell(other, who, cast.thing, cast.places[1], trusted=False)
    events = _moved_while(cast, frame, (Exit(who),), (told, Enter(who, cast.room)))
    return Plot(transfer_setting(cast, frame), events)


def _irrelevant(paradigm: Paradigm) -> Callable[[Cast, Frame], Plot]:
    """The false-belief story with one more event, in which somebody does nothing of note."""

    def plot(cast: Cast, frame: Frame) -> Plot:
        base = cell_plot(paradigm, "false_belief", cast, replace(frame, idle=(False, False)))
        return Plot(base.setting, (*base.events, Nothing(cast.protagonist.name, "idle")))

    return plot


def _see_through(cast: Cast, frame: Frame) -> Plot:
    return _labelled(cast, frame, transparent=True)


def _unreadable(cast: Cast, frame: Frame) -> Plot:
    return _labelled(cast, frame, readable=False)


def _labelled(
    cast: Cast, frame: Frame, *, transparent: bool = False, readable: bool = True
) -> Plot:
    base = cell_plot("contents", "false_belief", cast, frame)
    setting = contents_setting(
        cast, frame, label=cast.fillings[1], transparent=transparent, readable=readable
    )
    told = base.events[:-1] if transparent else base.events  # who sees in need not look inside
    return Plot(setting, told)


def _testimony(cast: Cast, frame: Frame) -> Plot:
    """Who knows says what is inside, and only then is the label read."""
    base = cell_plot("contents", "false_belief", cast, frame)
    who = cast.protagonist.name
    told = Tell(cast.other.name, who, cast.container, cast.fillings[0])
    place = base.events.index(ReadLabel(who, cast.container))
    return Plot(base.setting, (*base.events[:place], told, *base.events[place:]))


def _packed(cast: Cast, frame: Frame) -> Plot:
    """The protagonist was there and filled the container; something else was in it before."""
    who, (inside, label) = cast.protagonist.name, cast.fillings
    base = contents_setting(cast, frame, label=label)
    there = tuple(Agent(agent.name, cast.room) for agent in base.agents)
    contents = replace(base.variables[0], initial=label)
    rest = (ReadLabel(who, cast.container),)
    setting = replace(base, agents=there, variables=(contents,))
    return Plot(setting, (Fill(who, cast.container, inside), *rest))


def _asked_of_finder(cast: Cast, frame: Frame) -> Plot:
    rest = (
        ReadLabel(cast.protagonist.name, cast.container),
        Nothing(cast.protagonist.name, f"not_look {cast.container}"),
    )
    setting = contents_setting(cast, frame, label=cast.fillings[1])
    return Plot(setting, (*found(cast, frame), *rest))


ALTERATIONS: Mapping[Paradigm, Mapping[str, Alteration]] = {
    "transfer": {
        "peeked": Alteration(_peeked, flips=True),
        "glass": Alteration(_glass, flips=True),
        "on_surface": Alteration(_surfaces, flips=True, on_surfaces=True),
        "other_person": Alteration(_false_belief("transfer"), flips=True, asks_other=True),
        "distracted": Alteration(_distracted, flips=False),
        "distrusted": Alteration(_distrusted, flips=False),
        "irrelevant_event": Alteration(_irrelevant("transfer"), flips=False),
    },
    "contents": {
        "glass": Alteration(_see_through, flips=True),
        "unreadable_label": Alteration(_unreadable, flips=True),
        "testimony": Alteration(_testimony, flips=True),
        "packed": Alteration(_packed, flips=True),
        "other_person": Alteration(_asked_of_finder, flips=True, asks_other=True),
        "irrelevant_event": Alteration(_irrelevant("contents"), flips=False),
    },
}
