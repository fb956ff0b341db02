"""Apartments of our simulator: rooms, places with contents, and where each place stands.

Three sorts of kitchen (0, 4 or 8 cabinets), and which other places there are varies: the classes of
rooms, places and things are those of MMToM-QA (Jin et al. 2024), the apartments are drawn here.
"""

from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

from tombench.household.floorplan import draw_spots
from tombench.household.layouts import SURFACES, Split, draw_layout, layout_name, split_of
from tombench.household.trace import Apartment
from tombench.planning.episode import Furnishing, Place

Cabinets = Literal[0, 4, 8]

THINGS = (
    *("apple", "book", "chips", "condimentbottle", "cupcake", "dishbowl"),
    *("plate", "remotecontrol", "salmon", "waterglass", "wine", "wineglass"),
)
"""Classes of things, as the study's files write them."""

PRESENT = 0.8
"""How likely a class is in an apartment at all."""
ONE_MORE = 0.45
"""How likely there is another of a class, up to `MOST_ALIKE`."""
MOST_ALIKE = 4
AT_HOME = 6.0
"""How many times as likely a thing is in a place where it belongs, in a tidy apartment."""

_TABLES = ("kitchentable", "coffeetable")
_LARDER = ("fridge", "microwave", "stove", "kitchentable", "kitchencabinet")
_DISHES = ("kitchencabinet", "dishwasher", "kitchentable")
BELONGS: dict[str, tuple[str, ...]] = {
    "apple": ("fridge", *_TABLES, "kitchencabinet"),
    "book": ("desk", "coffeetable", "sofa", "cabinet"),
    "chips": ("kitchencabinet", "cabinet", "coffeetable", "desk"),
    "condimentbottle": ("kitchencabinet", "fridge", "bathroomcabinet"),
    "cupcake": _LARDER,
    "dishbowl": _DISHES,
    "plate": (*_DISHES, "microwave"),
    "remotecontrol": ("sofa", "coffeetable", "desk", "cabinet"),
    "salmon": ("fridge", "microwave", "stove"),
    "waterglass": (*_DISHES, *_TABLES, "desk", "bathroomcabinet"),
    "wine": ("fridge", "kitchencabinet", "cabinet", "kitchentable"),
    "wineglass": (*_DISHES, "coffeetable", "cabinet"),
}
"""Where a class of things is likelier than elsewhere; nowhere is it impossible."""


def draw_apartment(
    rng: Random, cabinets: Cabinets | None = None, split: Split | None = None
) -> Apartment:
    """An apartment.

    Args:
        rng: the only source of chance.
        cabinets: in the kitchen; None: any of the three.
        split: draws again until the layout belongs to this split; None: any layout.
    """
    while True:
        number = rng.choice(get_args(Cabinets)) if cabinets is None else cabinets
        places = draw_layout(rng, number)
        layout = layout_name(places)
        if split is None or split_of(layout) == split:
            break
    rooms = tuple(dict.fromkeys(place.room for place in places))
    contents = _Contents(rng, places).draw()
    furnishings = tuple(
        Furnishing(place, kind_of(place), contents[place], "simulator") for place in places
    )
    return Apartment(rooms, furnishings, draw_spots(rng, places), layout)


def class_of(place: Place) -> str:
    """ "kitchencabinet" for "2nd kitchencabinet"."""
    return place.name.rpartition(" ")[2]


def kind_of(place: Place) -> Literal["container", "surface"]:
    """Whether a place of the home theme hides what it holds."""
    return "surface" if class_of(place) in SURFACES else "container"


@dataclass(frozen=True)
class _Contents:
    """Draws what is where."""

    rng: Random
    places: tuple[Place, ...]

    def draw(self) -> dict[Place, tuple[str, ...]]:
        """Classes of things at each place, one entry a thing; a few of them, in any order."""
        rng, held = self.rng, {place: [] for place in self.places}
        tidiness = rng.random()
        for thing in THINGS:
            if rng.random() >= PRESENT:
                continue
            weights = [
                1 + tidiness * AT_HOME * (class_of(place) in BELONGS[thing])
                for place in self.places
            ]
            for place in rng.choices(self.places, weights, k=self._alike()):
                held[place].append(thing)
        for things in held.values():
            rng.shuffle(things)
        return {place: tuple(things) for place, things in held.items()}

    def _alike(self) -> int:
        number = 1
        while number < MOST_ALIKE and self.rng.random() < ONE_MORE:
            number += 1
        return number
