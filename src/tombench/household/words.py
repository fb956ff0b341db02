"""How apartments are spoken of: as people say it, or by class names as the study's files have them.

"the second kitchen cabinet", "two bags of chips"; or "the 2nd kitchencabinet", "2 chips".
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tombench.household.agent import MEN, WOMEN
from tombench.household.layouts import CONTAINERS, ORDINALS, ROOMS, SURFACES
from tombench.household.trace import Apartment
from tombench.household.world import THINGS, kind_of
from tombench.planning.episode import Furnishing, Place

SPOKEN = {
    "livingroom": "living room",
    "kitchencabinet": "kitchen cabinet",
    "kitchentable": "kitchen table",
    "coffeetable": "coffee table",
    "bathroomcabinet": "bathroom cabinet",
    "chips": "bag of chips",
    "condimentbottle": "condiment bottle",
    "dishbowl": "dish bowl",
    "remotecontrol": "remote control",
    "waterglass": "water glass",
    "wine": "bottle of wine",
    "wineglass": "wine glass",
}
"""Classes that people call otherwise."""

SPOKEN_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
_ALIKE_IN_PLURAL = ("chips", "salmon")


def household_content_words() -> frozenset[str]:
    """Things, places, rooms and names of households, in lower case: whole words."""
    classes = (*ROOMS, *CONTAINERS, *SURFACES, *THINGS)
    phrases = [*classes, *SPOKEN.values(), *ORDINALS, *SPOKEN_ORDINALS, *WOMEN, *MEN]
    plurals = [plural(SPOKEN.get(one, one)) for one in THINGS]
    words = {word for phrase in (*phrases, *plurals) for word in phrase.lower().split()}
    return frozenset(words - {"of"})


def plural(phrase: str) -> str:
    """ "bags of chips", "wineglasses", "salmon"."""
    head, of, rest = phrase.partition(" of ")
    if head in _ALIKE_IN_PLURAL:
        return phrase
    return f"{head}{'es' if head.endswith(('s', 'x', 'ch', 'sh')) else 's'}{of}{rest}"


def singular(phrase: str) -> str:
    """With its article: "an apple"."""
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def listed(phrases: Sequence[str]) -> str:
    """ "a, b and c"."""
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"


def capital(sentence: str) -> str:
    """With its first letter large."""
    return sentence[0].upper() + sentence[1:]


@dataclass(frozen=True)
class Voice:
    """One way to speak of one apartment."""

    spoken: bool  # as people say it; False: by class names
    twice: frozenset[str]  # names of places that stand in more than one room

    @classmethod
    def draw(cls, rng: Random, apartment: Apartment, spoken: bool | None = None) -> "Voice":
        """Either way; a place whose name is not its own is told with its room."""
        counts = Counter(one.place.name for one in apartment.furnishings)
        twice = frozenset(name for name, number in counts.items() if number > 1)
        return cls(rng.random() < 0.5 if spoken is None else spoken, twice)

    def noun(self, name: str) -> str:
        """A class of rooms, places or things."""
        return SPOKEN.get(name, name) if self.spoken else name

    def room(self, room: str) -> str:
        """ "the living room"."""
        return f"the {self.noun(room)}"

    def place(self, place: Place) -> str:
        """ "the second kitchen cabinet", "the desk in the bedroom" where there are two."""
        ordinal, _, name = place.name.rpartition(" ")
        if ordinal and self.spoken:
            ordinal = SPOKEN_ORDINALS[ORDINALS.index(ordinal)]
        named = f"the {ordinal} {self.noun(name)}" if ordinal else f"the {self.noun(name)}"
        return f"{named} in {self.room(place.room)}" if place.name in self.twice else named

    def at(self, place: Place) -> str:
        """ "inside the fridge", "on the desk"."""
        return f"{'inside' if kind_of(place) == 'container' else 'on'} {self.place(place)}"

    def counted(self, number: int, name: str) -> str:
        """ "a plate", "two plates"."""
        noun = self.noun(name)
        if number == 1:
            return singular(noun)
        return f"{NUMBERS[number] if self.spoken else number} {plural(noun)}"

    def many(self, name: str) -> str:
        """ "plates"."""
        return plural(self.noun(name))

    def all_of(self, names: Sequence[str]) -> str:
        """ "two plates and an apple"."""
        counts = Counter(names)
        return listed([self.counted(number, name) for name, number in counts.items()])

    def holding(self, one: Furnishing) -> str:
        """What a place holds: "two plates and an apple", or "nothing"."""
        return self.all_of(one.contents) if one.contents else "nothing"


def be(names: Sequence[str]) -> str:
    """ "is" for one thing, "are" for several."""
    return "is" if len(names) <= 1 else "are"
