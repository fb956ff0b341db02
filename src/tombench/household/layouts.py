"""Which rooms and places an apartment has; each layout belongs to one split, by its name alone."""

from collections import Counter
from hashlib import sha256
from random import Random
from typing import Literal

from tombench.planning.episode import Place

Split = Literal["train", "dev", "test"]

ROOMS = ("bedroom", "kitchen", "livingroom", "bathroom")
CONTAINERS = (
    *("fridge", "microwave", "stove", "dishwasher"),
    *("kitchencabinet", "cabinet", "bathroomcabinet"),
)
SURFACES = ("kitchentable", "coffeetable", "desk", "sofa")
"""Classes of places; the kitchen's cabinets are numbered from the left."""
ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th")

SHARES: dict[Place, float] = {
    Place("kitchen", "fridge"): 1.0,
    Place("kitchen", "microwave"): 0.95,
    Place("kitchen", "stove"): 0.95,
    Place("kitchen", "dishwasher"): 0.6,
    Place("kitchen", "kitchentable"): 0.9,
    Place("livingroom", "cabinet"): 0.9,
    Place("livingroom", "sofa"): 0.9,
    Place("livingroom", "coffeetable"): 0.6,
    Place("livingroom", "desk"): 0.4,
    Place("bedroom", "coffeetable"): 0.6,
    Place("bedroom", "desk"): 0.7,
    Place("bedroom", "cabinet"): 0.1,
    Place("bedroom", "sofa"): 0.1,
    Place("bathroom", "bathroomcabinet"): 1.0,
}
"""How likely a layout has a place; each room has one at least."""

TEST_SHARE, DEV_SHARE = 0.25, 0.1
"""Of all layouts, by their hash."""


def draw_layout(rng: Random, cabinets: int) -> tuple[Place, ...]:
    """All places in the order in which they are told: room by room, the rooms in any order."""
    rows = [Place("kitchen", f"{number} kitchencabinet") for number in ORDINALS[:cabinets]]
    found: list[Place] = []
    for room in rng.sample(ROOMS, len(ROOMS)):
        own = _draw_room(rng, room)
        rng.shuffle(own)
        cut = rng.randint(0, len(own))
        found += own[:cut] + (rows if room == "kitchen" else []) + own[cut:]
    return tuple(found)


def _draw_room(rng: Random, room: str) -> list[Place]:
    possible = {place: share for place, share in SHARES.items() if place.room == room}
    while True:
        if own := [place for place, share in possible.items() if rng.random() < share]:
            return own


def layout_name(places: tuple[Place, ...]) -> str:
    """Rooms and places in one line, whatever their order."""
    rooms = sorted({place.room for place in places})
    lines = []
    for room in rooms:
        own = Counter(place.name.rpartition(" ")[2] for place in places if place.room == room)
        told = [f"{count} {name}s" if count > 1 else name for name, count in sorted(own.items())]
        lines.append(f"{room}: {', '.join(told)}")
    return "; ".join(lines)


def split_of(layout: str) -> Split:
    """The split that a layout belongs to, whoever draws it."""
    draw = int.from_bytes(sha256(layout.encode()).digest()[:8], "big") / 2**64
    if draw < TEST_SHARE:
        return "test"
    return "dev" if draw < TEST_SHARE + DEV_SHARE else "train"
