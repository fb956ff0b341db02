"""What was chosen where: cooperation by game and context, and donations, of up to three models."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tombench.strategy.payoffs import DILEMMAS
from tombench.summary.figures import (
    GREY,
    HATCHES,
    SMALL,
    canvas,
    file_of,
    legend,
    points,
    style_of,
    styled,
    wrapped,
)
from tombench.summary.games import PUBLISHED, Choices
from tombench.summary.games_rates import amounts, invalid_share, rate
from tombench.summary.games_roles import Chooser

MOST = len(HATCHES)
"""Models in one figure."""
BAD = "#dddddd"
POINTS = 11  # amounts of the study's game, 0 to 10


@styled
def choice_figure(found: Sequence[Chooser], kind: str) -> bytes | None:
    """A row of panels each set of payoffs, a column each game; None without the four games.

    Points are C / (C + D) with 95 % intervals, bars from above the share of invalid answers.
    """
    own = [[c for c in chooser.cells if c.of("game") in DILEMMAS] for chooser in found]
    payoffs = _levels(own, "payoffs", first=PUBLISHED)
    games = [game for game in DILEMMAS if any(c.of("game") == game for cells in own for c in cells)]
    if not games:
        return None
    contexts = _contexts(own)
    figure = canvas(1.2 + 2.75 * len(games), 1.9 + 2.2 * len(payoffs))
    panels = figure.subplots(
        len(payoffs), len(games), sharex=True, sharey=True, squeeze=False
    )  # [payoffs, games]
    for row, paid in zip(panels, payoffs, strict=True):
        for panel, game in zip(row, games, strict=True):
            for number, (chooser, cells) in enumerate(zip(found, own, strict=True)):
                there = [c for c in cells if (c.of("game"), c.of("payoffs")) == (game, paid)]
                _series(panel, number, chooser.label, _by_context(there, contexts), len(found))
            title = game if paid == PUBLISHED else f"{game}, {paid}"
            _frame(panel, title, contexts)
    legend(figure, columns=len(found))
    figure.suptitle("How often the first action (C) is chosen, by game and context")
    return file_of(figure, kind)


@styled
def donation_figure(found: Sequence[Chooser], kind: str) -> bytes | None:
    """Shares of the amounts given in the public goods game; None where nobody gave."""
    own = [(one.label, [c for c in one.cells if c.donation and c.known]) for one in found]
    own = [(label, cells) for label, cells in own if cells]
    if not own:
        return None
    figure = canvas(6.4, 3.6)
    panel = figure.subplots()
    width, most = 0.8 / len(own), POINTS
    for number, (label, cells) in enumerate(own):
        given = amounts(cells)
        places = np.array([float(amount) for amount in given])
        most = max(most, int(places.max()) + 1)
        mean = float(places @ np.array(list(given.values())))
        colour, place = style_of(number)[0], (number - (len(own) - 1) / 2) * width
        told = f"{label}: mean {mean:.2f}"
        bars = {"color": colour, "hatch": HATCHES[number], "edgecolor": "white", "linewidth": 0}
        panel.bar(places + place, list(given.values()), width, label=told, **bars)
        panel.axvline(mean, color=colour, lw=1, ls=":", zorder=0)
    panel.set_xticks(range(most), [str(amount) for amount in range(most)])
    panel.set_xlabel("points given; dotted: the mean")
    panel.set_ylabel("share of answers")
    panel.set_ylim(bottom=0)
    _plain(panel)
    legend(figure)
    figure.suptitle("Public goods: what is given")
    return file_of(figure, kind)


def _levels(own: Sequence[Sequence[Choices]], factor: str, first: str) -> list[str]:
    found = {cell.of(factor) for cells in own for cell in cells}
    return sorted(found, key=lambda level: (level != first, level))


def _contexts(own: Sequence[Sequence[Choices]]) -> list[tuple[str, bool]]:
    """Each context and whether it is held out; these last, and no context before all."""
    found = {(cell.of("context"), cell.held_out) for cells in own for cell in cells}
    return sorted(found, key=lambda one: (one[1], one[0] != "none", one[0]))


def _by_context(
    cells: Sequence[Choices], contexts: Sequence[tuple[str, bool]]
) -> list[list[Choices]]:
    return [[cell for cell in cells if cell.of("context") == name] for name, _ in contexts]


def _series(
    panel: Any, number: int, label: str, cells: Sequence[Sequence[Choices]], models: int
) -> None:
    """One model in one panel: a point a context, side by side with the others'."""
    colour, marker = style_of(number)
    step = 0.7 / models
    shift = (number - (models - 1) / 2) * step
    found = [(place + shift, metric) for place, own in enumerate(cells) if (metric := rate(own))]
    points(panel, found, label, colour, marker)
    for place, own in enumerate(cells):
        if share := invalid_share(own):
            told = "answers that could not be parsed" if share >= 0.005 else None
            panel.bar(place + shift, -share, step, bottom=1, color=BAD, zorder=1, label=told)


def _frame(panel: Any, title: str, contexts: Sequence[tuple[str, bool]]) -> None:
    panel.set_title(wrapped(title))
    names = ["no context" if name == "none" else name.replace("_", " ") for name, _ in contexts]
    panel.set_xticks(range(len(names)), names, fontsize=SMALL, rotation=40, ha="right")
    panel.set_xlim(-0.6, len(names) - 0.4)
    panel.set_ylim(-0.03, 1.03)
    first_held_out = next((n for n, (_, held) in enumerate(contexts) if held), None)
    if first_held_out:
        panel.axvline(first_held_out - 0.5, color=GREY, lw=0.8, ls="--", zorder=0)
    if panel.get_subplotspec().is_first_col():
        panel.set_ylabel("C / (C + D)")
    if first_held_out and panel.get_subplotspec().is_first_row():
        panel.text(first_held_out - 0.4, 0, "held out", fontsize=SMALL, color=GREY, va="bottom")
    _plain(panel)


def _plain(panel: Any) -> None:
    panel.grid(axis="y")
