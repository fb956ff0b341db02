"""What a student learnt, cell by cell; and what models' choices hang on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tombench.statistics.deviance import Share
from tombench.statistics.improvement import countable, improvements
from tombench.strategy.payoffs import DILEMMAS
from tombench.summary.figures import (
    BLUE,
    CHANGES,
    GREY,
    HATCHES,
    ORANGE,
    SMALL,
    canvas,
    file_of,
    legend,
    styled,
    wrapped,
)
from tombench.summary.games_learned import Place, shared, transfer_of
from tombench.summary.games_roles import Chooser, Lesson
from tombench.summary.games_sensitivity import Dependence, dependences
from tombench.summary.games_tables import contexts_in

REACH = 100.0  # percent at which the colours of improvement end; the numbers do not
NET = "net of sampling error, 95 % interval"
PANELS, LETTERS = 2, 16
"""Parts side by side; of a label in one line."""
EFFECTS = {
    "row": ("game", BLUE, HATCHES[0]),
    "column": ("context", ORANGE, HATCHES[1]),
    "interaction": ("interaction", GREY, HATCHES[2]),
}


@styled
def gap_figure(lesson: Lesson, kind: str) -> bytes | None:
    """Maps of games × contexts: untuned − teacher, student − teacher, the study's improvement.

    Cells told in several ways are averaged. None without a teacher or the four games.
    """
    places = [
        place
        for found, _ in shared(lesson).values()
        for place in found
        if place.student.of("game") in DILEMMAS
    ]
    if not places:
        return None
    rows = list(contexts_in([place.student for place in places]).items())
    named = {id(cell): row for row, (_, cells) in enumerate(rows) for cell in cells}
    games = [game for game in DILEMMAS if any(p.student.of("game") == game for p in places)]
    grouped: dict[tuple[int, int], list[Place]] = {}
    for place in places:
        at = named[id(place.student)], games.index(place.student.of("game"))
        grouped.setdefault(at, []).append(place)
    maps = _maps(lesson, grouped, (len(rows), len(games)))
    figure = canvas(1.9 + 3.0 * len(maps), 1.5 + 0.3 * len(rows))
    panels = figure.subplots(1, len(maps), sharey=True, squeeze=False)[0]
    for panel, (title, values) in zip(panels, maps.items(), strict=True):
        percent = "%" in title
        _map(panel, values, REACH if percent else 1.0, "{:.0f}" if percent else "{:+.2f}")
        panel.set_title(title)
        panel.set_xticks(range(len(games)), games, rotation=25)
    panels[0].set_yticks(range(len(rows)), [name for name, _ in rows])
    figure.suptitle(f"{lesson.student.label}: what was learnt, cell by cell")
    return file_of(figure, kind)


@styled
def awareness_figure(found: Sequence[Chooser], kind: str) -> bytes | None:
    """The share of deviance that game and context explain, by part; None where nothing is crossed.

    Bars are as they are found, points net of sampling error with 95 % intervals.
    """
    own = [(chooser.label, {one.part: one for one in dependences(chooser)}) for chooser in found]
    parts = list(dict.fromkeys(part for _, known in own for part in known))
    if not parts:
        return None
    columns = min(PANELS, len(parts))
    lines = -(-len(parts) // columns)
    figure = canvas(1.0 + max(3.2, 1.2 * len(own)) * columns, 1.0 + 2.9 * lines)
    panels = list(figure.subplots(lines, columns, sharey=True, squeeze=False).flat)
    for panel in panels[len(parts) :]:
        panel.set_visible(False)
    for panel, part in zip(panels, parts, strict=False):
        there = [(label, known[part]) for label, known in own if part in known]
        for number, (_, one) in enumerate(there):
            _bars(panel, number, one)
        names = [wrapped(label.replace(":", ": "), LETTERS) for label, _ in there]
        panel.set_xticks(range(len(names)), names, fontsize=SMALL)
        panel.set_title(part)
        panel.set_ylim(-0.05, 1.05)
        panel.axhline(0, color=GREY, lw=0.8)
        panel.grid(axis="y")
        if panel.get_subplotspec().is_first_col():
            panel.set_ylabel("share of deviance explained")
    legend(figure, columns=4)
    figure.suptitle("What choices hang on")
    return file_of(figure, kind)


def _maps(
    lesson: Lesson, grouped: dict[tuple[int, int], list[Place]], shape: tuple[int, int]
) -> dict[str, np.ndarray]:
    """By title [contexts, games]; NaN where nothing is shared."""
    maps = {"student − teacher": np.full(shape, np.nan)}
    if lesson.untuned is not None:
        before = {"untuned − teacher": np.full(shape, np.nan)}
        maps = before | maps | {"improvement (study's), %": np.full(shape, np.nan)}
    for at, own in grouped.items():
        teacher = np.mean([place.teacher.share for place in own])
        student = np.mean([place.student.share for place in own])
        maps["student − teacher"][at] = student - teacher
        if lesson.untuned is not None:
            untuned = np.mean([place.untuned.share for place in own if place.untuned])
            maps["untuned − teacher"][at] = untuned - teacher
            transfer = transfer_of(own)
            each = improvements(transfer, countable(transfer))
            maps["improvement (study's), %"][at] = _mean(each)
    return maps


def _mean(values: np.ndarray) -> float:
    """Over those that are numbers; NaN where none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _map(panel: Any, values: np.ndarray, reach: float, told: str) -> None:
    """A heat map with its numbers; grey where there are none."""
    panel.set_facecolor("#e4e4e4")
    panel.imshow(values, aspect="auto", cmap=CHANGES, vmin=-reach, vmax=reach)
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            dark = abs(value) > 0.6 * reach
            panel.text(
                column, row, told.format(value), ha="center", va="center", fontsize=SMALL,
                color="white" if dark else "black",
            )  # fmt: skip


def _bars(panel: Any, number: int, one: Dependence) -> None:
    width = 0.8 / len(EFFECTS)
    for place, (effect, (name, colour, hatch)) in enumerate(EFFECTS.items()):
        share: Share = getattr(one.shares.alone, effect)
        at = number + (place - 1) * width
        bar = {"color": colour, "alpha": 0.55, "hatch": hatch, "edgecolor": "white", "linewidth": 0}
        panel.bar(at, share.value, 0.92 * width, label=name, **bar)
        if not one.exact and np.isfinite([share.corrected, share.low, share.high]).all():
            low, high = share.corrected - share.low, share.high - share.corrected
            panel.errorbar(
                at, share.corrected, yerr=[[max(0.0, low)], [max(0.0, high)]], fmt="o", ms=3.5,
                color="black", capsize=2.5, elinewidth=1, label=NET,
            )  # fmt: skip
