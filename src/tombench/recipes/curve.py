"""What a probe measured while a model was trained: rows of `curve.csv`, and their picture."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from tombench.recipes.log import unit_of

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#333333")
"""Okabe & Ito (2008), "Color universal design"; after them another line style."""
LINES = ("-", "--", ":")


@dataclass(frozen=True)
class Point:
    """One measurement."""

    step: int  # finished steps
    tokens: int  # seen so far
    seconds: float  # of training so far, interruptions and measuring not counted
    name: str  # such as held_out_words/pairs
    value: float


HEADER = [field.name for field in fields(Point)]


def points_of(step: int, tokens: int, seconds: float, values: Mapping[str, float]) -> list[Point]:
    """A point for each measured number."""
    known = (step, tokens, round(seconds, 2))
    return [Point(*known, name, round(float(value), 5)) for name, value in values.items()]


def read_curve(path: Path, until: int) -> list[Point]:
    """The points up to step `until`; a torn last row, as a kill leaves it, is dropped.

    At step 0 nothing is kept: without a checkpoint all is measured again.
    """
    if not path.exists() or until == 0:
        return []
    points = []
    with path.open(newline="", encoding="utf-8") as file:
        for values in list(csv.reader(file))[1:]:
            try:
                step, tokens, seconds, name, value = values
                point = Point(int(step), int(tokens), float(seconds), name, float(value))
            except ValueError:
                continue
            if point.step <= until:
                points.append(point)
    return points


def write_curve(path: Path, points: Sequence[Point]) -> None:
    """Start the file with the points that are kept."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *map(astuple, points)])


def append_points(path: Path, points: Sequence[Point]) -> None:
    """Add the points of one measurement."""
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(map(astuple, points))


def plot_curve(points: Sequence[Point], path: Path) -> None:
    """A line for each name against tokens seen, a panel for each prefix before the name's `/`."""
    from matplotlib.figure import Figure

    panels: dict[str, dict[str, list[Point]]] = {}
    for point in points:
        prefix, _, rest = point.name.rpartition("/")
        panels.setdefault(prefix, {}).setdefault(rest, []).append(point)
    unit, told = unit_of(max((point.tokens for point in points), default=0))
    size = (6, 1 + 2.5 * len(panels))
    figure = Figure(figsize=size, layout="constrained")
    all_axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (prefix, lines) in zip(all_axes, panels.items(), strict=True):
        for number, (name, line) in enumerate(lines.items()):
            seen = [point.tokens / unit for point in line]
            style, colour = divmod(number, len(COLOURS))
            look = {"color": COLOURS[colour], "linestyle": LINES[style % len(LINES)]}
            axes.plot(seen, [p.value for p in line], marker=".", linewidth=1.2, label=name, **look)
        axes.set_title(prefix.replace("_", " "), fontsize="medium", loc="left")
        axes.grid(True, alpha=0.3)
        axes.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
        if all(0 <= point.value <= 1 for line in lines.values() for point in line):
            axes.set_ylim(-0.02, 1.02)
    all_axes[-1].set_xlabel(f"tokens seen{told}")
    all_axes[-1].locator_params(axis="x", nbins=6)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
