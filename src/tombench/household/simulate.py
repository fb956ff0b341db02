"""One episode: an agent looks for its goal, step by step, and sees what there is on the way.

The agent draws a target and goes there. Surfaces come into view in the room where they stand: a
goal that comes into view is gone for, a target that turns out impossible is given up; any other is
kept until it is reached. At a container that may hold the goal: open, then grab, or close and draw
again. What the agent knows is kept by the belief tracker that every policy uses.
"""

from math import ceil, hypot
from random import Random

from tombench.household.agent import (
    action_probabilities,
    at_hand,
    claims_of,
    habits_of,
    target_shares,
)
from tombench.household.floorplan import FloorPlan, Leg, Point
from tombench.household.trace import Agent, Apartment, Choice, Step, Trace
from tombench.household.world import class_of
from tombench.planning.beliefs import Tracker
from tombench.planning.episode import Episode, Event, Hypothesis, Place, Query
from tombench.planning.situations import Action, Decision, Situation

MOST_TARGETS = 12
"""Targets after which an agent gives up."""
STRIDE = 0.8
"""Metres that a micro-step of a walk goes at most."""
REACH = 1.0
"""Metres within which something is near."""


def simulate(rng: Random, apartment: Apartment, agent: Agent, start: str | None = None) -> Trace:
    """What the agent does from a room on (None: any), until it has the goal or gives up."""
    start = start or rng.choice(apartment.rooms)
    run = _Run(rng, apartment, agent, start)
    for _ in range(MOST_TARGETS):
        target, slipped = run.draw_target()
        if target is None or (run.walk(target, slipped) and run.act_at_hand()):
            break
    return Trace(apartment, agent, start, tuple(run.events), tuple(run.choices), tuple(run.steps))


def episode_of(trace: Trace, query: Query | None = None, id: str = "simulated") -> Episode:
    """A trace as an episode to plan about; without a query, nothing but the goal is asked."""
    nothing = Hypothesis(trace.agent.goal)
    return Episode(
        id=id,
        cluster=id,
        person=trace.agent.person,
        rooms=trace.apartment.rooms,
        furnishings=trace.apartment.furnishings,
        events=trace.events,
        query=query or Query("", (nothing, nothing)),
        nearby=tuple(step.near for step in trace.steps),
    )


class _Run:
    """An episode as far as it has happened."""

    def __init__(self, rng: Random, apartment: Apartment, agent: Agent, start: str) -> None:
        self.rng, self.agent, self.apartment = rng, agent, apartment
        self.plan, self.habits = FloorPlan(apartment), habits_of(agent, apartment)
        empty = Trace(apartment, agent, start, (), (), ())
        self.tracker = Tracker(episode_of(empty), agent.goal, claims_of(agent))
        self.events: list[Event] = []
        self.choices: list[Choice] = []
        self.steps: list[Step] = []
        self.where = self.plan.middle(start)
        self.opened: frozenset[Place] = frozenset()
        self.shown = [
            (self.plan.spots[one.place], one) for one in apartment.furnishings
        ]  # with where it is
        self._happen(Event("start", room=start, source="simulator"))

    def draw_target(self) -> tuple[Place | None, bool]:
        """Where to go, and whether that is a slip; None: nothing is possible any more."""
        situation = self.tracker.situation()
        shares = target_shares(situation, self.habits)
        if not shares:
            return None, False
        if self.rng.random() < self.agent.slip:
            others = [place for place in situation.places if place != situation.at]
            return self.rng.choice(others), True
        return self.rng.choices(list(shares), list(shares.values()))[0], False

    def walk(self, target: Place, slipped: bool) -> bool:
        """Go to the target; False: it was given up on the way, for something came into view."""
        first, told = len(self.steps), f"walktowards {target.name}"
        *doors, last = self.plan.way(self.tracker.view.room, target)
        for leg in doors:
            had_seen = self.tracker.view.seen
            self._pace(leg, told)
            self._happen(Event("enter", room=leg.room, source="simulator"))
            came_into_view = self.tracker.view.seen != had_seen and self.tracker.view.seen != target
            if came_into_view or not (slipped or target in self.tracker.possible):
                return False
        self._decide(self.tracker.situation(), Action("walk", target), first)
        self._pace(last, told)
        self._happen(Event("walk", place=target, source="simulator"))
        return True

    def act_at_hand(self) -> bool:
        """Open, close, grab what is at hand; True: the goal was grabbed."""
        situation = self.tracker.situation()
        while action := at_hand(situation, self.habits.known):
            self._decide(situation, action, len(self.steps))
            self._step(action.text)
            if action.kind == "open":
                self.opened |= {action.place}
            elif action.kind == "close":
                self.opened -= {action.place}
            self._happen(
                Event(action.kind, place=action.place, thing=action.thing, source="simulator")
            )
            if action.kind == "grab":
                return True
            situation = self.tracker.situation()
        return False

    def _decide(self, situation: Situation, action: Action, step: int) -> None:
        probabilities = tuple(action_probabilities(situation, self.habits).tolist())
        decision = Decision(situation, action, len(self.events))
        self.choices.append(Choice(decision, probabilities, step))

    def _happen(self, event: Event) -> None:
        self.events.append(event)
        self.tracker.see(event)

    def _pace(self, leg: Leg, told: str) -> None:
        """Micro-steps, one at least, along one leg."""
        start, end = self.where, leg.to
        number = max(1, ceil(hypot(end.x - start.x, end.y - start.y) / STRIDE))
        for done in range(number):
            part = done / number
            self.where = Point(
                start.x + part * (end.x - start.x), start.y + part * (end.y - start.y)
            )
            self._step(told)
        self.where = end

    def _step(self, told: str) -> None:
        self.steps.append(Step(told, self.tracker.view.room, self._near(), self.opened))

    def _near(self) -> tuple[str, ...]:
        """Classes of places, and of things in view on or in them, within reach."""
        x, y, room = self.where.x, self.where.y, self.tracker.view.room
        found: dict[str, None] = {}
        for spot, one in self.shown:
            if one.place.room == room and hypot(spot.x - x, spot.y - y) <= REACH:
                found[class_of(one.place)] = None
                if one.kind == "surface" or one.place in self.opened:
                    found.update(dict.fromkeys(one.contents))
        return tuple(found)
