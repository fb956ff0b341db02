"""Where things stand and which way leads from room to room.

Rooms are squares of `SIDE` metres on a grid, so that a spot's coordinates tell its room's square;
a door is in the middle of the wall between two neighbours. Places stand along the walls.
"""

import itertools
from collections import deque
from dataclasses import dataclass
from math import floor
from random import Random

from tombench.household.trace import Apartment, Spot
from tombench.planning.episode import Place

SIDE = 4.0
"""Metres that a room is long and wide."""
FROM_WALL = 0.4
WALL_SLOTS = 4
"""Places along one wall; (SIDE - 2 * FROM_WALL) / WALL_SLOTS = 0.8 metres from one to the next."""

Square = tuple[int, int]

PLANS: tuple[tuple[Square, ...], ...] = (
    ((0, 0), (1, 0), (0, 1), (1, 1)),  # two by two
    ((0, 0), (1, 0), (2, 0), (3, 0)),  # in a row
    ((1, 0), (0, 1), (1, 1), (2, 1)),  # three around one
    ((0, 0), (1, 0), (1, 1), (2, 1)),  # in zigzag
)


@dataclass(frozen=True)
class Point:
    """Metres."""

    x: float
    y: float


@dataclass(frozen=True)
class Leg:
    """A part of a way: straight to a door, or to a place."""

    to: Point
    room: str | None  # the room behind the door; None: no door


def draw_spots(rng: Random, places: tuple[Place, ...]) -> tuple[Spot, ...]:
    """A spot for each place, in their order; numbered cabinets stand side by side."""
    rooms = tuple(dict.fromkeys(place.room for place in places))
    squares = _draw_squares(rng, rooms)
    spots: dict[Place, Spot] = {}
    for room, square in squares.items():
        own = [place for place in places if place.room == room]
        for place, slot in _draw_slots(rng, own).items():
            point = _slot_point(square, slot)
            spots[place] = Spot(place, point.x, point.y)
    return tuple(spots[place] for place in places)


def _draw_squares(rng: Random, rooms: tuple[str, ...]) -> dict[str, Square]:
    """A square for each room; nobody has to go through a bathroom if the plan can help it."""
    plan = rng.choice(PLANS)
    while True:
        squares = dict(zip(rooms, rng.sample(plan, len(rooms)), strict=True))
        doors = {room: sum(_adjoin(square, s) for s in plan) for room, square in squares.items()}
        if doors.get("bathroom", 0) <= min(doors.values()):
            return squares


def _adjoin(one: Square, other: Square) -> bool:
    return abs(one[0] - other[0]) + abs(one[1] - other[1]) == 1


def _draw_slots(rng: Random, own: list[Place]) -> dict[Place, int]:
    numbered = sorted(place for place in own if " " in place.name)
    others = [place for place in own if " " not in place.name]
    slots = 4 * WALL_SLOTS
    first = rng.randrange(slots)
    taken = [(first + number) % slots for number in range(len(numbered))]
    free = [slot for slot in range(slots) if slot not in taken]
    drawn = rng.sample(free, len(others))
    return dict(zip([*numbered, *others], [*taken, *drawn], strict=True))


def _slot_point(square: Square, slot: int) -> Point:
    """Slots go around the room clockwise from a corner."""
    wall, number = divmod(slot, WALL_SLOTS)
    along = FROM_WALL + number * (SIDE - 2 * FROM_WALL) / WALL_SLOTS
    across = SIDE - FROM_WALL
    x, y = ((along, FROM_WALL), (across, along), (SIDE - along, across), (FROM_WALL, SIDE - along))[
        wall
    ]
    return Point(square[0] * SIDE + x, square[1] * SIDE + y)


class FloorPlan:
    """The squares and doors of one apartment, read off its spots."""

    def __init__(self, apartment: Apartment) -> None:
        """Raises ValueError where a room has no place, for then nothing tells where it is."""
        self.spots = {spot.place: Point(spot.x, spot.y) for spot in apartment.spots}
        self.squares = {
            place.room: (floor(point.x / SIDE), floor(point.y / SIDE))
            for place, point in self.spots.items()
        }
        if missing := [room for room in apartment.rooms if room not in self.squares]:
            raise ValueError(f"no place stands in the {missing[0]}")

    def middle(self, room: str) -> Point:
        """The middle of a room."""
        x, y = self.squares[room]
        return Point((x + 0.5) * SIDE, (y + 0.5) * SIDE)

    def way(self, room: str, to: Place) -> list[Leg]:
        """From a room to a place through as few doors as possible."""
        rooms = self._rooms(room, to.room)
        doors = [Leg(self._door(here, there), there) for here, there in itertools.pairwise(rooms)]
        return [*doors, Leg(self.spots[to], None)]

    def _rooms(self, start: str, end: str) -> list[str]:
        before: dict[str, str] = {}
        queue = deque([start])
        while queue and end != start and end not in before:
            here = queue.popleft()
            for room in self.squares:
                if room != start and room not in before and self._neighbours(here, room):
                    before[room] = here
                    queue.append(room)
        rooms = [end]
        while rooms[-1] != start:
            rooms.append(before[rooms[-1]])
        return rooms[::-1]

    def _neighbours(self, one: str, other: str) -> bool:
        return _adjoin(self.squares[one], self.squares[other])

    def _door(self, one: str, other: str) -> Point:
        a, b = self.middle(one), self.middle(other)
        return Point((a.x + b.x) / 2, (a.y + b.y) / 2)
