"""How much of the way from one model's rates to a teacher's a student has gone.

Three models have a rate of the same event in each of the same cells: a small one before it was
tuned, the same after, and the large one that it learnt from.
"""

from dataclasses import dataclass

import numpy as np

from tombench.statistics.cluster_bootstrap import FEWEST, percentile_interval

DRAWS = 10_000
SEED = 0


@dataclass(frozen=True)
class Rates:
    """Of one model, the share of an event in each cell.

    Raises:
        ValueError: shapes differ, a share is not in [0, 1], or a cell has no draws.
    """

    shares: np.ndarray  # [cells]
    draws: np.ndarray  # [cells]; inf: the probability itself, free of sampling error

    def __post_init__(self) -> None:
        shares, draws = (np.asarray(a, dtype=float) for a in (self.shares, self.draws))
        if shares.ndim != 1 or shares.shape != draws.shape or not len(shares):
            raise ValueError(
                f"rates {shares.shape} of draws {draws.shape}: need one each, and some"
            )
        if not ((shares >= 0) & (shares <= 1) & (draws > 0)).all():
            raise ValueError("a rate is not in [0, 1], or is of no draws")
        object.__setattr__(self, "shares", shares)
        object.__setattr__(self, "draws", draws)

    @classmethod
    def constant(cls, share: float, cells: int) -> "Rates":
        """One and the same known probability in all cells."""
        return cls(np.full(cells, share), np.full(cells, np.inf))

    def redrawn(self, random: np.random.Generator, cells: np.ndarray) -> np.ndarray:
        """Shares of as many draws again of `cells`, numbers of cells [...], each binomial."""
        found, draws = self.shares[cells], self.draws[cells]
        sampled = np.isfinite(draws)
        trials = draws[sampled].astype(int)
        found[sampled] = random.binomial(trials, found[sampled]) / trials
        return found


@dataclass(frozen=True)
class Transfer:
    """Three models over the same cells, in the same order.

    Raises:
        ValueError: they have unlike numbers of cells.
    """

    before: Rates
    after: Rates  # the student, or whatever is put in its place
    teacher: Rates

    def __post_init__(self) -> None:
        sizes = {len(one.shares) for one in self.models}
        if len(sizes) > 1:
            raise ValueError(f"models with unlike numbers of cells: {sorted(sizes)}")

    @property
    def models(self) -> tuple[Rates, Rates, Rates]:
        """Before, after, teacher."""
        return self.before, self.after, self.teacher

    def redrawn(self, cells: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Shares before, after and the teacher's of `cells` [...], drawn again.

        Each model has its own stream: its draws do not depend on what stands in another's place.
        """
        before, after, teacher = (
            one.redrawn(np.random.Generator(np.random.Philox(key=[seed, place])), cells)
            for place, one in enumerate(self.models)
        )
        return before, after, teacher


@dataclass(frozen=True)
class GapClosed:
    """Share of the mean absolute gap to the teacher that is closed.

    1 all of it, 0 none, below 0 further away than before; NaN where there was no gap.
    """

    value: float
    low: float  # 95 % interval for cells like these; NaN of one cell
    high: float
    draws_low: float  # 95 % interval for these very cells: only answers are drawn again
    draws_high: float
    gap_before: float  # mean absolute difference from the teacher, over cells
    gap_after: float
    cells: int


def gap_closed(transfer: Transfer, draws: int = DRAWS, seed: int = SEED) -> GapClosed:
    """1 − mean|p_after − p_teacher| / mean|p_before − p_teacher|, over cells.

    At most 1, so going past the teacher in a cell costs what falling short of it costs. Intervals
    are percentiles of a parametric bootstrap (Efron & Tibshirani 1993, An Introduction to the
    Bootstrap, sections 6.5 and 13.3): every cell of every model is drawn again, binomial at its
    own share. For `low` and `high` the cells are drawn before, with replacement; observed shares
    hold the noise of answers already, so this errs to the wide side.

    Sampling error alone makes a gap: two equal models of few draws do not reach 1.
    """
    cells = len(transfer.teacher.shares)
    value, before, after = _closed(*(one.shares for one in transfer.models))
    redrawn, *_ = _closed(*transfer.redrawn(every_cell(cells, draws), seed))
    draws_low, draws_high = percentile_interval(redrawn)
    low, high = np.nan, np.nan
    if cells >= FEWEST:
        random = np.random.Generator(np.random.Philox(key=[seed, len(transfer.models)]))
        redrawn, *_ = _closed(*transfer.redrawn(random.integers(cells, size=(draws, cells)), seed))
        low, high = percentile_interval(redrawn)
    numbers = (value, low, high, draws_low, draws_high, before, after)
    return GapClosed(*map(float, numbers), cells)


def every_cell(cells: int, draws: int) -> np.ndarray:
    """The numbers of all cells, in each of so many draws [draws, cells]."""
    return np.tile(np.arange(cells), (draws, 1))


def _closed(
    before: np.ndarray, after: np.ndarray, teacher: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The share closed, and the mean gaps before and after, of shares [..., cells]."""
    gap = np.asarray(np.abs(before - teacher).mean(axis=-1))
    left = np.asarray(np.abs(after - teacher).mean(axis=-1))
    closed = 1 - np.divide(left, gap, out=np.full_like(gap, np.nan), where=gap > 0)
    return closed, gap, left
