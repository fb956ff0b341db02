"""The same episode in the words of another theme: every class is mapped, all else stays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tombench.household.themes import Theme
from tombench.household.trace import Apartment, Choice, Spot, Step, Trace
from tombench.planning.episode import (
    Claim,
    Episode,
    Event,
    Furnishing,
    Hypothesis,
    Place,
    Query,
)
from tombench.planning.situations import Action, Decision, Situation


def themed(episode: Episode, theme: Theme) -> Episode:
    """An episode of home in a theme. What was read of texts is left out: it is in home's words.

    Raises:
        KeyError: a class is none of home's.
    """
    return _Mapping(theme).episode(episode)


def themed_trace(trace: Trace, theme: Theme) -> Trace:
    """A simulated episode of home in a theme.

    Raises:
        KeyError: a class is none of home's.
    """
    return _Mapping(theme).trace(trace)


@dataclass(frozen=True)
class _Mapping:
    """One theme's words for home's."""

    theme: Theme

    def room(self, room: str) -> str:
        return self.theme.rooms[room].name if room else room

    def thing(self, thing: str) -> str:
        return self.theme.things[thing].name

    def place(self, place: Place) -> Place:
        return Place(self.room(place.room), self.theme.place_name(place.name))

    def any_name(self, name: str) -> str:
        """Of a list that holds rooms, places and things alike."""
        if name in self.theme.rooms:
            return self.room(name)
        if name in self.theme.things:
            return self.thing(name)
        return self.theme.place_name(name)

    def names(self, names: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.any_name(name) for name in names)

    def places(self, places: Sequence[Place]) -> tuple[Place, ...]:
        return tuple(self.place(place) for place in places)

    def furnishing(self, one: Furnishing) -> Furnishing:
        contents = tuple(self.thing(thing) for thing in one.contents)
        return replace(one, place=self.place(one.place), contents=contents)

    def event(self, event: Event) -> Event:
        return replace(
            event,
            room=event.room and self.room(event.room),
            place=event.place and self.place(event.place),
            thing=event.thing and self.thing(event.thing),
        )

    def claim(self, claim: Claim) -> Claim:
        return Claim(self.thing(claim.thing), self.place(claim.place), claim.inside)

    def hypothesis(self, one: Hypothesis) -> Hypothesis:
        return Hypothesis(self.thing(one.goal), one.belief and self.claim(one.belief))

    def query(self, query: Query) -> Query:
        first, second = query.options
        options = (self.hypothesis(first), self.hypothesis(second))
        return replace(query, options=options, stated=query.stated and self.claim(query.stated))

    def episode(self, episode: Episode) -> Episode:
        return replace(
            episode,
            rooms=tuple(self.room(room) for room in episode.rooms),
            furnishings=tuple(self.furnishing(one) for one in episode.furnishings),
            events=tuple(self.event(event) for event in episode.events),
            query=self.query(episode.query),
            nearby=tuple(self.names(near) for near in episode.nearby),
            theme=self.theme.name,
            state_text="",
            question_text="",
        )

    def action(self, action: Action) -> Action:
        return Action(
            action.kind, self.place(action.place), action.thing and self.thing(action.thing)
        )

    def situation(self, one: Situation) -> Situation:
        return Situation(
            goal=self.thing(one.goal),
            room=self.room(one.room),
            at=one.at and self.place(one.at),
            is_open=one.is_open,
            possible=self.places(one.possible),
            seen=one.seen and self.place(one.seen),
            places=self.places(one.places),
            candidates=tuple(self.action(action) for action in one.candidates),
        )

    def choice(self, choice: Choice) -> Choice:
        decided = choice.decision
        decision = Decision(
            self.situation(decided.situation), self.action(decided.action), decided.event
        )
        return replace(choice, decision=decision)

    def step(self, step: Step) -> Step:
        verb, _, name = step.action.partition(" ")
        return Step(
            action=f"{verb} {self.any_name(name)}",
            room=self.room(step.room),
            near=self.names(step.near),
            opened=frozenset(self.places(sorted(step.opened))),
        )

    def apartment(self, apartment: Apartment) -> Apartment:
        return replace(
            apartment,
            rooms=tuple(self.room(room) for room in apartment.rooms),
            furnishings=tuple(self.furnishing(one) for one in apartment.furnishings),
            spots=tuple(Spot(self.place(one.place), one.x, one.y) for one in apartment.spots),
        )

    def trace(self, trace: Trace) -> Trace:
        agent = trace.agent
        return Trace(
            apartment=self.apartment(trace.apartment),
            agent=replace(
                agent,
                goal=self.thing(agent.goal),
                excluded=frozenset(self.places(sorted(agent.excluded))),
            ),
            start=self.room(trace.start),
            events=tuple(self.event(event) for event in trace.events),
            choices=tuple(self.choice(choice) for choice in trace.choices),
            steps=tuple(self.step(step) for step in trace.steps),
        )
