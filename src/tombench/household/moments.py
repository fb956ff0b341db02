"""An episode up to one moment, and which of the seven types can be asked there.

The types are those of MMToM-QA (Jin et al. 2024, section 3), told by what came last and what had
been in view; see `SHAPES`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tombench.household.agent import habits_of
from tombench.household.simulate import episode_of
from tombench.household.trace import Trace
from tombench.planning.beliefs import Tracker
from tombench.planning.episode import Claim, Episode, Event, Furnishing, Place


@dataclass(frozen=True)
class Asked:
    """What a question is about; drawn before the person sets out."""

    goal: str  # what the person wants
    foil: str = ""  # of a goal question, the other option
    place: Place | None = None  # of a belief question
    stated: Claim | None = None


@dataclass(frozen=True)
class Moment:
    """What has happened so far; the last event may be about to happen."""

    trace: Trace
    events: tuple[Event, ...]
    steps: int  # micro-steps so far

    @property
    def last(self) -> Event:
        """What came last."""
        return self.events[-1]

    @property
    def target(self) -> Place | None:
        """Where the last event is."""
        return self.last.place

    @cached_property
    def rooms(self) -> frozenset[str | None]:
        """Rooms that the person was in."""
        return frozenset(e.room for e in self.events if e.kind in ("start", "enter"))

    @cached_property
    def opened(self) -> frozenset[Place | None]:
        """Containers that the person looked into."""
        return frozenset(e.place for e in self.events if e.kind == "open" and e.done)

    @cached_property
    def walked(self) -> frozenset[Place | None]:
        """Places that the person went to; the last event aside."""
        return frozenset(e.place for e in self.events[:-1] if e.kind == "walk")

    def holds(self, place: Place | None, thing: str) -> bool:
        """Is a thing of the class there?"""
        return any(thing in f.contents for f in self._furnishings if f.place == place)

    def is_container(self, place: Place | None) -> bool:
        """Does it hide what it holds?"""
        return any(f.kind == "container" for f in self._furnishings if f.place == place)

    def surfaces(self, room: str | None) -> set[Place]:
        """Surfaces of a room."""
        own = (f for f in self._furnishings if f.place.room == room and f.kind == "surface")
        return {one.place for one in own}

    def in_view(self, thing: str) -> bool:
        """Was a thing of the class in view by now?"""
        return any(thing in f.contents and self.looked(f.place) for f in self._furnishings)

    def looked(self, place: Place) -> bool:
        """Were its contents in view by now?"""
        return place in self.opened or (place.room in self.rooms and not self.is_container(place))

    def believes(self, place: Place) -> bool:
        """Does the person hold it possible now that the goal is there? The truth, not a guess."""
        agent = self.trace.agent
        claims = [Claim(agent.goal, one, inside=False) for one in agent.excluded]
        tracker = Tracker(episode_of(self.trace), agent.goal, claims)
        for event in self.events:
            tracker.see(event)
        known = habits_of(agent, self.trace.apartment).known
        possible = set(tracker.possible)
        return place in (possible & known or possible)

    @property
    def _furnishings(self) -> tuple[Furnishing, ...]:
        return self.trace.apartment.furnishings


def moments(trace: Trace) -> Iterator[Moment]:
    """After each walk and each closing, and right before each opening, in their order."""
    ends = _steps_by_event(trace)
    for number, event in enumerate(trace.events):
        if event.kind not in ("walk", "open", "close"):
            continue
        last = replace(event, done=event.kind != "open")
        yield Moment(trace, (*trace.events[:number], last), ends[number])


def _steps_by_event(trace: Trace) -> dict[int, int]:
    """How many micro-steps there were when an event was over; a walk has several of one name."""
    ends: dict[int, int] = {}
    for choice in trace.choices:
        end = choice.step + 1
        while choice.decision.action.kind == "walk" and end < len(trace.steps):
            if trace.steps[end].action != trace.steps[choice.step].action:
                break
            end += 1
        ends[choice.decision.event] = end
    return ends


Shape = Callable[[Moment, Asked], bool]


def _about_to_open(now: Moment, asked: Asked) -> bool:
    return now.last.kind == "open" and now.target == asked.place


def _past(now: Moment, asked: Asked) -> bool:
    """Heading elsewhere, from the room of a place that was left aside, or through it."""
    place = asked.place
    if place is None or now.last.kind != "walk" or now.target == place:
        return False
    return place.room in now.rooms and place not in now.walked and not now.in_view(asked.goal)


def _walks_to_container(now: Moment) -> bool:
    return now.last.kind == "walk" and now.is_container(now.target)


SHAPES: Mapping[str, Shape] = {
    "1.1": lambda now, q: _about_to_open(now, q) and now.holds(q.place, q.goal),
    "1.2": lambda now, q: _about_to_open(now, q) and not now.holds(q.place, q.goal),
    "1.3": lambda now, q: _past(now, q) and now.holds(q.place, q.goal),
    "2.1": lambda now, q: (
        q.stated is not None and now.last.kind == "walk" and now.target == q.stated.place
    ),
    "2.2": lambda now, q: (
        _walks_to_container(now)
        and now.holds(now.target, q.goal)
        and not now.holds(now.target, q.foil)
        and now.in_view(q.foil)
    ),
    "2.3": lambda now, q: now.last.kind == "close" and now.holds(now.target, q.foil),
    "2.4": lambda now, q: (
        _walks_to_container(now)
        and not now.holds(now.target, q.goal)
        and not now.holds(now.target, q.foil)
        and now.in_view(q.foil)
    ),
}
"""When each of the plain types can be asked; `goal` is what the person does want."""

TYPES = tuple(SHAPES)


def episode_at(now: Moment, id: str) -> Episode:
    """The episode up to a moment, with nothing asked yet."""
    whole = episode_of(now.trace, id=id)
    return replace(whole, events=now.events, nearby=whole.nearby[: now.steps])
