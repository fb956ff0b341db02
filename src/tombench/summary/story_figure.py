"""The figure of story runs: belief cell by cell, pairs and whole sets, models side by side."""

from collections.abc import Iterator, Sequence
from typing import Any

from tombench.schema import Metric
from tombench.stories.contrast import CELLS
from tombench.summary.collect import EvaluatedRun
from tombench.summary.figures import (
    GREY,
    SHADE,
    canvas,
    file_of,
    legend,
    percent_axis,
    points,
    style_of,
    styled,
    wrapped,
)
from tombench.summary.stories import StoryRow, story_rows

CONTROLS = tuple(dict.fromkeys(c for cells in CELLS.values() for c in cells if c != "false_belief"))
UNITS = {"pair_accuracy": "pairs", "contrast_set_accuracy": "whole\nsets"}
GAP = 0.7  # between false belief, controls and units
SPREAD = 0.6  # the width that the models' points take
SHORTCUT = "reality"
WIDTH, WIDEST, RUN, FEW = 8.4, 16.0, 0.4, 6
"""Inches: the figure's width, at most, and what a run adds beyond a few in one panel."""


@styled
def stories_figure(runs: Sequence[EvaluatedRun], kind: str) -> bytes:
    """A panel for the runs on the same stories; a PNG or SVG file."""
    by_stories: dict[str, list[StoryRow]] = {}
    for row in story_rows(runs):
        by_stories.setdefault(row.stories, []).append(row)
    models = list(dict.fromkeys(row.label for row in story_rows(runs, shortcuts=False)))
    most = max(sum(row.shortcut is None for row in rows) for rows in by_stories.values())
    width = min(WIDEST, WIDTH + RUN * max(0, most - FEW))
    figure = canvas(width, 2.6 * len(by_stories) + 0.9 + 0.2 * -(-len(models) // 2))
    panels = figure.subplots(len(by_stories), 1, squeeze=False).flat
    for panel, (stories, rows) in zip(panels, by_stories.items(), strict=True):
        _panel(panel, rows, models)
        panel.set_title(wrapped(f"{stories}: {rows[0].sets} sets", 90))
    legend(figure, columns=2)
    figure.suptitle("Belief by cell, pairs and whole sets, 95 % intervals over sets")
    return file_of(figure, kind)


def _panel(panel: Any, rows: Sequence[StoryRow], models: Sequence[str]) -> None:
    runs = [row for row in rows if row.shortcut is None]
    places, names = _axis(runs)
    for run in runs:
        number = models.index(run.label)
        shift = SPREAD * ((runs.index(run) + 0.5) / len(runs) - 0.5)
        scores = ((places[name] + shift, _score(run, name)) for name in places)
        found = [(place, score) for place, score in scores if score]
        if found:
            points(panel, found, run.label, *style_of(number))
    for row in rows:
        if row.shortcut == SHORTCUT:
            _dashes(panel, places, row)
    panel.axvspan(-0.5, 0.5, color=SHADE, zorder=0)
    panel.set_xticks([*places.values()], names)
    panel.set_xlim(-0.6, max(places.values()) + 0.6)
    percent_axis(panel)


def _axis(runs: Sequence[StoryRow]) -> tuple[dict[str, float], list[str]]:
    """Where each cell and unit stands: false belief first and apart, then what the runs have."""
    there = [c for c in CONTROLS if any(_score(run, c) for run in runs)]
    places = {"false_belief": 0.0}
    for number, cell in enumerate(there):
        places[cell] = 1 + GAP + number
    last = max(places.values())
    for number, unit in enumerate(UNITS):
        places[unit] = last + 1 + GAP + number
    return places, [UNITS.get(name, name.replace("_", "\n")) for name in places]


def _score(row: StoryRow, name: str) -> Metric | None:
    """Of a unit, or of the question on belief in a cell."""
    if name in UNITS or row.run.stories is None:
        return row.score(name)
    return row.run.stories.score("cell", name, "belief_accuracy")


def _dashes(panel: Any, places: dict[str, float], row: StoryRow) -> None:
    """What one gets who says what is so, across each cell and unit."""
    marks = list(_marks(places, row))
    panel.hlines(
        [value for _, value in marks],
        [place - 0.42 for place, _ in marks],
        [place + 0.42 for place, _ in marks],
        colors=GREY,
        linestyles="--",
        linewidth=1.2,
        zorder=2,
        label="who always says what is so",
    )


def _marks(places: dict[str, float], row: StoryRow) -> Iterator[tuple[float, float]]:
    for name, place in places.items():
        unit = name if name in UNITS else "true_belief_accuracy"
        score = row.score("false_belief_accuracy" if name == "false_belief" else unit)
        if score:
            yield place, score.value
