"""Where a person may still suspect a thing, as the events go by: one tracker for every policy.

The person knows the apartment's places. A surface is in view in the room where it stands, what is
in a container when it is open. A place whose contents were in view and do not hold the goal is not
possible any more; one that holds it is the only one that is. Compare BIP-ALM (Jin et al. 2024,
"MMToM-QA", section 4.2), whose symbolic belief is such a set, kept as text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tombench.planning.episode import Claim, Episode, Event, Place
from tombench.planning.situations import Action, Decision, Situation


@dataclass(frozen=True)
class View:
    """What a person who looks for `goal` knows after some events."""

    goal: str
    room: str  # where the person stands; "" where no event tells
    at: Place | None
    opened: Place | None  # the container that stands open before the person
    excluded: frozenset[Place]  # not possible any more, or never was
    seen: Place | None


class Tracker:
    """Follows one episode for one goal and what the person excludes or insists on at first."""

    def __init__(self, episode: Episode, goal: str, claims: Sequence[Claim] = ()) -> None:
        """Claims about other things than the goal say nothing about where it is."""
        self.episode = episode
        own = [claim for claim in claims if claim.thing == goal]
        self.denied = frozenset(claim.place for claim in own if not claim.inside)
        self.held = frozenset(claim.place for claim in own if claim.inside)
        self.holders = frozenset(one.place for one in episode.furnishings if goal in one.contents)
        self.view = View(goal, "", None, None, self.denied, None)

    def see(self, event: Event) -> None:
        """Take in what an event shows; something about to be done shows nothing."""
        if event.kind in ("start", "enter") and event.room is not None:
            self._come_into(event.room)
        elif event.place is not None and event.place.room != self.view.room:
            self._come_into(event.place.room)
        if not event.done:
            return
        if event.kind == "walk":
            self.view = replace(self.view, at=event.place or self._where(event), opened=None)
        elif event.kind == "open" and event.place is not None:
            self.view = replace(self.view, at=event.place, opened=event.place)
            self._look({event.place})
        elif event.kind == "close":
            self.view = replace(self.view, at=event.place or self.view.at, opened=None)

    @property
    def possible(self) -> tuple[Place, ...]:
        """Where the goal may be, in the episode's order of places."""
        if self.view.seen is not None:
            return (self.view.seen,)
        left = self.episode.places
        return tuple(p for p in left if p not in self.view.excluded or p in self.held)

    def _come_into(self, room: str) -> None:
        """Enter a room: its surfaces are in view."""
        self.view = replace(self.view, room=room, at=None, opened=None)
        self._look(
            {
                one.place
                for one in self.episode.furnishings
                if one.kind == "surface" and one.place.room == room
            }
        )

    def _look(self, places: set[Place]) -> None:
        """Contents of these places are in view."""
        found = sorted(places & self.holders, key=self.episode.places.index)
        seen = self.view.seen or (found[0] if found else None)
        excluded = self.view.excluded | (places - self.holders)
        self.view = replace(self.view, seen=seen, excluded=excluded)

    def _where(self, event: Event) -> Place | None:
        """The place of a thing that is walked to: the one in the room that holds it."""
        for one in self.episode.furnishings:
            if event.thing in one.contents and one.place.room == self.view.room:
                return one.place
        return None

    def situation(self) -> Situation:
        """The decision that the person faces now."""
        view, places = self.view, self.episode.places
        return Situation(
            goal=view.goal,
            room=view.room,
            at=view.at,
            is_open=view.opened is not None,
            possible=self.possible,
            seen=view.seen,
            places=places,
            candidates=candidates(view, places),
        )


def candidates(view: View, places: Sequence[Place]) -> tuple[Action, ...]:
    """Walk to any place but where the person stands; open, close or grab what is at hand."""
    here = view.at
    found = [Action("walk", place) for place in places if place != here]
    if here is not None and view.opened == here:
        found.append(Action("close", here))
    elif here is not None:
        found.append(Action("open", here))
    if here is not None and view.seen == here:
        found.append(Action("grab", here, view.goal))
    return tuple(found)


def decisions(episode: Episode, goal: str, claims: Sequence[Claim] = ()) -> list[Decision]:
    """What the person decided and in which situation, for one hypothesis about goal and belief.

    A way through rooms decides nothing by itself: the walk that ends it counts as decided in the
    last room, whose surfaces are in view by then. Nor do walks to things of which no place is told.
    """
    tracker = Tracker(episode, goal, claims)
    found: list[Decision] = []
    for number, event in enumerate(episode.events):
        if event.kind in ("start", "enter"):
            tracker.see(event)
            continue
        place = event.place
        if place is not None and place.room != tracker.view.room:
            tracker.see(Event("enter", room=place.room))
        if place is None and event.thing is not None:
            place = tracker._where(event)
        if place is None or place not in episode.places:
            tracker.see(event)
            continue
        situation = tracker.situation()
        action = Action(event.kind, place, event.thing if event.kind == "grab" else None)
        if event.kind == "grab" and action not in situation.candidates:  # it is no goal's, but done
            situation = replace(situation, candidates=(*situation.candidates, action))
        if action in situation.candidates:
            found.append(Decision(situation, action, number))
        tracker.see(event)
    return found
