"""What was done where, stop by stop, while it is read; then one by one as events."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from tombench.planning.episode import Event, Place

Verb = Literal["walk", "open", "close", "grab"]

VERBS: dict[str, Verb] = {"walk": "walk", "open": "open", "close": "close", "grab": "grab"}
"""Kinds of words that are something done to a place or thing."""


@dataclass(frozen=True)
class Doing:
    """A verb, and how it was said."""

    verb: Verb
    done: bool
    said: str
    purpose: bool = False  # "to open it": done only if more follows


@dataclass
class Stop:
    """Places that are dealt with alike, one after the other."""

    places: list[Place]
    doings: list[Doing] = field(default_factory=list)
    repeated: bool = False  # the doings are those of another stop, until own ones are told

    def do(self, doing: Doing) -> None:
        """Something more that is done there."""
        if self.repeated:
            self.doings = [one for one in self.doings if one.verb == "walk"]
            self.repeated = False
        if not self.doings or self.doings[-1].verb != doing.verb:
            self.doings.append(doing)

    @property
    def opened(self) -> bool:
        """Is anything opened there?"""
        return any(doing.verb == "open" for doing in self.doings)


Told = Event | Stop
"""Entering a room, or something done to a thing; or a stop."""


def last_pattern(told: Sequence[Told]) -> list[Doing]:
    """Opening and closing, as they were done last."""
    for one in reversed(told):
        if isinstance(one, Stop) and one.opened:
            return [doing for doing in one.doings if doing.verb in ("open", "close")]
    return [Doing("open", True, ""), Doing("close", True, "")]


def events_of(told: Sequence[Told]) -> tuple[Event, ...]:
    """One by one, with the walks that no word tells of."""
    found: list[Event] = []
    at: Place | None = None
    for one in told:
        if isinstance(one, Event):
            at = None
            found.append(one)
            continue
        doings = _settled(one.doings)
        for place in one.places if doings else ():
            if doings[0].verb != "walk" and at != place:
                found.append(Event("walk", place=place))
            found += [
                Event(doing.verb, place=place, done=doing.done, said=doing.said) for doing in doings
            ]
            at = place
    return tuple(found)


def _settled(doings: Sequence[Doing]) -> list[Doing]:
    """ "Goes to the stove to open it" leaves open whether it is; a closing after it says yes."""
    found = []
    for at, doing in enumerate(doings):
        closed = any(later.verb == "close" for later in doings[at + 1 :])
        leaves_open = doing.purpose and doing.verb == "open" and not closed
        found.append(replace(doing, done=doing.done and not leaves_open))
    return found
