"""Themes: other words for every class of rooms, places and things, so that no word is known.

Home is what models are trained on. The others are for tests alone: ancient Egypt, Andersen's fairy
tales, a medieval castle, outer space, the Wild West, and symbols that say nothing. The structured
record is mapped (`household.themed`), never a text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from omegaconf import OmegaConf

from tombench.datafile import EMBEDDED
from tombench.household.layouts import ORDINALS, SURFACES
from tombench.household.words import SPOKEN_ORDINALS
from tombench.planning.episode import Place, PlaceKind
from tombench.planning.reading.language import HOME as HOME_LANGUAGE
from tombench.planning.reading.language import Language, plural_of

ThemeName = Literal[
    "home",
    "ancient_egypt",
    "andersen_fairy_tales",
    "medieval_castle",
    "outer_space",
    "wild_west",
    "opaque",
]

UNSEEN: tuple[ThemeName, ...] = get_args(ThemeName)[1:]
"""Themes that nothing of ours is trained on."""


@dataclass(frozen=True)
class Noun:
    """What a class is called."""

    name: str  # the class, one word: "grainjar"
    spoken: str  # as people say it: "grain jar"
    plural: str  # "grain jars"

    @property
    def article(self) -> Literal["a", "an"]:
        """The indefinite one."""
        return "an" if self.spoken[0].lower() in "aeiou" else "a"


@dataclass(frozen=True)
class Theme:
    """A noun for each class of the home theme, by home's name of the class."""

    name: str
    title: str  # as people call it: "ancient Egypt"
    rooms: Mapping[str, Noun]
    places: Mapping[str, Noun]
    things: Mapping[str, Noun]

    @property
    def nouns(self) -> tuple[Noun, ...]:
        """All of them."""
        return (*self.rooms.values(), *self.places.values(), *self.things.values())

    def kind(self, home: str) -> PlaceKind:
        """Of home's class of places, and so of the theme's."""
        return "surface" if home in SURFACES else "container"

    def preposition(self, home: str) -> Literal["in", "on"]:
        """What is in a container is on a surface."""
        return "on" if self.kind(home) == "surface" else "in"

    def place_name(self, name: str) -> str:
        """ "2nd grainjar" for home's "2nd kitchencabinet"."""
        ordinal, _, home = name.rpartition(" ")
        noun = self.places[home].name
        return f"{ordinal} {noun}" if ordinal else noun

    def spoken_place(self, name: str) -> str:
        """ "second grain jar" for home's "2nd kitchencabinet"."""
        ordinal, _, home = name.rpartition(" ")
        noun = self.places[home].spoken
        return f"{SPOKEN_ORDINALS[ORDINALS.index(ordinal)]} {noun}" if ordinal else noun

    def home_of(self, place: Place) -> Place:
        """Home's name of a place of this theme. Raises KeyError where it has none."""
        rooms = {noun.name: home for home, noun in self.rooms.items()}
        places = {noun.name: home for home, noun in self.places.items()}
        ordinal, _, name = place.name.rpartition(" ")
        home = places[name]
        return Place(rooms[place.room], f"{ordinal} {home}" if ordinal else home)

    def home_thing(self, thing: str) -> str:
        """Home's class of a thing of this theme. Raises KeyError where it has none."""
        return {noun.name: home for home, noun in self.things.items()}[thing]


@cache
def load_theme(name: ThemeName) -> Theme:
    """A theme from `data/household/themes/`."""
    path = EMBEDDED / "household" / "themes" / f"{name}.yaml"
    values: Any = OmegaConf.to_container(OmegaConf.load(path))
    kinds = {kind: _nouns(values[kind]) for kind in ("rooms", "places", "things")}
    return Theme(name=name, title=values["title"], **kinds)


def _nouns(values: Mapping[str, Mapping[str, str]]) -> dict[str, Noun]:
    found: dict[str, Noun] = {}
    for home, own in values.items():
        name = own.get("name", home)
        spoken = own.get("spoken", name)
        found[home] = Noun(name, spoken, own.get("plural", _plural(spoken)))
    return found


def _plural(spoken: str) -> str:
    """By rule, of the last word."""
    head, _, last = spoken.rpartition(" ")
    plural = f"{last}s" if last.isupper() else plural_of(last, HOME_LANGUAGE)
    return f"{head} {plural}".strip()


def language_of(theme: Theme) -> Language:
    """The theme as the reader of texts takes it."""
    if theme.name == "home":
        return HOME_LANGUAGE
    spoken = {noun.name: (noun.spoken.lower(),) for noun in theme.nouns}
    names = {home: noun.name for home, noun in (*theme.rooms.items(), *theme.places.items())}
    own = {home: noun.name for home, noun in theme.places.items()}
    return Language(
        theme=theme.name,
        rooms={noun.name: spoken[noun.name] for noun in theme.rooms.values()},
        containers={one: spoken[one] for home, one in own.items() if home not in SURFACES},
        surfaces={one: spoken[one] for home, one in own.items() if home in SURFACES},
        things={noun.name: spoken[noun.name] for noun in theme.things.values()},
        numbered=frozenset({names["kitchencabinet"]}),
        only_in={names[place]: names[room] for place, room in HOME_LANGUAGE.only_in.items()},
        plurals=_irregular(theme),
    )


def _irregular(theme: Theme) -> dict[str, str]:
    """Plurals of single words that no rule makes."""
    found = {}
    for noun in theme.nouns:
        one, many = noun.spoken.lower().split()[-1], noun.plural.lower().split()[-1]
        if " of " not in noun.spoken and many != plural_of(one, HOME_LANGUAGE):
            found[one] = many
    return found
