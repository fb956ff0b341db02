"""The apartment of an episode's figure: rooms with places and contents, and a way through them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tombench.planning.episode import Episode, Furnishing
from tombench.summary.planner_episode import Watched
from tombench.summary.planner_way import Stop, Way
from tombench.summary.planner_words import counted
from tombench.summary.timeline_marks import (
    FAINT,
    LINE,
    TEXT,
    Box,
    Sheet,
    depth,
    text_width,
    wrapped,
)

A, B = "#0072B2", "#D55E00"
"""The hypotheses' colours: Okabe & Ito (2008)."""
BODY, HEAD = 7.2, 8.0  # points
PLACE, WIDEST = 1.12, 1.7  # inches; how wide a place is at least, and at most
GUTTER, PADDING, TITLE = 0.11, 0.11, 0.31
BOLD = 1.15  # how much wider bold letters are, at most
PILL = 0.15  # the height of a number on the way
ROOM, CONTAINER, SURFACE = "#f6f4ef", "white", "#ece7dc"


@dataclass(frozen=True)
class Cell:
    """A place as it is set: its name beside its numbers, and what it holds."""

    furnishing: Furnishing
    numbers: str  # the steps that lead there or are done there: "1–3"
    name: tuple[str, ...]
    wanted: tuple[tuple[str, str], ...]  # goals that are there, with their colours
    others: tuple[str, ...]  # lines of what else is there
    width: float

    @property
    def height(self) -> float:
        """In inches."""
        lines = len(self.wanted) + max(len(self.others), not self.wanted)
        return 0.1 + depth(len(self.name), BODY) + depth(lines, BODY)


@dataclass(frozen=True)
class Room:
    """A room as it is set: rows of cells."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def heights(self) -> list[float]:
        return [max(cell.height for cell in row) for row in self.rows]

    @property
    def height(self) -> float:
        """In inches."""
        return TITLE + PADDING + sum(self.heights) + GUTTER * max(len(self.rows) - 1, 0)


@dataclass(frozen=True)
class Plan:
    """Where the rooms stand: the largest at the left, the others below each other at its right."""

    rooms: tuple[tuple[Room, Box], ...]
    height: float


def plan(story: Watched, width: float) -> Plan:
    """The arrangement that is least high."""
    episode = story.episode
    counts = Counter(one.place.room for one in episode.furnishings)
    rooms = [room for room in dict.fromkeys((*episode.rooms, *counts))]
    columns = max(2, int((width + GUTTER) / (_least(episode) + GUTTER + 2 * PADDING / 3)))
    if len(rooms) == 1:
        return _arranged(story, rooms[0], (), columns, columns, width)
    largest = max(rooms, key=lambda room: (counts[room], -rooms.index(room)))
    others = tuple(room for room in rooms if room != largest)
    plans = [_arranged(story, largest, others, left, columns, width) for left in range(1, columns)]
    return min(plans, key=lambda one: one.height)


def draw_apartment(sheet: Sheet, story: Watched, found: Plan, top: float, left: float) -> None:
    """Rooms, places, contents; the way between them runs where nothing stands."""
    way = Way(left + found.rooms[0][1].width + GUTTER / 2)
    for room, box in found.rooms:
        shifted = Box(box.x + left, box.y + top, box.width, box.height)
        sheet.rectangle(shifted, facecolor=ROOM, edgecolor=LINE, linewidth=0.8)
        sheet.write(shifted.x + PADDING, shifted.y + 0.13, room.name, HEAD, weight="bold")
        door = shifted.x + PADDING + text_width(room.name, HEAD, "bold") + 0.2
        way.doors[room.name] = Stop(room.name, door, shifted.y + TITLE - GUTTER / 2)
        _draw_places(sheet, room, shifted, way)
    events = story.episode.events
    start = next((event.room for event in events if event.kind == "start"), None)
    way.draw(sheet, start, [step.place for step in story.steps])
    if start in way.doors:
        door = way.doors[start]
        sheet.write(door.x + 0.1, door.y - 0.11, "starts here", BODY, color=FAINT)


def _least(episode: Episode) -> float:
    """How wide a place must be for the longest word that stands in it."""
    names = {one.place.name for one in episode.furnishings}
    names |= {thing for one in episode.furnishings for thing in one.contents}
    words = (word for name in names for word in name.split(" "))
    return max([PLACE, *(text_width(word, BODY, "bold") + 0.14 for word in words)])


def _arranged(
    story: Watched, largest: str, others: Sequence[str], left: int, columns: int, width: float
) -> Plan:
    """The largest room `left` columns wide, and the others beside it."""
    share = width if not others else (width - GUTTER) * left / columns
    first = _room(story, largest, left, share)
    beside = [_room(story, name, columns - left, width - share - GUTTER) for name in others]
    needed = sum(room.height for room in beside) + GUTTER * max(len(beside) - 1, 0)
    height = max(first.height, needed)
    spare = (height - needed) / len(beside) if beside else 0.0
    placed, y = [(first, Box(0.0, 0.0, share, height))], 0.0
    for room in beside:
        box = Box(share + GUTTER, y, width - share - GUTTER, room.height + spare)
        placed.append((room, box))
        y += box.height + GUTTER
    return Plan(tuple(placed), height)


def _room(story: Watched, name: str, columns: int, width: float) -> Room:
    own = [one for one in story.episode.furnishings if one.place.room == name]
    columns = max(1, min(columns, len(own)))
    wide = (width - 2 * PADDING - GUTTER * (columns - 1)) / columns
    wide = min(wide, max(WIDEST, _least(story.episode)))
    cells = [_cell(story, one, wide) for one in own]
    rows = (tuple(cells[at : at + columns]) for at in range(0, len(cells), columns))
    return Room(name, tuple(rows))


def _cell(story: Watched, one: Furnishing, width: float) -> Cell:
    numbers = _spans([n for n, step in enumerate(story.steps, 1) if step.place == one.place])
    room = width - 0.12 - (_pill_width(numbers) + 0.04 if numbers else 0)
    goals = _goals(story.episode, one)
    wanted = tuple((counted(goal, one.contents), ink) for goal, ink in goals.items())
    rest = [name for name in dict.fromkeys(one.contents) if name not in goals]
    listed = ", ".join(counted(name, one.contents).replace(" ", "\u00a0") for name in rest)
    others = tuple(wrapped(listed, width - 0.12, BODY)) if listed else ()
    return Cell(
        one, numbers, tuple(wrapped(one.place.name, room / BOLD, BODY)), wanted, others, width
    )


def _goals(episode: Episode, one: Furnishing) -> Mapping[str, str]:
    """The goals that are asked about and are at a place, with the colour of their hypothesis."""
    first, second = (option.goal for option in episode.query.options)
    inks = {first: A, second: B} if first != second else {first: TEXT}
    return {goal: ink for goal, ink in inks.items() if goal in one.contents}


def _spans(numbers: Sequence[int]) -> str:
    """ "1–3, 6"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{r[0]}–{r[-1]}" if len(r) > 1 else str(r[0]) for r in runs)


def _pill_width(numbers: str) -> float:
    return max(PILL, text_width(numbers, BODY, "bold") + 0.09)


def _draw_places(sheet: Sheet, room: Room, box: Box, way: Way) -> None:
    """Each place; the way comes to it from above, and runs up and down between the columns."""
    y = box.y + TITLE
    lanes = way.lanes.setdefault(room.name, [box.x + PADDING / 2])
    for row, height in zip(room.rows, room.heights, strict=True):
        x = box.x + PADDING
        for cell in row:
            _draw_place(sheet, cell, Box(x, y, cell.width, height))
            wide = _pill_width(cell.numbers or "1")
            place, right = cell.furnishing.place, x + cell.width
            way.stops[place] = Stop(room.name, right - wide / 2 - 0.04, y - GUTTER / 2)
            lanes.append(right + GUTTER / 2)
            x = right + GUTTER
        y += height + GUTTER


def _draw_place(sheet: Sheet, cell: Cell, box: Box) -> None:
    """A container is framed, a surface is a slab: its contents are in view."""
    if cell.furnishing.kind == "container":
        sheet.rectangle(box, facecolor=CONTAINER, edgecolor=LINE, linewidth=0.8)
    else:
        sheet.rectangle(box, facecolor=SURFACE)
    x, y = box.x + 0.06, box.y + 0.05
    sheet.column(x, y, cell.name, BODY, color=TEXT, weight="bold")
    y += depth(len(cell.name), BODY)
    for words, ink in cell.wanted:
        sheet.column(x, y, [words], BODY, color=ink, weight="bold")
        y += depth(1, BODY)
    if cell.others:
        sheet.column(x, y, cell.others, BODY, color=FAINT)
    elif not cell.wanted:
        sheet.column(x, y, ["empty"], BODY, color=FAINT, style="italic")
    if cell.numbers:
        wide = _pill_width(cell.numbers)
        middle = (box.x + box.width - wide / 2 - 0.04, box.y - 0.01)
        pill(sheet, middle, cell.numbers)


def pill(sheet: Sheet, middle: tuple[float, float], text: str) -> None:
    """Numbers of steps, white on dark."""
    from matplotlib.patches import FancyBboxPatch

    wide = _pill_width(text)
    round_ = f"round,pad=0,rounding_size={PILL / 2}"
    low = (middle[0] - wide / 2, middle[1] - PILL / 2)
    style = {"facecolor": TEXT, "edgecolor": "none", "linewidth": 0, "zorder": 2.5}
    sheet.axes.add_patch(FancyBboxPatch(low, wide, PILL, boxstyle=round_, **style))
    sheet.write(*middle, text, BODY, color="white", weight="bold", ha="center", zorder=4)
