"""What counted answers come to: rates, transfer from a teacher, tests, what choices depend on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tombench.errors import UserError, nearest, told
from tombench.schema import Metric
from tombench.statistics.deviance import Decomposition, decompose
from tombench.statistics.gap import Rates, Transfer, gap_closed
from tombench.statistics.improvement import improvement
from tombench.statistics.intervals import clustered_proportion, wilson
from tombench.statistics.multiplicity import holm
from tombench.statistics.proportions import Contrast, Count, one_sample_p, two_proportions
from tombench.tasks.games_cells import Cell, CellKey


def cooperation(cells: Sequence[Cell]) -> Metric:
    """C / (C + D) of all parsed answers, with Wilson's interval.

    Of one cell answers are independent draws. Of several, cells are the clusters: the interval is
    at the effective size, for cells like these.

    Raises:
        ValueError: there is no parsed answer.
    """
    cells = [cell for cell in cells if cell.parsed]
    cooperate, parsed = sum(c.cooperate for c in cells), sum(c.parsed for c in cells)
    if not parsed:
        raise ValueError("no parsed answer")
    if len(cells) == 1:
        interval = wilson(cooperate / parsed, parsed)
    else:
        values = np.concatenate([np.repeat([1.0, 0.0], [c.cooperate, c.defect]) for c in cells])
        clusters = np.repeat(np.arange(len(cells)), [c.parsed for c in cells])
        interval = clustered_proportion(values, clusters.tolist())
    return Metric(cooperate / parsed, *interval, parsed, len(cells))


@dataclass(frozen=True)
class Aligned:
    """Three models' rates in the cells that all three answered."""

    keys: tuple[CellKey, ...]
    transfer: Transfer
    left_out: tuple[CellKey, ...]  # at least one model has no parsed answer there


def aligned(cells: Iterable[Cell], before: str, after: str, teacher: str) -> Aligned:
    """Cells of three models, by name, side by side, in the order of their keys.

    Raises:
        UserError: a model has no cells, or there is none that all three answered.
    """
    by_model: dict[str, dict[CellKey, Cell]] = {}
    for cell in cells:
        by_model.setdefault(cell.model, {})[cell.key] = cell
    for model in (before, after, teacher):
        if model not in by_model:
            names = sorted(by_model)
            has = f"there are answers of {', '.join(names) or 'nobody'}"
            raise UserError(told(f"no answers of model '{model}'", nearest(model, names), has))
    three = [by_model[model] for model in (before, after, teacher)]
    every = sorted({key for one in three for key in one}, key=lambda key: key.name)
    shared = [key for key in every if all(key in one and one[key].parsed for one in three)]
    if not shared:
        raise UserError(f"no game and context that {before}, {after} and {teacher} all answered")
    rates = (_rates([one[key] for key in shared]) for one in three)
    left_out = tuple(key for key in every if key not in set(shared))
    return Aligned(tuple(shared), Transfer(*rates), left_out)


def _rates(cells: Sequence[Cell]) -> Rates:
    draws = np.array([cell.parsed for cell in cells])
    return Rates(np.array([cell.cooperate for cell in cells]) / draws, draws)


@dataclass(frozen=True)
class Predictor:
    """Something put in the student's place, and how near it comes to the teacher."""

    name: str
    improvement: float  # percent, mean over cells, of shares; NaN: no cell has a gap
    gap: float  # mean absolute difference from the teacher
    closed: float  # share of the gap between before and the teacher


def predictors(transfer: Transfer) -> tuple[Predictor, ...]:
    """The student beside what needs no training: the model before, and constants.

    A measure of transfer that ranks `always_defect` or `coin` above the student does not measure
    what the student has learnt.
    """
    cells = len(transfer.teacher.shares)
    constants = {
        "coin": 0.5,
        "student_mean": float(transfer.after.shares.mean()),
        "teacher_mean": float(transfer.teacher.shares.mean()),
        "always_defect": 0.0,
        "always_cooperate": 1.0,
    }
    placed = {"before": transfer.before, "student": transfer.after}
    placed |= {name: Rates.constant(share, cells) for name, share in constants.items()}
    found = []
    for name, rates in placed.items():
        put = Transfer(transfer.before, rates, transfer.teacher)
        gap = gap_closed(put, draws=1)
        mean = improvement(put, of="shares", draws=1).mean
        found.append(Predictor(name, mean, gap.gap_after, gap.value))
    return tuple(found)


@dataclass(frozen=True)
class CellTest:
    """One game and context under two conditions."""

    first: Cell
    second: Cell
    contrast: Contrast  # second − first
    holm: float  # the p-value, allowing for all cells of the comparison
    published: float  # the study's first test: one sample, one side; `proportions.one_sample_p`


def compare(first: Sequence[Cell], second: Sequence[Cell]) -> tuple[CellTest, ...]:
    """Second − first of cells with the same context and game, whatever their variant and model.

    Raises:
        UserError: none match.
        ValueError: a side has a context and game twice.
    """
    ours, theirs = _by_place(first), _by_place(second)
    matched = [(ours[place], theirs[place]) for place in ours if place in theirs]
    if not matched:
        raise UserError("no game and context stand on both sides of the comparison")
    counts = [tuple(Count(cell.cooperate, cell.parsed) for cell in pair) for pair in matched]
    contrasts = [two_proportions(new, old) for old, new in counts]
    adjusted = holm([contrast.p for contrast in contrasts])
    return tuple(
        CellTest(*pair, contrast, p, one_sample_p(*count))
        for pair, contrast, p, count in zip(matched, contrasts, adjusted, counts, strict=True)
    )


def _by_place(cells: Sequence[Cell]) -> Mapping[tuple[str, str], Cell]:
    found: dict[tuple[str, str], Cell] = {}
    for cell in cells:
        place = cell.key.context, cell.key.game
        if place in found:
            raise ValueError(f"{cell.key.context} {cell.key.game} stands twice on one side")
        if cell.parsed:
            found[place] = cell
    return found


def dependence(cells: Sequence[Cell]) -> Decomposition | None:
    """How much of one model's choices the game (row) explains, and how much the context (column).

    None where games and contexts, two or more each, are not crossed in full.

    Raises:
        ValueError: a context and game stand there twice.
    """
    by_place = _by_place(cells)
    games = list(dict.fromkeys(game for _, game in by_place))
    contexts = list(dict.fromkeys(context for context, _ in by_place))
    if min(len(games), len(contexts)) < 2 or len(by_place) < len(games) * len(contexts):
        return None
    table = [[by_place[context, game] for context in contexts] for game in games]
    return decompose(
        np.array([[cell.cooperate for cell in row] for row in table]),
        np.array([[cell.parsed for cell in row] for row in table]),
    )
