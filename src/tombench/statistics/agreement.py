"""How far two raters agree beyond chance: Cohen's kappa with an interval that respects clusters."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from tombench.statistics.intervals import POINT, clustered_variance, effective_size, wilson

_NONE = 1e-20  # a variance that is 0 but for rounding


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa and its 95 % interval."""

    value: float  # 1 full agreement, 0 as by chance, below 0 less than by chance
    low: float
    high: float


def confusion(
    first: Sequence[str], second: Sequence[str], classes: Sequence[str]
) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Counts [K, K] over K `classes`: rows what the first rater says, columns the second.

    Raises:
        ValueError: unlike numbers of verdicts, none, or one that is not among the classes.
    """
    if len(first) != len(second) or not first:
        raise ValueError(f"{len(first)} and {len(second)} verdicts: need as many of both, and some")
    table = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(table, (_codes(first, classes), _codes(second, classes)), 1)
    return table


def kappa_of(table: np.ndarray) -> float:
    """Cohen's kappa of a confusion table [K, K] of counts or shares; NaN where it is undefined.

    κ = (p_o − p_e) / (1 − p_e), p_o the share of the diagonal, p_e = Σ_k p_k· p_·k (Cohen 1960, "A
    coefficient of agreement for nominal scales", eq. 1). Undefined where both raters give one
    and the same class throughout: then nothing could have been disagreed upon.
    """
    observed, expected = _observed_expected(table / table.sum())
    return (observed - expected) / (1 - expected) if expected < 1 else float("nan")


def kappa_influence(table: np.ndarray) -> np.ndarray:
    """What one more observation in each cell [K, K] adds to kappa, times n; its mean is 0.

    (δ_ab − p_o)/(1 − p_e) − (1 − p_o)(p_·a + p_b· − 2 p_e)/(1 − p_e)². Its mean square over n is
    the large-sample variance of Fleiss, Cohen & Everitt (1969), "Large sample standard errors of
    kappa and weighted kappa", eq. 13.
    """
    shares = table / table.sum()
    observed, expected = _observed_expected(shares)
    chance = shares.sum(axis=0)[:, None] + shares.sum(axis=1)[None, :] - 2 * expected
    agreed = np.eye(len(shares)) - observed
    return agreed / (1 - expected) - (1 - observed) * chance / (1 - expected) ** 2


def cohen_kappa(
    first: Sequence[str], second: Sequence[str], clusters: Sequence[Hashable]
) -> Kappa | None:
    """Kappa of two raters' verdicts [n] with its interval; None where it is undefined.

    The variance is that of Fleiss, Cohen & Everitt with the influences of a cluster added up
    (`clustered_variance`). Since κ = 1 − (1 − p_o)/(1 − p_e), the interval is that of p_o, Wilson's
    at the effective size which this variance gives, carried over to κ: unlike κ ± 1.96 se it
    stays within [−1, 1] and has a width where all agree. Clusters never narrow it. Where all or
    none agree, or one rater says one thing throughout, the size is that of the agreement itself.
    """
    classes = sorted({*first, *second})
    table = confusion(first, second, classes)
    value = kappa_of(table)
    if np.isnan(value):
        return None
    influence = kappa_influence(table)[_codes(first, classes), _codes(second, classes)]
    count, n = len({str(cluster) for cluster in clusters}), len(first)
    independent = float(influence.var()) / n
    if count < 2 or np.trace(table) == 0 or independent < _NONE:
        agreed = np.array([one == other for one, other in zip(first, second, strict=True)], float)
        return _carried(table, effective_size(agreed, clusters))
    variance = max(clustered_variance(influence, clusters), independent)
    shrink = float(stdtrit(n - 1, POINT) / stdtrit(count - 1, POINT)) ** 2
    return _carried(table, _effective(table, variance) * shrink)


def planned_kappa(kappa: float, share: float, answers: int) -> Kappa:
    """The interval to expect of `answers` independent answers, rated into two classes.

    Args:
        kappa: as it will turn out, in [0, 1].
        share: of one class, in (0, 1), the same for both raters.
    """
    off = share * (1 - share) * (1 - kappa)
    table = np.array([[share - off, off], [off, 1 - share - off]])
    variance = float(np.sum(table * kappa_influence(table) ** 2)) / answers
    return _carried(table, _effective(table, variance) if variance > _NONE else answers)


def _effective(table: np.ndarray, variance: float) -> float:
    """How many independent answers a kappa of this variance is worth."""
    observed, expected = _observed_expected(table / table.sum())
    return observed * (1 - observed) / (variance * (1 - expected) ** 2)


def _carried(table: np.ndarray, size: float) -> Kappa:
    """Kappa with Wilson's interval of the agreement at `size`, at the table's chance agreement."""
    observed, expected = _observed_expected(table / table.sum())
    low, high = ((bound - expected) / (1 - expected) for bound in wilson(observed, size))
    return Kappa(kappa_of(table), max(low, -1.0), high)


def _observed_expected(shares: np.ndarray) -> tuple[float, float]:
    """p_o and p_e of a table of shares; p_e exactly 1 where all stand in one cell."""
    if np.count_nonzero(shares) == 1 and np.trace(shares) > 0:
        return 1.0, 1.0
    return float(np.trace(shares)), float(shares.sum(axis=1) @ shares.sum(axis=0))


def _codes(verdicts: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    place = {name: number for number, name in enumerate(classes)}
    unknown = sorted({*verdicts} - {*place})
    if unknown:
        raise ValueError(f"verdict {unknown[0]!r} is not among {', '.join(classes)}")
    return np.array([place[name] for name in verdicts])
