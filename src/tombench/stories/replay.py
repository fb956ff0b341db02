"""What agents believe, worked out by replaying histories: the second oracle of stories.

The first oracle (`tracker`) updates a model of everybody's beliefs at each event, as dynamic
epistemic logic does (Baltag, Moss & Solecki 1998, The logic of public announcements, common
knowledge, and private suspicions). This one keeps no model. It reads a story as an interpreted
system does (Fagin, Halpern, Moses & Vardi 1995, Reasoning About Knowledge, chapter 4): a history
is a world at first and what happens then, an agent's local history is what the agent observes of
it, and the agent holds every history possible that fits the local one.

A question about a chain of agents is answered from the start of the story:

1. The actual history is the initial world and all events, each with who perceives it.
2. `_Replay.observed` filters a history to what the next agent of the chain perceives, with what
   the agent sees in containers on the way.
3. `_Replay.possible` takes every initial world and replays these observations on it. A history
   that does not fit what the agent learns is given up. Where none would be left, all are mended
   by a `Correction`: a change of the world at that moment that nobody in the history notices.
4. Each history left is the start of step 2 for the agent after. Where the chain ends, the last
   world of each is an answer.

An event may be `sincere` in some histories and not in others: who believes a claim takes the
speaker to believe it, while the speaker may know better.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from tombench.stories.events import AWAY, Attend, Plot, ReadLabel, Tell, actor
from tombench.stories.histories import (
    Correction,
    Happening,
    History,
    Sight,
    World,
    Worlds,
    audience_of,
    sensed_in,
)


def believed(plot: Plot, chain: Sequence[str], subject: str) -> frozenset[str]:
    """The values of `subject` that (a, b, …), a's belief about b's belief …, leaves possible.

    One value is a definite belief, several mean that the chain's beliefs do not settle it; the
    empty chain gives the true value. The plot has to be legal (`whereabouts.check`); raises
    KeyError for an unknown subject.
    """
    return _replay(plot).believed(chain, subject)


def perceived(plot: Plot, agent: str, index: int) -> bool:
    """Does the agent perceive the event with that index, from 0, in the group or unseen?"""
    audience = audience_of(plot, index)
    return agent in audience.group | audience.unseen


@lru_cache(maxsize=1)  # a story is asked about several times in a row
def _replay(plot: Plot) -> "_Replay":
    return _Replay(plot)


class _Observation(NamedTuple):
    """An event as an agent perceives it."""

    number: int
    watching: bool  # unseen by the event's group
    sincere: bool
    sights: tuple[Sight, ...]


class _Replay:
    """A story with its events numbered; whoever is in a room at first begins by attending there."""

    def __init__(self, plot: Plot) -> None:
        opening = tuple(Attend(agent.name) for agent in plot.setting.agents if agent.room != AWAY)
        plot = Plot(plot.setting, opening + plot.events)
        numbers = range(len(plot.events))
        audiences = [audience_of(plot, number) for number in numbers]
        self.plot = plot
        self.worlds = Worlds(plot)
        self.groups = [audience.group for audience in audiences]
        self.sensed = [sensed_in(plot, number) for number in numbers]
        self.actual = History(
            tuple(variable.initial for variable in plot.setting.variables),
            tuple(Happening(number, audiences[number].unseen, False) for number in numbers),
        )
        self.observed = cache(self._observed)  # the same histories come up again and again
        self.possible = cache(self._possible)
        self.world = cache(self._world)

    def believed(self, chain: Sequence[str], subject: str) -> frozenset[str]:
        histories = {self.actual}
        for agent in chain:
            observed = {self.observed(agent, history) for history in histories}
            histories = {history for seen in observed for history in self.possible(agent, seen)}
        return self.values(histories, subject)

    def values(self, histories: set[History], subject: str) -> frozenset[str]:
        """The subject's values at the ends of the histories."""
        at = self.worlds.position[subject]
        return frozenset(self.world(history)[at] for history in histories)

    def _world(self, history: History) -> World:
        """The world that the history ends in."""
        world = history.start
        for item in history.items:
            world = self.worlds.after(world, item)
        return world

    def _observed(self, agent: str, history: History) -> tuple[_Observation, ...]:
        """The agent's local history."""
        seen = []
        world = history.start
        for item in history.items:
            if isinstance(item, Happening):
                number, unseen, sincere = item
                in_group = agent in self.groups[number]
                if in_group or agent in unseen:
                    acts = agent == actor(self.plot.events[number])
                    sights = self.worlds.look(world, self.sensed[number]) if acts else ()
                    seen.append(_Observation(number, not in_group, sincere, sights))
            world = self.worlds.after(world, item)
        return tuple(seen)

    def _possible(self, agent: str, seen: tuple[_Observation, ...]) -> set[History]:
        """The histories that the agent holds possible who has observed `seen`."""
        histories = {History(world) for world in self.worlds.all()}
        for observation in seen:
            believes = self.believes(agent, observation, histories)
            if believes:
                histories = self.hear(histories, *self.claim(observation.number))
            elif observation.sights:
                histories = self.see(histories, observation.sights)
            unseen = frozenset({agent} if observation.watching else ())
            happening = Happening(observation.number, unseen, believes)
            histories = {history.then(happening) for history in histories}
        return histories

    def claim(self, number: int) -> tuple[str, str] | None:
        """Subject and value that the event says, if anybody may believe it."""
        match self.plot.events[number]:
            case Tell(subject=subject, value=value, trusted=True):
                return subject, value
            case ReadLabel(container=name):
                container = self.plot.setting.container(name)
                if container.readable and container.label is not None:
                    return name, container.label
        return None

    def believes(self, agent: str, observation: _Observation, histories: set[History]) -> bool:
        """Does an agent who holds `histories` possible believe what is said or written?"""
        claim = self.claim(observation.number)
        if claim is None:
            return False
        undecided = len(self.values(histories, claim[0])) > 1
        event = self.plot.events[observation.number]
        if isinstance(event, ReadLabel):
            return agent == event.agent and (observation.sincere or undecided)
        if agent == event.speaker:
            return observation.sincere
        return agent == event.hearer or undecided

    def hear(self, histories: set[History], subject: str, value: str) -> set[History]:
        """The histories in which the subject has that value, or else all, mended."""
        kept = {history for history in histories if self.values({history}, subject) == {value}}
        return kept or {
            history.then(Correction(self.worlds.changed(self.world(history), subject, value)))
            for history in histories
        }

    def see(self, histories: set[History], sights: tuple[Sight, ...]) -> set[History]:
        """The histories in which the containers look like that, or else all, mended."""
        names = tuple(sight.container for sight in sights)
        kept = {h for h in histories if self.worlds.look(self.world(h), names) == sights}
        return kept or {
            history.then(Correction(world))
            for history in histories
            for world in self.worlds.mended(self.world(history), sights)
        }
