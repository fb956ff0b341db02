"""Questions about apartments, and about people who went around in them, with answers in full."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tombench.household.narration import Described, Stroll
from tombench.household.trace import Apartment
from tombench.household.words import Voice, be, capital, listed
from tombench.household.world import THINGS, class_of
from tombench.planning.episode import Furnishing, Place


@dataclass(frozen=True)
class Exchange:
    """A question and its answer."""

    question: str
    answer: str


def ask_of_description(rng: Random, voice: Voice, told: Described) -> Exchange:
    """Something that the description tells."""
    sorts: list[Callable[[Random, Voice, Described], Exchange]] = [_which_room, _which_places]
    if told.told:
        sorts += [_what_is_there, _is_it_there]
    if any(one.contents for one in told.told):
        sorts += [_where, _where]
    return rng.choice(sorts)(rng, voice, told)


def _where(rng: Random, voice: Voice, told: Described) -> Exchange:
    """Where a thing is; or all of a class."""
    thing = rng.choice(sorted({thing for one in told.told for thing in one.contents}))
    holders = [one for one in told.told if thing in one.contents]
    where = listed([voice.at(one.place) for one in holders])
    if sum(one.contents.count(thing) for one in holders) == 1:
        return Exchange(
            f"Where is the {voice.noun(thing)}?", f"The {voice.noun(thing)} is {where}."
        )
    return Exchange(f"Where are the {voice.many(thing)}?", f"The {voice.many(thing)} are {where}.")


def _what_is_there(rng: Random, voice: Voice, told: Described) -> Exchange:
    one = rng.choice(told.told)
    at = voice.at(one.place)
    return Exchange(f"What is {at}?", f"{_there(voice, one)} {at}.")


def _there(voice: Voice, one: Furnishing) -> str:
    return f"There {be(one.contents)} {voice.holding(one)}"


def _is_it_there(rng: Random, voice: Voice, told: Described) -> Exchange:
    """Yes and no as likely, where the place holds anything; else no."""
    one = rng.choice(told.told)
    at, yes = voice.at(one.place), bool(one.contents) and rng.random() < 0.5
    things = one.contents if yes else [thing for thing in THINGS if thing not in one.contents]
    thing = rng.choice(things)
    if yes:
        said = f"Yes, there {be([thing])} {voice.counted(1, thing)} {at}."
    else:
        said = f"No, there is no {voice.noun(thing)} {at}."
    return Exchange(f"Is there {voice.counted(1, thing)} {at}?", said)


def _which_room(rng: Random, voice: Voice, told: Described) -> Exchange:
    """In which room a place is whose name is its own."""
    rooms = [one.place for one in told.apartment.furnishings if one.place.room in told.rooms]
    own = [place for place in rooms if place.name not in voice.twice]
    if not own:
        return _which_places(rng, voice, told)
    place = rng.choice(own)
    named, room = voice.place(place), voice.room(place.room)
    return Exchange(f"In which room is {named}?", f"{capital(named)} is in {room}.")


def _which_places(rng: Random, voice: Voice, told: Described) -> Exchange:
    room = rng.choice(told.rooms)
    classes = [class_of(one.place) for one in told.apartment.furnishings if one.place.room == room]
    at = f"in {voice.room(room)}"
    return Exchange(f"What stands {at}?", f"There {be(classes)} {voice.all_of(classes)} {at}.")


def ask_of_stroll(rng: Random, voice: Voice, done: Stroll, apartment: Apartment) -> Exchange:
    """Something that a person did, or how things are in the end."""
    sorts = [_where_now, _at_what, _was_it_visited, _was_it_opened, _rooms]
    if done.opened:
        sorts += [_opened, _is_it_open]
    if done.taken:
        sorts.append(_taken)
    return rng.choice(sorts)(rng, voice, done, apartment)


def _where_now(rng: Random, voice: Voice, done: Stroll, apartment: Apartment) -> Exchange:
    name = done.person.name
    return Exchange(f"Where is {name} now?", f"{name} is in {voice.room(done.room)}.")


def _at_what(rng: Random, voice: Voice, done: Stroll, apartment: Apartment) -> Exchange:
    name, place = done.person.name, done.visited[-1]
    return Exchange(f"Where did {name} go last?", f"{name} went to {voice.place(place)} last.")


def _was_it_visited(rng: Random, voice: Voice, done: Stroll, apartment: Apartment) -> Exchange:
    place, yes = _one_of(rng, done.visited, apartment)
    name, named = done.person.name, voice.place(place)
    said = f"Yes, {name} went to {named}." if yes else f"No, {name} did not go to {named}."
    return Exchange(f"Did {name} go to {named}?", said)


def _was_it_opened(rng: Random, voice: Voice, done: Stroll, apartment: Apartment) -> Exchange:
    place, yes = _one_of(rng, done.opened, apartment, "container")
    name, named = done.person.name, voice.place(place)
    said = f"Yes, {name} opened {named}." if yes else f"No, {name} did not open {named}."
    return Exchange(f"Did {name} open {named}?", said)


def _one_of(
    rng: Random, those: list[Place], apartment: Apartment, kind: str | None = None
) -> tuple[Place, bool]:
    """One of those places, or another, as likely; whether it is one of those."""
    others = [
        one.place
        for one in apartment.furnishings
        if one.place not in those and kind in (None, one.kind)
    ]
    yes = bool(those) and (not others or rng.random() < 0.5)
    return rng.choice(those if yes else others), yes


def _rooms(rng: Random, voice: Voice, done: Stroll, apartment: Apartment) -> Exchange:
    name = done.person.name
    rooms = listed([voice.room(room) for room in dict.fromkeys(done.entered)])
    return Exchange(f"In which rooms was {name}?", f"{name} was in {rooms}.")


def _opened(rng: Random, voice: Voice, done: Stroll, apartment: Apartment) -> Exchange:
    name = done.person.name
    opened = listed([voice.place(place) for place in done.opened])
    return Exchange(f"What did {name} open?", f"{name} opened {opened}.")


def _is_it_open(rng: Random, voice: Voice, done: Stroll, apartment: Apartment) -> Exchange:
    place = rng.choice(done.opened)
    named = voice.place(place)
    is_open = place in done.left_open
    said = f"Yes, {named} is open." if is_open else f"No, {named} is closed."
    return Exchange(f"Is {named} open now?", said)


def _taken(rng: Random, voice: Voice, done: Stroll, apartment: Apartment) -> Exchange:
    name = done.person.name
    thing, place = done.taken or ("", Place("", ""))
    where = f"from {voice.place(place)}"
    return Exchange(f"What did {name} take?", f"{name} took {voice.counted(1, thing)} {where}.")
