"""What figures of stories are made of: cells, marks and lines of text, placed in inches.

Every cell holds its value in words, so colour adds to what is said and nothing is lost in
greyscale. y grows downwards, as a page is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tombench.summary.figures import file_of

# Okabe & Ito (2008), "Color universal design", in an order whose greys differ too
INKS = (
    ("#E69F00", "black"),
    ("#0072B2", "white"),
    ("#F0E442", "black"),
    ("#009E73", "white"),
    ("#CC79A7", "black"),
    ("#56B4E9", "black"),
)
PALE, HATCH, LINE, TEXT, FAINT = "#ededed", "#bdbdbd", "#9a9a9a", "#111111", "#6b6b6b"
SIZE, SMALL = 8.0, 6.8  # points
INCH = 72.0  # points
LEADING = 1.3  # from line to line, over the font's size
ASCENT, MIDDLE = 0.95, 0.36  # from a line's top, and from its middle, down to where letters stand
EYE = 0.075  # half an eye's width, inches

Colours = Mapping[str, tuple[str, str]]
"""The colour of each value and that of the text on it."""


def palette(values: Sequence[str]) -> Colours:
    """Colours of values, in their order."""
    return {value: INKS[number % len(INKS)] for number, value in enumerate(values)}


def depth(lines: int, size: float = SMALL) -> float:
    """How deep so many lines are, in inches."""
    return lines * size * LEADING / INCH


@cache
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """How wide a line is, in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.0
    font = FontProperties(size=size, weight=weight)
    return TextPath((0, 0), text, prop=font).get_extents().x1 / INCH


def wrapped(text: str, width: float, size: float) -> list[str]:
    """The lines of a text in a column of that width, in inches."""
    lines = [""]
    for word in text.split(" "):  # a no-break space holds words together
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, width and height."""

    x: float
    y: float
    width: float
    height: float

    def within(self, inset: float) -> "Box":
        """A smaller one of the same middle."""
        return Box(self.x + inset, self.y + inset, self.width - 2 * inset, self.height - 2 * inset)


@dataclass(frozen=True)
class Sheet:
    """A page of a size, on which things are drawn in inches from its upper left corner."""

    width: float
    height: float
    figure: Any = field(init=False)
    axes: Any = field(init=False)

    def __post_init__(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(self.width, self.height))
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, self.width), ylim=(self.height, 0))
        axes.set_axis_off()
        object.__setattr__(self, "figure", figure)
        object.__setattr__(self, "axes", axes)

    def saved(self, kind: str, title: str = "") -> bytes:
        """A PNG or SVG file, the same bytes each time; an SVG tells its title."""
        return file_of(self.figure, kind, title)

    def write(self, x: float, y: float, text: str, size: float = SIZE, **style: Any) -> None:
        """One line; y is its middle."""
        at = y + MIDDLE * size / INCH
        self.axes.text(x, at, text, fontsize=size, **{"color": TEXT, "va": "baseline"} | style)

    def column(self, x: float, y: float, lines: Sequence[str], size: float, **style: Any) -> None:
        """Lines below each other; y is the top of the first."""
        for number, line in enumerate(lines):
            middle = y + depth(number, size) + (ASCENT - MIDDLE) * size / INCH
            self.write(x, middle, line, size, **style)

    def line(self, start: tuple[float, float], end: tuple[float, float], **style: Any) -> None:
        plain = {"color": LINE, "linewidth": 0.7, "solid_capstyle": "butt"}
        self.axes.plot((start[0], end[0]), (start[1], end[1]), **plain | style)

    def rectangle(self, box: Box, **style: Any) -> None:
        from matplotlib.patches import Rectangle

        plain = {"edgecolor": "none", "linewidth": 0}
        self.axes.add_patch(Rectangle((box.x, box.y), box.width, box.height, **plain | style))

    def cell(self, box: Box, values: Sequence[str], colours: Colours, note: str = "") -> None:
        """One value on its colour, or several on hatched grey; a note below."""
        ground, ink = colours[values[0]] if len(values) == 1 else (PALE, TEXT)
        size = SIZE + 0.5 if len(values) == 1 else SMALL
        lines = wrapped(" or ".join(values), box.width - 0.14, size)
        self.rectangle(box.within(0.01), facecolor=ground)
        if len(values) > 1:
            self.rectangle(box.within(0.01), facecolor=ground, edgecolor=HATCH, hatch="/////")
            wide = 0.1 + max(text_width(line, SMALL) for line in (*lines, note))
            plate = Box(box.x + (box.width - wide) / 2, box.y + 0.01, wide, box.height - 0.02)
            self.rectangle(plate, facecolor=ground)
        middle = box.x + box.width / 2
        y = box.y + (box.height - depth(len(lines), size) - depth(bool(note))) / 2
        self.column(middle, y, lines, size, color=ink, ha="center")
        if note:
            below = y + depth(len(lines), size)
            self.column(middle, below, [note], SMALL, color=ink, ha="center", style="italic")

    def outline(self, box: Box) -> None:
        """A heavy frame just inside a cell."""
        style = {"edgecolor": "black", "linewidth": 2.2, "joinstyle": "miter"}
        self.rectangle(box.within(0.024), facecolor="none", **style)

    def eye(self, x: float, y: float, *, unseen: bool = False) -> None:
        """Somebody perceives it; dashed where nobody there knows that they do."""
        from matplotlib.patches import Circle, PathPatch
        from matplotlib.path import Path

        lift = 1.5 * EYE
        points = [(-EYE, 0), (0, -lift), (EYE, 0), (0, lift), (-EYE, 0)]
        codes = [Path.MOVETO, Path.CURVE3, Path.CURVE3, Path.CURVE3, Path.CURVE3]
        lids = Path([(x + right, y + down) for right, down in points], codes)
        style = {"facecolor": "white", "edgecolor": TEXT, "linewidth": 0.9}
        dashes = (0, (1.6, 1.1)) if unseen else "solid"
        self.axes.add_patch(PathPatch(lids, linestyle=dashes, **style))
        self.axes.add_patch(Circle((x, y), EYE * 0.38, facecolor=TEXT, edgecolor="none"))

    def ring(self, x: float, y: float) -> None:
        """Somebody does not perceive it."""
        from matplotlib.patches import Circle

        style = {"facecolor": "white", "edgecolor": TEXT, "linewidth": 0.9}
        self.axes.add_patch(Circle((x, y), EYE * 0.62, **style))
