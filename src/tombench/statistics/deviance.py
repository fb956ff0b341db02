"""What a model's choices depend on: how much of the deviance is the row's, how much the column's.

Counts stand in a table of two crossed factors (the game and the context); each cell is binomial.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from tombench.statistics.cluster_bootstrap import percentile_interval

DRAWS = 2_000
SEED = 0
ROUNDS, CLOSE = 500, 1e-6  # of the fit; how near its margins come, in counts


@dataclass(frozen=True)
class Share:
    """Of the deviance from one common rate, what one effect explains."""

    value: float  # as it is found: binomial noise is in it
    corrected: float  # net of what noise alone gives; may be negative, NaN if all may be noise
    low: float  # 95 % interval of `corrected`
    high: float


@dataclass(frozen=True)
class Shares:
    """Of both factors and their interaction."""

    row: Share
    column: Share
    interaction: Share


@dataclass(frozen=True)
class Decomposition:
    """The deviance of a table of counts, by effect."""

    deviance: float  # of one common rate against one rate a cell
    noise: int  # its expectation if nothing but noise told the cells apart: cells − 1
    alone: Shares  # each factor against one common rate; need not add up to 1
    shapley: Shares  # each factor's mean over both orders of taking them in; adds up to 1


def decompose(
    successes: np.ndarray, trials: np.ndarray, exact: bool = False, seed: int = SEED
) -> Decomposition:
    """Binomial deviance of counts [rows, columns] by row, column and interaction.

    With D(·) the deviance of the logistic model of these factors (McCullagh & Nelder 1989,
    Generalized Linear Models, section 4.4.2): alone, a row explains D() − D(row); by Shapley the
    mean of that and D(column) − D(row, column) (Shapley 1953; of regressors: Lipovetsky & Conklin
    2001); the interaction explains D(row, column) either way. An effect that is not there still
    takes up its degrees of freedom in expectation, which `corrected` takes off above and below.
    The interval is of percentiles of a parametric bootstrap, binomial in every cell; a draw holds
    noise twice, the data's and its own, so the degrees of freedom are taken off twice. Cells at 0
    or all do not vary in it. Where successes are `exact`, probabilities of one trial each, nothing
    is noise.

    Raises:
        ValueError: fewer than two rows or columns, shapes that differ, a cell without trials.
    """
    successes, trials = (np.asarray(one, dtype=float) for one in (successes, trials))
    if successes.shape != trials.shape or successes.ndim != 2 or min(successes.shape) < 2:
        raise ValueError(f"successes {successes.shape} of trials {trials.shape}: need one table")
    if not ((trials > 0) & (successes >= 0) & (successes <= trials)).all():
        raise ValueError("a cell has no trials, or other successes than 0 to all")
    freedom = _freedom(successes.shape) * (not exact)
    counts = successes[None]
    if not exact:
        random = np.random.Generator(np.random.Philox(seed))
        shares, shape = successes / trials, (DRAWS, *trials.shape)
        counts = random.binomial(trials.astype(int), shares, shape).astype(float)
    found, redrawn = _explained(successes, trials), _explained(counts, trials)
    alone, shapley = (_shares(found[way], redrawn[:, way], freedom) for way in (0, 1))
    return Decomposition(float(found[0, -1]), int(freedom[-1]), alone, shapley)


def _freedom(shape: tuple[int, ...]) -> np.ndarray:
    """Degrees of freedom of row, column, interaction and all [4]."""
    rows, columns = (size - 1 for size in shape)
    return np.array([rows, columns, rows * columns, (rows + 1) * (columns + 1) - 1])


def _explained(successes: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """Deviance of row, column, interaction and all, alone and by Shapley [..., 2, 4]."""
    counts = np.stack([successes, trials - successes], axis=-3)  # [..., 2, rows, columns]
    outcomes = counts.sum(axis=(-2, -1), keepdims=True)
    null = _deviance(counts, outcomes * trials / trials.sum())
    row = _deviance(counts, _spread_over(counts, trials, -1))
    column = _deviance(counts, _spread_over(counts, trials, -2))
    both = _deviance(counts, _additive(counts, trials))
    alone = np.stack([null - row, null - column, both, null], axis=-1)
    last = np.stack([column - both, row - both, both, null], axis=-1)
    return np.stack([alone, (alone + last) / 2], axis=-2)


def _spread_over(counts: np.ndarray, trials: np.ndarray, axis: int) -> np.ndarray:
    """Expected counts where all cells along an axis have one rate [..., 2, rows, columns]."""
    return counts.sum(axis=axis, keepdims=True) * trials / trials.sum(axis=axis, keepdims=True)


def _additive(counts: np.ndarray, trials: np.ndarray) -> np.ndarray:
    """Expected counts of the logistic model with both factors and no interaction.

    Iterative proportional fitting to the three two-way margins gives its maximum likelihood fit,
    and also where a rate of 0 or 1 puts coefficients at infinity (Bishop, Fienberg & Holland 1975,
    Discrete Multivariate Analysis, section 3.5).
    """
    fitted = np.broadcast_to(trials / 2, counts.shape)
    rows, columns = (counts.sum(axis=axis, keepdims=True) for axis in (-1, -2))
    for _ in range(ROUNDS):
        fitted = _scaled(fitted, rows, -1)
        fitted = _scaled(fitted, columns, -2)
        fitted = _scaled(fitted, trials[None], -3)
        if np.abs(fitted.sum(axis=-1, keepdims=True) - rows).max() < CLOSE:
            break
    return fitted


def _scaled(fitted: np.ndarray, margin: np.ndarray, axis: int) -> np.ndarray:
    sums = fitted.sum(axis=axis, keepdims=True)
    return fitted * np.divide(margin, sums, out=np.zeros_like(sums), where=sums > 0)


def _deviance(counts: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """2 Σ observed · log(observed/expected) over outcomes and cells [...]."""
    ratio = np.divide(counts, expected, out=np.ones(counts.shape), where=counts > 0)
    return 2 * xlogy(counts, ratio).sum(axis=(-3, -2, -1))


def _shares(found: np.ndarray, redrawn: np.ndarray, freedom: np.ndarray) -> Shares:
    """Of deviances [4] and of those of draws [draws, 4]."""
    values = found[:-1] / found[-1] if found[-1] > 0 else np.full(3, np.nan)
    low, high = percentile_interval(_net(redrawn - 2 * freedom))
    row, column, interaction = (
        Share(*map(float, each))
        for each in zip(values, _net(found - freedom), low, high, strict=True)
    )
    return Shares(row, column, interaction)


def _net(deviances: np.ndarray) -> np.ndarray:
    """Each effect's share of the whole [..., 3]; NaN where the whole is none."""
    whole = deviances[..., -1:]
    parts = deviances[..., :-1]
    return np.divide(parts, whole, out=np.full(parts.shape, np.nan), where=whole > 0)
