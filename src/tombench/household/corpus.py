"""Pretraining text about households: what stands where and holds what, and who went where.

It has the language of the planner's prompts and of the questions, and no policy: people walk at
random, and the action after a policy's prompt is any of the candidates.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from tombench.household.agent import MEN, WOMEN
from tombench.household.asked import Exchange, ask_of_description, ask_of_stroll
from tombench.household.invented import in_invented_words, invented_name
from tombench.household.narration import Person, describe, holding, standing, stroll
from tombench.household.words import Voice, household_content_words, listed
from tombench.household.world import THINGS, class_of, draw_apartment
from tombench.planning.beliefs import View, candidates
from tombench.planning.prompts import continuation, short_prompt
from tombench.planning.situations import Situation
from tombench.stories.text import Text

__all__ = ["draw_household_text", "household_content_words"]

FEWEST_WORDS, MOST_WORDS = 30, 80
"""Of a description."""
INVENTED = 0.4
"""Share of prompts and lists whose names are invented, so that any name can be copied."""
FRAMES = ("Question: {question} Answer: {answer}", "{question} {answer}", "\n{question}\n{answer}")
"""A question and its answer, which is said."""


def draw_household_text(rng: Random) -> Text:
    """One text of 40 to 200 tokens, of any sort."""
    (draw,) = rng.choices(list(SORTS), list(SORTS.values()))
    return draw(rng)


def _description(rng: Random) -> Text:
    apartment = draw_apartment(rng)
    voice = Voice.draw(rng, apartment)
    return Text("", describe(rng, voice, apartment, rng.randint(FEWEST_WORDS, MOST_WORDS)).text)


def _asked_description(rng: Random) -> Text:
    apartment = draw_apartment(rng)
    voice = Voice.draw(rng, apartment)
    told = describe(rng, voice, apartment, rng.randint(FEWEST_WORDS, MOST_WORDS))
    asked = [ask_of_description(rng, voice, told) for _ in range(rng.randint(1, 3))]
    return _asked(rng, told.text, asked)


def _retold(rng: Random) -> Text:
    """Some of what was said again, in the other sort of names."""
    apartment = draw_apartment(rng)
    voice = Voice.draw(rng, apartment)
    other = Voice(not voice.spoken, voice.twice)
    told = describe(rng, voice, apartment, rng.randint(FEWEST_WORDS, MOST_WORDS * 2 // 3))
    again = [
        standing(
            rng,
            other,
            room,
            [class_of(p.place) for p in apartment.furnishings if p.place.room == room],
        )
        for room in told.rooms
    ]
    again += [holding(rng, other, one) for one in told.told]
    some = rng.sample(again, rng.randint(1, min(2, len(again))))
    return Text(told.text, f" In other words: {' '.join(some)}")


def _stroll(rng: Random) -> Text:
    apartment = draw_apartment(rng)
    return Text("", stroll(rng, Voice.draw(rng, apartment), apartment, _person(rng)).text)


def _asked_stroll(rng: Random) -> Text:
    apartment = draw_apartment(rng)
    voice = Voice.draw(rng, apartment)
    done = stroll(rng, voice, apartment, _person(rng))
    asked = [ask_of_stroll(rng, voice, done, apartment) for _ in range(rng.randint(1, 3))]
    return _asked(rng, done.text, asked)


def _person(rng: Random) -> Person:
    return Person(rng.choice(WOMEN), "she") if rng.random() < 0.5 else Person(rng.choice(MEN), "he")


def _asked(rng: Random, text: str, exchanges: Sequence[Exchange]) -> Text:
    """The first answer and all after it are to be said."""
    frame = rng.choice(FRAMES)
    joint = "" if frame.startswith("\n") else " "
    unique = list(dict.fromkeys(exchanges))
    unique = unique[:1] if len(text.split()) > MOST_WORDS else unique
    whole = joint.join(frame.format(question=e.question, answer=e.answer) for e in unique)
    first = frame.format(question=unique[0].question, answer="").rstrip(" ")
    prompt = f"{text}{joint}{first}"
    return Text(prompt, f"{text}{joint}{whole}"[len(prompt) :])


def _list(rng: Random) -> Text:
    """Which places and things are on a list: no more is said of them."""
    apartment = draw_apartment(rng)
    names = list(dict.fromkeys(one.place.name for one in apartment.furnishings))
    if rng.random() < 0.3:
        names = list(THINGS)
    if rng.random() < INVENTED:
        names = [invented_name(rng) for _ in names]
    on = rng.sample(names, rng.randint(2, len(names) - 1))
    asked = []
    for _ in range(rng.randint(2, 4)):
        yes = rng.random() < 0.5
        name = rng.choice(on if yes else [one for one in names if one not in on])
        said = f"Yes, the {name} is on the list." if yes else f"No, the {name} is not on the list."
        asked.append(Exchange(f"Is the {name} on the list?", said))
    told = rng.choice(("On the list: {}.", "The list says: {}.", "The list is {}."))
    named = ", ".join(on) if rng.random() < 0.7 else listed(on)
    return _asked(rng, told.format(named), asked)


def _prompted(rng: Random) -> Text:
    """A policy's short prompt with a candidate drawn alike from all, once or twice."""
    drawn = [_situation(rng) for _ in range(rng.randint(1, 2))]
    if rng.random() < INVENTED:
        drawn = [in_invented_words(rng, one) for one in drawn]
    pieces = [(short_prompt(one, rng), continuation(rng.choice(one.candidates))) for one in drawn]
    before = "".join(f"{prompt}{action}\n" for prompt, action in pieces[:-1])
    prompt, action = pieces[-1]
    return Text(f"{before}{prompt}", action)


def _situation(rng: Random) -> Situation:
    """Anybody anywhere, who may look for anything in any places."""
    apartment = draw_apartment(rng)
    places = tuple(one.place for one in apartment.furnishings)
    room, at, opened = rng.choice(apartment.rooms), None, None
    if rng.random() < 0.7:
        at = rng.choice(places)
        room = at.room
        container = apartment.furnishings[places.index(at)].kind == "container"
        opened = at if container and rng.random() < 0.4 else None
    seen = rng.choice((at or places[0], rng.choice(places))) if rng.random() < 0.2 else None
    share = rng.random()
    possible = (seen,) if seen else tuple(p for p in places if rng.random() < share)
    goal = rng.choice(THINGS)
    view = View(goal, room, at, opened, frozenset(), seen)
    return Situation(
        goal, room, at, opened is not None, possible, seen, places, candidates(view, places)
    )


SORTS: Mapping[Callable[[Random], Text], float] = {
    _description: 0.12,
    _asked_description: 0.25,
    _retold: 0.1,
    _stroll: 0.08,
    _asked_stroll: 0.15,
    _list: 0.1,
    _prompted: 0.2,
}
"""Shares of the sorts of text."""
