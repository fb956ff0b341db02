"""What can be asked about a plot, and the right answer by the oracles."""

from dataclasses import dataclass
from typing import Literal

from tombench.stories.events import Event, Fill, Look, Move, Plot, actor
from tombench.stories.oracles import Oracles
from tombench.stories.whereabouts import timeline

QuestionType = Literal[
    "reality", "memory", "percept", "knowledge", "belief", "action", "belief_from_action"
]
YES_NO: frozenset[QuestionType] = frozenset({"percept", "knowledge"})
"""Types that ask whether; the others ask where, or for what."""


@dataclass(frozen=True)
class Query:
    """A question about a subject. `chain` holds whose belief about whose belief; percept, knowledge
    and action have one agent there, reality and memory none."""

    type: QuestionType
    subject: str
    chain: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As records call it: `belief_2` is a belief about a belief."""
        return self.type if len(self.chain) < 2 else f"{self.type}_{len(self.chain)}"


def answer(oracles: Oracles, query: Query) -> str | None:
    """The right value, "yes" or "no"; None where nobody could say.

    A question after the whole story: memory asks for the subject's first value, or what its label
    says; percept whether the agent saw the last thing that another did to it; knowledge is a
    belief that is definite and true.
    """
    match query.type:
        case "reality":
            return oracles.truth(query.subject)
        case "memory":
            return first_value(oracles.plot, query.subject)
        case "percept":
            return _yes_no(saw_last(oracles.plot, query.chain[0], query.subject))
        case "knowledge":
            believed = oracles.belief(query.chain, query.subject)
            return _yes_no(believed == oracles.truth(query.subject))
    return oracles.belief(query.chain, query.subject)


def _yes_no(holds: bool) -> str:
    return "yes" if holds else "no"


def first_value(plot: Plot, subject: str) -> str:
    """Where a thing was at first; of a container, what its label says, or else what it held."""
    if not plot.setting.is_place(subject):
        label = plot.setting.container(subject).label
        if label is not None:
            return label
    return plot.setting.variable(subject).initial


def saw_last(plot: Plot, agent: str, subject: str) -> bool:
    """Did the agent perceive the last event in which another dealt with the subject?

    Of a container that nobody refilled: did the agent look inside it?
    """
    dealt = [
        agent in heard.group or agent in heard.unseen
        for event, _, heard in timeline(plot)
        if actor(event) != agent and _deals_with(event, subject)
    ]
    return dealt[-1] if dealt else Look(agent, subject) in plot.events


def last_dealer(plot: Plot, agent: str, subject: str) -> str:
    """Who that other is; anybody else where nobody dealt with the subject."""
    others = [a.name for a in plot.setting.agents if a.name != agent]
    dealt = [actor(e) for e in plot.events if actor(e) != agent and _deals_with(e, subject)]
    return [*others[:1], *dealt][-1]


def _deals_with(event: Event, subject: str) -> bool:
    match event:
        case Move(_, thing):
            return thing == subject
        case Fill(_, container):
            return container == subject
    return False
