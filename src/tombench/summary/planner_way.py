"""The way of a person through a drawn apartment, along the gaps between places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tombench.planning.episode import Place
from tombench.summary.timeline_marks import Sheet

COLOUR, WIDTH = "#CC79A7", 3.4  # points
DOT = 8.0  # points

Point = tuple[float, float]


@dataclass(frozen=True)
class Stop:
    """Where the way halts: in a room, in the gap above a row of places."""

    room: str
    x: float
    y: float


@dataclass
class Way:
    """What of an apartment the way must know; in inches on the sheet."""

    corridor: float  # the x of the gap between the largest room and the others
    stops: dict[Place, Stop] = field(default_factory=dict)
    doors: dict[str, Stop] = field(default_factory=dict)  # where one stands who is in a room
    lanes: dict[str, list[float]] = field(default_factory=dict)  # by room, the gaps' x

    def draw(self, sheet: Sheet, start: str | None, places: Sequence[Place]) -> None:
        """From the room of the start to each place in turn."""
        first = [self.doors[start]] if start in self.doors else []
        visited = [self.stops[place] for place in places if place in self.stops]
        stations = [*first, *visited]
        style = {"color": COLOUR, "linewidth": WIDTH, "zorder": 1.6, "solid_capstyle": "round"}
        drawn: set[tuple[Point, Point]] = set()
        for leg in (leg for pair in pairwise(stations) for leg in self._legs(*pair)):
            if leg not in drawn:
                sheet.line(*leg, **style)
            drawn |= {leg, leg[::-1]}
        if first:
            sheet.axes.plot([first[0].x], [first[0].y], "o", color=COLOUR, markersize=DOT, zorder=2)

    def _legs(self, one: Stop, other: Stop) -> Iterator[tuple[Point, Point]]:
        """Along a gap between rows, across, and along another."""
        if one.room == other.room and one.y == other.y:
            corners = [(one.x, one.y), (other.x, other.y)]
        else:
            x = self._crossing(one, other)
            corners = [(one.x, one.y), (x, one.y), (x, other.y), (other.x, other.y)]
        yield from pairwise(corners)

    def _crossing(self, one: Stop, other: Stop) -> float:
        """Where the way changes rows; between rooms in the corridor."""
        if one.room != other.room:
            return self.corridor
        return min(self.lanes[one.room], key=lambda x: abs(x - one.x) + abs(x - other.x))
