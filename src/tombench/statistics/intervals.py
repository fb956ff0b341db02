"""Intervals that respect clusters: answers to one story are not independent of each other."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit

LEVEL = 0.95
POINT = 0.5 + LEVEL / 2  # a two-sided interval's upper quantile


def numbers(values: Sequence[float] | np.ndarray, what: str) -> np.ndarray:
    """`values` as an array [n] of floats.

    Raises:
        ValueError: one is NaN; `what` names them.
    """
    array = np.asarray(values, dtype=float)
    if missing := int(np.isnan(array).sum()):
        raise ValueError(f"{missing} of {len(array)} {what} are NaN; leave out what is not known")
    return array


def clustered_variance(values: np.ndarray, clusters: Sequence[Hashable]) -> float:
    """Variance of the mean of `values` [n] when only clusters are independent.

    var = C/(C-1) · Σ_c (Σ_i∈c (x_i − x̄))² / n², C clusters: the linearised ratio estimator
    (Cochran, Sampling Techniques, 1977, section 11.4; "CR1" of Cameron & Miller 2015). With one
    observation a cluster it is the usual s²/n. NaN for one cluster.
    """
    _, index = np.unique([str(cluster) for cluster in clusters], return_inverse=True)
    count = int(index.max()) + 1
    if count < 2:
        return float("nan")
    totals = np.bincount(index, weights=values - values.mean())
    return float(count / (count - 1) * np.sum(totals**2) / len(values) ** 2)


def effective_size(values: np.ndarray, clusters: Sequence[Hashable]) -> float:
    """How many independent observations `values` [n] in [0, 1] are worth.

    n_eff = p(1−p)/var · (t[n−1] / t[df])², at most n, t the 97.5 % points at these degrees of
    freedom (Korn & Graubard 1998, "Confidence intervals for proportions with small expected number
    of positive counts estimated from survey data"); df is C − 1 for clusters of one size and less
    for others (`_worth`). Where all values agree nothing shows how alike a cluster's are, and a
    cluster counts as one observation. 0 for one cluster: nothing is known.
    """
    count = len(set(map(str, clusters)))
    if count < 2:
        return 0.0
    worth = _worth(clusters)
    shrink = float(stdtrit(len(values) - 1, POINT) / stdtrit(worth.df, POINT)) ** 2
    mean = float(values.mean())
    if mean in (0.0, 1.0):
        return count * shrink
    variance = clustered_variance(values, clusters) * worth.inflation
    if variance == 0:
        return len(values) * shrink
    return min(mean * (1 - mean) / variance, len(values)) * shrink


@dataclass(frozen=True)
class _Worth:
    """What clusters of unlike size are worth, if their means spread alike."""

    df: float  # C − 1 for one size
    inflation: float  # of `clustered_variance`; 1 for one size


def _worth(clusters: Sequence[Hashable]) -> _Worth:
    """With w_c a cluster's share of the answers, Σ w_c²(m_c − m̄)² is a quadratic form of the means.

    Its matrix is A = (I − 1w')' diag(w²) (I − 1w'): degrees of freedom tr(A)²/tr(A²) (Satterthwaite
    1946), and made unbiased by Σw²/tr(A) in the place of C/(C − 1) (Bell & McCaffrey 2002).
    """
    _, sizes = np.unique([str(cluster) for cluster in clusters], return_counts=True)
    count = len(sizes)
    if np.ptp(sizes) == 0:
        return _Worth(count - 1, 1.0)
    w = sizes / sizes.sum()
    own = float(np.sum(w**2))
    trace = own - 2 * float(np.sum(w**3)) + own**2
    # tr(A²) of A = D − aw' − wa' + s ww', D = diag(a), a = w², s = Σw²
    third, fourth, fifth = (float(np.sum(w**power)) for power in (3, 4, 5))
    squared = fourth - 4 * fifth + 2 * own * fourth + 2 * own * fourth + 2 * third**2
    squared += own**4 - 4 * own**2 * third
    return _Worth(trace**2 / squared, own / trace * (count - 1) / count)


def wilson(mean: float, size: float) -> tuple[float, float]:
    """95 % score interval of a proportion from `size` independent observations (Wilson 1927).

    `size` need not be whole; 0 gives (0, 1).
    """
    if size <= 0:
        return 0.0, 1.0
    z = float(ndtri(POINT))
    centre = mean + z**2 / (2 * size)
    spread = z * np.sqrt(mean * (1 - mean) / size + z**2 / (4 * size**2))
    scale = 1 + z**2 / size
    return max(0.0, float((centre - spread) / scale)), min(1.0, float((centre + spread) / scale))


def clustered_proportion(
    values: Sequence[float], clusters: Sequence[Hashable]
) -> tuple[float, float]:
    """95 % interval of a mean of values in [0, 1] (ties 0.5): Wilson at the effective size.

    Raises:
        ValueError: a value is NaN.
    """
    array = numbers(values, "values")
    return wilson(float(array.mean()), effective_size(array, clusters))


def difference(
    first: tuple[float, float, float], second: tuple[float, float, float]
) -> tuple[float, float]:
    """95 % interval of first − second, each (value, low, high) of independent groups.

    Square-and-add of the two score intervals (Newcombe 1998, "Interval estimation for the
    difference between independent proportions", method 10); stays within [−1, 1].
    """
    (p1, low1, high1), (p2, low2, high2) = first, second
    gap = p1 - p2
    low = gap - np.hypot(p1 - low1, high2 - p2)
    high = gap + np.hypot(high1 - p1, p2 - low2)
    return float(low), float(high)
