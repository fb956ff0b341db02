"""Prose about apartments and about people who go around in them without any aim.

What a person does here is drawn without a look at what the person could want: nothing can be learnt
from it about goals and beliefs.
"""

from dataclasses import dataclass, field
from random import Random

from tombench.household.trace import Apartment
from tombench.household.words import Voice, be, capital
from tombench.household.world import class_of
from tombench.planning.episode import Furnishing, Place

STANDING = (
    "in {room} there {be} {places}",
    "{room} has {places}",
    "{places} {be} in {room}",
    "{room} is furnished with {places}",
    "there {be} {places} in {room}",
)
HOLDING = (
    "{at} there {be} {things}",
    "there {be} {things} {at}",
    "{things} {be} {at}",
    "{at} {be} {things}",
)
HOLDING_INSIDE = ("{place} holds {things}", "{place} contains {things}")
EMPTY = ("there is nothing {at}", "{place} is empty", "{place} holds nothing")

WALKS = ("walks to", "goes to", "walks over to", "walks towards", "heads for", "approaches")
ENTERS = ("goes into", "enters", "walks into", "comes into")
OPENS, CLOSES = ("opens",), ("closes", "shuts")
FINDS = ("{they} sees {things}", "inside there {be} {things}", "{they} finds {things}")
TAKES = ("takes", "picks up", "grabs")

OPENED, CLOSED_AGAIN, TAKEN = 0.75, 0.7, 0.15
"""How likely a container is opened, is closed again, something is taken from it at last."""
LOOKED = 0.5
"""How likely it is told what is in a container that is opened."""


@dataclass(frozen=True)
class Described:
    """A part of an apartment in words."""

    apartment: Apartment
    rooms: tuple[str, ...]  # of which all places are named
    told: tuple[Furnishing, ...]  # whose contents are told
    text: str


def describe(rng: Random, voice: Voice, apartment: Apartment, words: int) -> Described:
    """Room by room until about so many words are said."""
    rooms: list[str] = []
    told: list[Furnishing] = []
    lines: list[str] = []
    for room in rng.sample(apartment.rooms, len(apartment.rooms)):
        own = [one for one in apartment.furnishings if one.place.room == room]
        rooms.append(room)
        lines.append(standing(rng, voice, room, [class_of(one.place) for one in own]))
        for one in rng.sample(own, len(own)):
            if _words(lines) < words:
                told.append(one)
                lines.append(holding(rng, voice, one))
        if _words(lines) >= words:
            break
    return Described(apartment, tuple(rooms), tuple(told), " ".join(lines))


def _words(lines: list[str]) -> int:
    return sum(len(line.split()) for line in lines)


def standing(rng: Random, voice: Voice, room: str, classes: list[str]) -> str:
    """A sentence that says which places are in a room."""
    form = rng.choice(STANDING)
    places = voice.all_of(classes)
    return f"{capital(form.format(room=voice.room(room), be=be(classes), places=places))}."


def holding(rng: Random, voice: Voice, one: Furnishing) -> str:
    """A sentence that says what a place holds."""
    forms = (*HOLDING, *HOLDING_INSIDE) if one.kind == "container" else HOLDING
    form = rng.choice(forms if one.contents else EMPTY)
    return capital(
        form.format(
            at=voice.at(one.place),
            place=voice.place(one.place),
            things=voice.holding(one),
            be=be(one.contents),
        )
        + "."
    )


@dataclass(frozen=True)
class Person:
    """Somebody who goes around."""

    name: str
    they: str


@dataclass
class Stroll:
    """What a person did, and how things are in the end."""

    person: Person
    room: str
    at: Place | None = None
    entered: list[str] = field(default_factory=list)
    visited: list[Place] = field(default_factory=list)
    opened: list[Place] = field(default_factory=list)
    left_open: list[Place] = field(default_factory=list)
    taken: tuple[str, Place] | None = None
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All sentences."""
        return " ".join(self.lines)


def stroll(rng: Random, voice: Voice, apartment: Apartment, person: Person) -> Stroll:
    """Two to six places, drawn alike, each once; containers are opened and closed, or not."""
    start = rng.choice(apartment.rooms)
    done = Stroll(person, start, entered=[start])
    done.lines.append(f"{person.name} is in {voice.room(start)}.")
    for one in rng.sample(
        apartment.furnishings, min(rng.randint(2, 6), len(apartment.furnishings))
    ):
        _visit(rng, voice, done, one)
        if done.taken:
            break
    return done


def _visit(rng: Random, voice: Voice, done: Stroll, one: Furnishing) -> None:
    place, subject = one.place, _subject(rng, done.person)
    if place.room != done.room:
        done.room = place.room
        done.entered.append(place.room)
        done.lines.append(f"{subject} {rng.choice(ENTERS)} {voice.room(place.room)}.")
        subject = capital(done.person.they)
    done.at = place
    done.visited.append(place)
    done.lines.append(f"{subject} {rng.choice(WALKS)} {voice.place(place)}.")
    shown = one.kind == "surface"
    if not shown and rng.random() < OPENED:
        shown = True
        done.opened.append(place)
        done.lines.append(f"{_subject(rng, done.person)} {rng.choice(OPENS)} {voice.place(place)}.")
        if rng.random() < LOOKED:
            done.lines.append(_finds(rng, voice, done.person, one))
    if shown and one.contents and rng.random() < TAKEN:
        thing = rng.choice(one.contents)
        done.taken = (thing, place)
        took = f"{rng.choice(TAKES)} {voice.counted(1, thing)}"
        done.lines.append(f"{_subject(rng, done.person)} {took}.")
    if place in done.opened:
        if rng.random() < CLOSED_AGAIN:
            done.lines.append(
                f"{_subject(rng, done.person)} {rng.choice(CLOSES)} {voice.place(place)}."
            )
        else:
            done.left_open.append(place)


def _finds(rng: Random, voice: Voice, person: Person, one: Furnishing) -> str:
    form = rng.choice(FINDS)
    things, verb = voice.holding(one), be(one.contents)
    return f"{capital(form.format(they=person.they, things=things, be=verb))}."


def _subject(rng: Random, person: Person) -> str:
    return person.name if rng.random() < 0.4 else capital(person.they)
