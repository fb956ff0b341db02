"""The games study's own measure of transfer, with what it hides."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tombench.statistics.cluster_bootstrap import percentile_interval
from tombench.statistics.gap import DRAWS, SEED, Rates, Transfer, every_cell


@dataclass(frozen=True)
class Improvement:
    """The study's improvement over cells, in percent; NaN where no cell has one."""

    mean: float  # unweighted: the figure that the study prints
    low: float  # 95 % interval of the mean for these very cells: only answers are drawn again
    high: float
    median: float
    sd: float  # between cells, n − 1; NaN of one
    error: float  # the study's standard error of a group of cells: population sd / √cells
    least: float
    most: float
    ratio_of_sums: float  # Σ (after − before) / Σ (teacher − before)
    bridging: float  # mean over cells of the part of the absolute gap of shares that is closed
    cells: int  # with a gap
    without_gap: int  # left out


Of = Literal["counts", "shares"]


def countable(transfer: Transfer) -> Of:
    """ "counts" where all three models drew answers, as in the study; else "shares"."""
    drawn = all(np.isfinite(one.draws).all() for one in transfer.models)
    return "counts" if drawn else "shares"


def improvements(transfer: Transfer, of: Of = "counts") -> np.ndarray:
    """100 · (after − before) / (teacher − before) of each cell [cells], percent.

    Of counts in the study, and so of counts here; of shares where they are not out of one number,
    or are known without draws. NaN where teacher and before agree. Unbounded: the nearer the two
    were the larger, and 200 is as far past the teacher as before fell short of it.

    Raises:
        ValueError: counts are asked for of a model that has none.
    """
    before, after, teacher = _compared(transfer, of)
    return _percent(after - before, teacher - before)


def improvement(
    transfer: Transfer, of: Of = "counts", draws: int = DRAWS, seed: int = SEED
) -> Improvement:
    """The improvement of all cells; its interval is by the bootstrap of `gap_closed`.

    In each draw the cells without a gap are left out. The interval is wide, and draws of the mean
    are far from normal: a quotient of two normal variables has no variance (Marsaglia 1965).
    """
    before, after, teacher = _compared(transfer, of)
    each = _percent(after - before, teacher - before)
    known = ~np.isnan(each)
    values, size = each[known], int(known.sum())
    if not size:
        return Improvement(*[float("nan")] * 10, 0, len(each))
    low, high = _interval(transfer, of, draws, seed)
    return Improvement(
        mean=float(values.mean()),
        low=low,
        high=high,
        median=float(np.median(values)),
        sd=float(values.std(ddof=1)) if size > 1 else float("nan"),
        error=float(values.std() / np.sqrt(size)),
        least=float(values.min()),
        most=float(values.max()),
        ratio_of_sums=float(_percent((after - before).sum(), (teacher - before).sum())),
        bridging=_bridging(transfer),
        cells=size,
        without_gap=len(each) - size,
    )


def _interval(transfer: Transfer, of: Of, draws: int, seed: int) -> tuple[float, float]:
    redrawn = transfer.redrawn(every_cell(len(transfer.teacher.shares), draws), seed)
    before, after, teacher = (
        _counted(shares, rates, of) for shares, rates in zip(redrawn, transfer.models, strict=True)
    )
    each = _percent(after - before, teacher - before)
    sizes = np.sum(~np.isnan(each), axis=1)
    sums = np.nansum(each, axis=1)
    means = np.divide(sums, sizes, out=np.full(len(sums), np.nan), where=sizes > 0)
    low, high = percentile_interval(means)
    return float(low), float(high)


def _bridging(transfer: Transfer) -> float:
    before, after, teacher = (one.shares for one in transfer.models)
    was, left = np.abs(before - teacher), np.abs(after - teacher)
    return float(np.nanmean(_percent(was - left, was)))


def _compared(transfer: Transfer, of: Of) -> list[np.ndarray]:
    """What is compared, of before, after and the teacher [cells] each."""
    return [_counted(rates.shares, rates, of) for rates in transfer.models]


def _counted(shares: np.ndarray, rates: Rates, of: Of) -> np.ndarray:
    """Shares [..., cells] as they are, or as counts of a model's draws."""
    if of == "shares":
        return shares
    if np.isinf(rates.draws).any():
        raise ValueError("a probability that was not drawn has no counts; compare shares")
    return np.rint(shares * rates.draws)


def _percent(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """NaN where the whole is 0."""
    whole = np.asarray(whole, dtype=float)
    return np.divide(100 * part, whole, out=np.full_like(whole, np.nan), where=whole != 0)
