"""Tables of games: who cooperates where, in which class of games, and who gives how much."""

import json
from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from typing import Any

from tombench.datafile import EMBEDDED
from tombench.schema import Metric
from tombench.strategy.payoffs import DILEMMAS
from tombench.summary.behind import placed
from tombench.summary.games import PUBLISHED, SPLITS, Choices
from tombench.summary.games_rates import amounts, invalid_share, rate
from tombench.summary.games_records import (
    agreeing_records,
    behind_cells,
    behind_invalid,
    behind_rate,
    dilemmas,
    rate_records,
)
from tombench.summary.games_roles import Chooser
from tombench.summary.games_theory import agreement, dominant_action, equilibrium_action
from tombench.summary.grid import Grid
from tombench.summary.sparsity_tables import parted

RATE_NOTES = (
    "C / (C + D), C a game's first action; [low, high]: 95 % interval, of one game and context "
    "Wilson's, of several over these as clusters. n: answers that could be parsed, or cells whose "
    "probability is known exactly; invalid: % of all answers, or of all probability: where most is "
    "invalid, the rest says little.",
)
PART_NOTE = (
    "cells: what they test. in-sample: games, payoffs and contexts that students are trained on; "
    "new payoffs, new contexts, new games: cells with something that they are not."
)
CELL_NOTES = (
    "A cell is context/game.payoffs/labels.order. share: C / (C + D) with Wilson's 95 % interval, "
    "of donations the mean share of the endowment. answers: how many were drawn; exact: a "
    "probability. invalid: % of them, or of all probability.",
)
CLASS_NOTES = (
    "Strict ordinal games: symmetric ones by name, others by what their equilibria give. "
    "equilibrium: share of choices that are the action of the one pure equilibrium; dominant: of "
    "the dominant action; over games that have one. first action: the one with the best payoff.",
)
DONATION_NOTES = (
    "points: given of those held, mean [95 % interval]; % of all: of those held; most often: the "
    "amount with the largest share; n: answers that could be parsed, or exact cells; invalid: % of "
    "all answers, or of all probability. Whether giving nothing or all is rational hangs on the "
    "rule: task.sharing.",
)


def rate_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """Cooperation by model, part and game; then what the study printed."""
    shown = [
        (chooser, part, cells)
        for chooser in found
        for part, cells in chooser.parts.items()
        if rate(cells)
    ]
    rows = [(who.label, part, *_rates(cells)) for who, part, cells in shown]
    behind = placed(dict(enumerate(rate_records(who, cells), 2)) for who, _, cells in shown)
    rules, notes = set(parted(rows)), (PART_NOTE, *RATE_NOTES)
    if rows:
        rules.add(len(rows))
        printed = reference()
        rows += _published_rates(printed)
        notes = (*notes, f"published: {printed['sources']['lfb']}. {printed['own_data']}")
    header = ("Model", "cells", "all", *DILEMMAS, "n", "invalid, %")
    return Grid(title, header, tuple(rows), notes, frozenset(rules), behind)


def context_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """Cooperation by model, context and game."""
    shown = [
        (chooser, name, cells)
        for chooser in found
        for name, cells in contexts_in(dilemmas(chooser.cells)).items()
    ]
    rows = [(who.label, name, *_rates(cells)) for who, name, cells in shown]
    behind = placed(dict(enumerate(rate_records(who, cells), 2)) for who, _, cells in shown)
    header = ("Model", "context", "all", *DILEMMAS, "n", "invalid, %")
    return Grid(title, header, tuple(rows), RATE_NOTES, parted(rows), behind)


def cell_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """Every cell as it was answered: of donations the share of the endowment."""
    rows, behind = [], []
    for chooser in found:
        for cell in chooser.cells:
            behind.append({-1: chooser.behind({"item": (cell.item,)})})
            told = (
                f"{cell.share:.3f}" if cell.donation and cell.known else metric_text(rate([cell]))
            )
            size = "exact" if cell.exact else str(cell.draws)
            bad = f"{100 * invalid_share([cell]):.1f}"
            rows.append((chooser.label, cell.item, cell.part, told, size, bad))
    header = ("Model", "cell", "part", "share", "answers", "invalid, %")
    return Grid(title, header, tuple(rows), CELL_NOTES, parted(rows), placed(behind))


def contexts_in(cells: Sequence[Choices]) -> dict[str, list[Choices]]:
    """Cells by payoffs and context, in words: those as published and those of training first."""

    def place(cell: Choices) -> tuple[bool, str, bool, bool, str]:
        payoffs, context = cell.of("payoffs"), cell.of("context")
        return payoffs != PUBLISHED, payoffs, cell.held_out, context != "none", context

    found: dict[str, list[Choices]] = {}
    for cell in sorted(cells, key=place):
        name, payoffs = cell.of("context").replace("_", " "), cell.of("payoffs")
        name = "no context" if name == "none" else name
        name = name if payoffs == PUBLISHED else f"{name}, {payoffs}"
        found.setdefault(name, []).append(cell)
    return found


def class_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """Of games beyond the four, by class: how often the equilibrium's action is chosen."""
    rows, behind = [], []
    for chooser in found:
        classes: dict[str, list[Choices]] = {}
        for cell in chooser.cells:
            if cell.of("split") == "new_game":
                classes.setdefault(cell.of("game_class"), []).append(cell)
        for name in sorted(classes):
            own = classes[name]
            told = (str(len(own)), *agreeing(own), metric_text(rate(own)))
            rows.append((chooser.label, name, *told))
            agreeing_in = dict(enumerate(agreeing_records(chooser, own), start=3))
            behind.append(
                {2: behind_cells(chooser, own), 5: behind_rate(chooser, own)} | agreeing_in
            )
    header = ("Model", "class", "cells", "equilibrium", "dominant", "first action")
    return Grid(title, header, tuple(rows), CLASS_NOTES, parted(rows), placed(behind))


def donation_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """What is given in the public goods game; then what the study's models gave."""
    rows, behind = [], []
    for chooser in found:
        cells = [cell for cell in chooser.cells if cell.donation]
        if any(cell.known for cell in cells):
            mode = max(amounts(cells).items(), key=lambda one: one[1])[0]
            known = [cell for cell in cells if cell.known]
            share = f"{100 * sum(cell.share for cell in known) / len(known):.1f}"
            mean = metric_text(chooser.metrics.get("mean_donation"))
            n = str(sum(1 if cell.exact else round(cell.parsed) for cell in known))
            bad = f"{100 * invalid_share(cells):.1f}"
            rows.append((chooser.label, "here", mean, share, mode, n, bad))
            behind.append({-1: behind_rate(chooser, cells), 6: behind_invalid(chooser, cells)})
    ours = len(rows)
    for row in reference()["donations"] if ours else ():
        told = (row["model"], PUBLISHED, f"{row['mean']:.2f}", f"{10 * row['mean']:.1f}")
        rows.append((*told, "–", str(row["n"]), "–"))
    header = ("Model", "from", "points", "% of all", "most often", "n", "invalid, %")
    return Grid(title, header, tuple(rows), DONATION_NOTES, frozenset({ours}), placed(behind))


def reference() -> Mapping[str, Any]:
    """What the study printed."""
    return json.loads((EMBEDDED / "reference" / "games.json").read_text(encoding="utf-8"))


def part_of(split: str) -> str:
    """The study's name of a split in our words."""
    ours = {"new_contexts": "new_context"}.get(split, split)
    return "new payoffs: doubled" if split == "doubled" else SPLITS.get(ours, ours)


def metric_text(metric: Metric | None) -> str:
    """A value with its interval; without one where none is known or it has no width."""
    if metric is None or metric.value is None:
        return "–"
    return interval(metric.value, metric.low, metric.high)


def interval(value: float, low: float | None, high: float | None) -> str:
    """Two digits; "–" of NaN, no interval where it is not known or has no width."""
    if isnan(value):
        return "–"
    if low is None or high is None or isnan(low) or isnan(high) or low == high:
        return f"{value:z.2f}"
    return f"{value:z.2f} [{low:z.2f}, {high:z.2f}]"


def agreeing(cells: Sequence[Choices]) -> Iterator[str]:
    """Choices of the one equilibrium's action, and of the dominant one."""
    for wanted in (equilibrium_action, dominant_action):
        yield metric_text(agreement(cells, wanted))


def _rates(cells: Sequence[Choices]) -> Iterator[str]:
    """All, each of the four games, n and invalid."""
    yield _text(cells)
    for game in DILEMMAS:
        yield _text([cell for cell in cells if cell.of("game") == game])
    whole = rate(cells)
    yield str(whole.n if whole else 0)
    yield f"{100 * invalid_share([cell for cell in cells if not cell.donation]):.1f}"


def _text(cells: Sequence[Choices]) -> str:
    return metric_text(rate(cells))


def _published_rates(printed: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for row in printed["cooperation"]:
        cells = (f"{row[name]:.2f}" for name in ("all", *DILEMMAS))
        yield (f"{row['model']}, published", part_of(row["split"]), *cells, "–", "–")
