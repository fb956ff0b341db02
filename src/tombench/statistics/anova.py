"""Analysis of variance of crossed factors, every cell filled equally often.

Brennan (2001), Generalizability Theory, chapter 3 (estimates) and section 5.4 (fixed facets).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import ncfdtr

from tombench.statistics.bisection import reaches
from tombench.statistics.intervals import POINT

Effect = frozenset[int]
"""The factors (axes) of a main effect or interaction."""

EXACT = 1e-6  # of the mean square between levels: less noise than that is none


@dataclass(frozen=True)
class MeanSquares:
    """Mean squares of all effects of factors with two levels or more, and within cells."""

    effects: Mapping[Effect, float]
    within: float | None  # None: one value a cell
    sizes: tuple[int, ...]  # levels by axis, then values a cell


def mean_squares(values: np.ndarray) -> MeanSquares:
    """Of values [levels of each factor …, values a cell].

    An effect's deviations are Σ_β⊆α (−1)^(|α|−|β|) · mean over all axes not in β; its mean square
    is their sum of squares over all values, by Π (levels − 1) degrees of freedom.
    """
    *levels, each = values.shape
    cells = values.mean(axis=-1)
    factors = [axis for axis, size in enumerate(levels) if size > 1]
    found = {}
    for effect in _subsets(factors):
        if effect:
            deviations = sum(
                (-1) ** (len(effect) - len(part)) * _mean_over_others(cells, part)
                for part in _subsets(sorted(effect))
            )
            kept = np.prod([levels[axis] for axis in effect])
            freedom = np.prod([levels[axis] - 1 for axis in effect])
            found[effect] = float(np.sum(deviations**2) * values.size / kept / freedom)
    within = None
    if each > 1:
        within = float(np.sum((values - cells[..., None]) ** 2) / (cells.size * (each - 1)))
    return MeanSquares(found, within, values.shape)


def components(squares: MeanSquares) -> dict[Effect, float]:
    """Unbiased estimates of the variance components, all factors random; some may be negative.

    σ̂²(α) = Σ_β⊇α (−1)^(|β|−|α|) MS(β) / Π sizes not in α (Brennan 2001, section 3.4); for the
    interaction of all factors the mean square within cells is taken off. With one value a cell
    that interaction cannot be told from what varies within cells, and is left out.
    """
    whole = frozenset().union(*squares.effects)
    found = {}
    for effect in squares.effects:
        above = {other: value for other, value in squares.effects.items() if effect <= other}
        total = sum((-1) ** (len(other) - len(effect)) * value for other, value in above.items())
        if effect == whole:
            if squares.within is None:
                continue
            total -= squares.within
        rest = [size for axis, size in enumerate(squares.sizes) if axis not in effect]
        found[effect] = float(total / np.prod(rest))
    return found


WIDEST = 1.0
"""Means of scores in [0, 1] cannot lie further apart."""


@dataclass(frozen=True)
class Spread:
    """How far the levels of a factor lie apart in their means, net of noise."""

    sd: float
    low: float  # 95 % interval
    high: float
    range: float
    range_low: float
    range_high: float
    negative: bool  # noise alone would spread them more: 0 is shown


def spread(means: np.ndarray) -> Spread:
    """Of the columns of `means` [units, levels], units a random sample and the levels as they are.

    The variance of the level means less what units and repetitions give them by chance is
    (MS_level − MS_unit×level)/units: unbiased for Σ (μ_j − μ̄)²/(levels − 1). Its interval inverts
    the noncentral F distribution of MS_level/MS_unit×level (Steiger 2004, "Beyond the F test",
    eqs. 17-20), which takes the units' deviations as normal and equally correlated; an estimate
    below 0 is set to 0 and has the interval of 0. The range is that of the level means, shrunk so
    that their sd is the net one (Louis 1984).

    Raises:
        ValueError: fewer than two units or two levels.
    """
    units, levels = means.shape
    if min(units, levels) < 2:
        raise ValueError(f"a spread needs two units and two levels, not {units} and {levels}")
    squares = mean_squares(means[..., None]).effects
    between, noise = squares[frozenset({1})], squares[frozenset({0, 1})]
    net = (between - noise) / units
    sd = float(np.sqrt(max(0.0, net)))
    low, high = sd, sd
    if noise > EXACT * between:
        bounds = _noncentrality(max(1.0, between / noise), units, levels)
        low, high = (float(np.sqrt(bound * noise / (units * (levels - 1)))) for bound in bounds)
    columns = means.mean(axis=0)
    observed = float(columns.std(ddof=1))
    wide = float(np.ptp(columns)) / observed if observed > 1e-12 else 0.0
    most = WIDEST * np.sqrt(levels / (levels - 1) / 4)  # of levels that are all 0 or 1
    low, high = (float(min(bound, most)) for bound in (low, high))
    ranges = (min(WIDEST, wide * each) for each in (sd, low, high))
    return Spread(sd, low, high, *ranges, net < 0)


def _noncentrality(ratio: float, units: int, levels: int) -> tuple[float, float]:
    """95 % interval of the noncentrality units·Σ (μ_j − μ̄)²/σ² of an observed F `ratio`."""
    first, second = levels - 1, (levels - 1) * (units - 1)

    def above(noncentrality: float) -> float:
        return 1 - float(ncfdtr(first, second, noncentrality, ratio))

    return reaches(above, 1 - POINT), reaches(above, POINT)


def _subsets(axes: list[int]) -> list[Effect]:
    return [frozenset(c) for size in range(len(axes) + 1) for c in combinations(axes, size)]


def _mean_over_others(cells: np.ndarray, kept: Effect) -> np.ndarray:
    others = tuple(axis for axis in range(cells.ndim) if axis not in kept)
    return cells.mean(axis=others, keepdims=True)
