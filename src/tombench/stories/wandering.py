"""Random plots: people come and go, move things and talk, without any design of who knows what."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from tombench.stories.casting import Cast, draw_cast, draw_voice
from tombench.stories.events import (
    AWAY,
    Agent,
    Container,
    Enter,
    Event,
    Exit,
    Move,
    Nothing,
    Plot,
    Setting,
    Tell,
    Variable,
)
from tombench.stories.lexicon import Lexicon
from tombench.stories.telling import Voice

LEAVE, RETURN, IDLE = 0.3, 0.35, 0.15
"""How likely somebody in the room leaves or is idle, somebody away comes back, at each step."""
TELL = 0.15
"""How likely somebody is told where a thing is after it was moved: half the time what is so."""
SURFACES = 0.1
"""The share of stories whose places are surfaces."""


@dataclass
class _Happenings:
    """A plot as far as it has been drawn."""

    room: str
    where: dict[str, str]
    facts: dict[str, str] = field(default_factory=dict)
    initial: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def present(self) -> list[str]:
        return [name for name, room in self.where.items() if room != AWAY]

    def move(self, agent: str, thing: str, to: str) -> None:
        self.events.append(Move(agent, thing, to))
        self.initial.setdefault(thing, to)
        self.facts[thing] = to

    def come_and_go(self, rng: Random) -> None:
        """What people do between two moves; somebody is in the room afterwards."""
        for name in rng.sample(list(self.where), len(self.where)):
            draw = rng.random()
            if self.where[name] == AWAY:
                if draw < RETURN:
                    self.events.append(Enter(name, self.room))
                    self.where[name] = self.room
            elif draw < LEAVE:
                if len(self.present()) > 1:
                    self.events.append(Exit(name))
                    self.where[name] = AWAY
            elif draw < LEAVE + IDLE:
                self.events.append(Nothing(name, "idle"))

    def tell(self, rng: Random, thing: str, places: Sequence[str]) -> None:
        """Somebody tells somebody where a thing is."""
        speaker, hearer = rng.sample(list(self.where), 2)
        said = self.facts[thing] if rng.random() < 0.5 else rng.choice(places)
        self.events.append(Tell(speaker, hearer, thing, said, trusted=rng.random() < 0.7))


def wander(rng: Random, lexicon: Lexicon, moves: int) -> tuple[Plot, Voice]:
    """Two or three people and two or three places, one or two things moved `moves` times in all.

    Whoever is in the room may act; things are first put away, then moved.
    """
    cast = draw_cast(rng, lexicon)
    people = (cast.protagonist, cast.other, cast.bystander)[: 2 if rng.random() < 0.6 else 3]
    surfaces = rng.random() < SURFACES
    places = _places(rng, cast, surfaces)
    things = rng.sample(lexicon.things, 2 if moves > 1 and rng.random() < 0.35 else 1)
    rooms = [cast.room, *(cast.room if rng.random() < 0.8 else AWAY for _ in people[1:])]
    agents = tuple(Agent(p.name, room) for p, room in zip(people, rooms, strict=True))
    story = _Happenings(cast.room, {agent.name: agent.room for agent in agents})
    for thing in [*things, *(rng.choice(things) for _ in range(moves - len(things)))]:
        story.come_and_go(rng)
        to = rng.choice([place for place in places if place != story.facts.get(thing)])
        if thing in story.facts and rng.random() < 0.15:
            to = story.facts[thing]  # taken out and put back
        story.move(rng.choice(story.present()), thing, to)
        if rng.random() < TELL:
            story.tell(rng, thing, places)
    story.come_and_go(rng)
    setting = Setting(
        agents,
        tuple(Container(place, cast.room, transparent=surfaces) for place in places),
        tuple(Variable(thing, places, story.initial[thing]) for thing in things),
    )
    voice = draw_voice(rng, cast, "training")
    if surfaces:
        voice = replace(voice, surfaces=frozenset(places))
    return Plot(setting, tuple(story.events)), voice


def _places(rng: Random, cast: Cast, surfaces: bool) -> tuple[str, ...]:
    if surfaces:
        return tuple(sorted(cast.surfaces))
    return tuple(sorted({*cast.places, *([cast.container] if rng.random() < 0.4 else [])}))
