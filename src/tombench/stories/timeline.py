"""Who believes what at each moment of a story: before the first event, and after each.

Both oracles answer for every prefix of the plot, so a belief can be watched as it comes, changes
and turns false.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from tombench.stories.events import AWAY, Audience, Event, Plot, Whereabouts
from tombench.stories.oracles import Oracles
from tombench.stories.whereabouts import after, at_first, audience

Chain = tuple[str, ...]
"""Whose belief about whose belief: ("Ben", "Anna") is what Ben thinks that Anna thinks."""

FACTS: Chain = ()
"""Nobody's belief: what is so."""

Presence = Literal["present", "distracted", "watching", "away"]
NOBODY = Audience(frozenset())


@dataclass(frozen=True)
class Moment:
    """The state of a story after an event, or before the first."""

    event: Event | None  # None before the first
    audience: Audience  # who perceives the event
    whereabouts: Whereabouts  # after it
    values: Mapping[Chain, frozenset[str]]  # held possible, by chain; several: does not know

    def perceives(self, agent: str) -> bool:
        """Does the agent perceive the event, in the group or unseen?"""
        return agent in self.audience.group or agent in self.audience.unseen

    def presence(self, agent: str) -> Presence:
        """How the agent is there after the event; `watching`: from outside, unseen."""
        if agent in self.whereabouts.peeking:
            return "watching"
        if self.whereabouts.room[agent] == AWAY:
            return "away"
        return "distracted" if agent in self.whereabouts.distracted else "present"

    def false(self, chain: Chain) -> bool:
        """Does the chain's belief rule out what is the case?

        What is the case is what the rest of the chain holds possible: for ("Anna",) the truth, for
        ("Ben", "Anna") whatever Anna holds possible. A belief that is true never rules that out.
        """
        return chain != FACTS and not self.values[chain[1:]] <= self.values[chain]


@dataclass(frozen=True)
class Timeline:
    """The beliefs about one subject, from moment to moment."""

    plot: Plot
    subject: str
    chains: tuple[Chain, ...]  # in the order that they were asked for
    moments: tuple[Moment, ...]  # one more than events

    def cells(self) -> Iterator[tuple[Moment, Chain]]:
        """Every moment with every chain."""
        return product(self.moments, self.chains)

    def becomes_false(self, chain: Chain, number: int) -> bool:
        """Is the chain's belief false at that moment, from 0, and was not just before?"""
        before = number > 0 and self.moments[number - 1].false(chain)
        return self.moments[number].false(chain) and not before


def usual_chains(plot: Plot) -> tuple[Chain, ...]:
    """The facts, each agent's belief, and what the first two agents think of each other's."""
    names = [agent.name for agent in plot.setting.agents]
    first: tuple[Chain, ...] = tuple((name,) for name in names)
    second = ((names[1], names[0]), (names[0], names[1])) if len(names) > 1 else ()
    return (FACTS, *first, *second)


def watch(
    plot: Plot, subject: str | None = None, chains: Sequence[Chain] | None = None
) -> Timeline:
    """The timeline of a plot, of its first variable and its usual chains where none are named.

    Raises ValueError for an event that cannot happen, OracleDisagreement where the oracles differ.
    """
    subject = subject or plot.setting.variables[0].subject
    asked = usual_chains(plot) if chains is None else tuple(chains)
    needed = {FACTS, *(chain[start:] for chain in asked for start in range(len(chain)))}
    where, heard, event = at_first(plot.setting), NOBODY, None
    moments = []
    for count in range(len(plot.events) + 1):
        if count:
            event = plot.events[count - 1]
            heard, where = audience(event, where), after(where, event)
        oracles = Oracles(Plot(plot.setting, plot.events[:count]))
        values = {chain: oracles.believed(chain, subject) for chain in needed}
        moments.append(Moment(event, heard, where, values))
    return Timeline(plot, subject, asked, tuple(moments))
