"""The event language of stories: what can happen, who is where, and what may be true.

A *variable* has a subject and one of several values: the ball is in the basket, the box is full of
pencils. A world gives every variable a value. Nobody knows any at first; what agents come to
believe follows from what they perceive, and `docs/stories.md` says how.
"""

from collections.abc import Mapping
from dataclasses import dataclass

AWAY = ""
"""Where an agent is who is in none of the story's rooms."""


@dataclass(frozen=True)
class Container:
    """Something that things are put into, or that is full of something."""

    name: str
    room: str
    transparent: bool = False  # who is in the room sees what is inside
    label: str | None = None  # what its label says is inside, right or wrong
    readable: bool = True  # False: nobody in the story can read the label


@dataclass(frozen=True)
class Variable:
    """Something that may be true in several ways.

    Its subject is a thing, its values containers ("place"); or its subject is a container, its
    values fillings ("contents").
    """

    subject: str
    values: tuple[str, ...]
    initial: str  # true at first


@dataclass(frozen=True)
class Agent:
    """Somebody in the story."""

    name: str
    room: str = AWAY  # at first


@dataclass(frozen=True)
class Setting:
    """What there is before anything happens."""

    agents: tuple[Agent, ...]
    containers: tuple[Container, ...]
    variables: tuple[Variable, ...]

    def container(self, name: str) -> Container:
        return next(c for c in self.containers if c.name == name)

    def variable(self, subject: str) -> Variable:
        return next(v for v in self.variables if v.subject == subject)

    def is_place(self, subject: str) -> bool:
        """Does the variable say where its subject is, not what its subject holds?"""
        return all(subject != c.name for c in self.containers)


@dataclass(frozen=True)
class Move:
    """`agent` takes a thing and puts it into a container of the room, the same one again or not."""

    agent: str
    thing: str
    to: str


@dataclass(frozen=True)
class Fill:
    """`agent` empties a container of the room and fills it with `value`."""

    agent: str
    container: str
    value: str


@dataclass(frozen=True)
class Swap:
    """`agent` exchanges what two containers of the room hold, and alone sees what that is."""

    agent: str
    first: str
    second: str


@dataclass(frozen=True)
class Look:
    """`agent` looks inside a container of the room; the others see that, not what is inside."""

    agent: str
    container: str


@dataclass(frozen=True)
class ReadLabel:
    """`agent` reads a container's label and believes it where nothing is believed yet."""

    agent: str
    container: str


@dataclass(frozen=True)
class Tell:
    """`speaker` says to `hearer` that the variable has that value, be it true or not.

    In private nobody else gets to know, wherever the two are (a message, a call); else everybody
    hears it who is in the speaker's room and not distracted. `trusted`: the hearer believes it.
    Others who hear it believe it then too, unless they have a belief about it already.
    """

    speaker: str
    hearer: str
    subject: str
    value: str
    private: bool = True
    trusted: bool = True


@dataclass(frozen=True)
class Enter:
    """`agent` comes into a room, and sees into its transparent containers."""

    agent: str
    room: str


@dataclass(frozen=True)
class Exit:
    """`agent` leaves the room for somewhere out of sight."""

    agent: str


@dataclass(frozen=True)
class Peek:
    """`agent`, who is away, watches a room unseen, until they enter a room or `Exit`."""

    agent: str
    room: str


@dataclass(frozen=True)
class Distract:
    """`agent` stays in the room and notices nothing from now on, as the others can see."""

    agent: str


@dataclass(frozen=True)
class Attend:
    """`agent`, who was distracted, takes part again."""

    agent: str


@dataclass(frozen=True)
class Nothing:
    """`agent` does something that changes nothing; `what` names it for the text."""

    agent: str
    what: str


Event = (
    Move | Fill | Swap | Look | ReadLabel | Tell | Enter | Exit | Peek | Distract | Attend | Nothing
)


@dataclass(frozen=True)
class Plot:
    """A setting and what happens in it."""

    setting: Setting
    events: tuple[Event, ...]


def actor(event: Event) -> str:
    """Who does it."""
    return event.speaker if isinstance(event, Tell) else event.agent


@dataclass(frozen=True)
class Whereabouts:
    """Where everybody is at a moment, and how they attend."""

    room: Mapping[str, str]  # by agent; AWAY is nowhere in the story
    peeking: Mapping[str, str]  # agents who watch unseen -> the room that they watch
    distracted: frozenset[str]


@dataclass(frozen=True)
class Audience:
    """Who perceives an event: a group that knows of each other, and those who watch unseen."""

    group: frozenset[str]
    unseen: frozenset[str] = frozenset()
