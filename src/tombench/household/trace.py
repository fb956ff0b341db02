"""What the simulator writes: an apartment, an agent in it, and all that happened, step by step.

One structured record from which every text comes: post-training pairs, questions, lines of the
study's files, pretraining prose.
"""

from dataclasses import dataclass

from tombench.planning.episode import Event, Furnishing, Place
from tombench.planning.situations import Decision


@dataclass(frozen=True)
class Spot:
    """Where a place stands, in metres."""

    place: Place
    x: float
    y: float


@dataclass(frozen=True)
class Apartment:
    """Rooms with places and what they hold."""

    rooms: tuple[str, ...]
    furnishings: tuple[Furnishing, ...]
    spots: tuple[Spot, ...]  # in the order of furnishings
    layout: str  # all of one layout have the same rooms and places; splits never share one


@dataclass(frozen=True)
class Agent:
    """A person who looks for one thing.

    A target is drawn from softmax(log weight - nearness * [another room]) over the places that the
    agent holds possible; with probability `slip` it is any place instead.
    """

    person: str
    goal: str
    excluded: frozenset[Place]  # where the agent is sure, rightly or not, that the goal is not
    knows: bool  # the agent knows where the goal is, where there is one
    nearness: float  # nats that another room costs
    slip: float
    weights: tuple[float, ...] = ()  # of the places before anything is seen; () all alike


@dataclass(frozen=True)
class Choice:
    """A decision of the agent, and how probable each candidate was to it."""

    decision: Decision
    probabilities: tuple[float, ...]  # over decision.situation.candidates; they add up to 1
    step: int  # the first micro-step of the action


@dataclass(frozen=True)
class Step:
    """A micro-step, as the study's files count time: a long walk takes several."""

    action: str  # in the study's words: "walktowards fridge", "open fridge", "close fridge"
    room: str  # where the agent is before it
    near: tuple[str, ...]  # classes (places and things) within a metre, before it
    opened: frozenset[Place]  # containers that stand open, before it


@dataclass(frozen=True)
class Trace:
    """One simulated episode."""

    apartment: Apartment
    agent: Agent
    start: str  # the room where it begins
    events: tuple[Event, ...]
    choices: tuple[Choice, ...]
    steps: tuple[Step, ...]
