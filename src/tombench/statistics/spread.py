"""How widely clusters spread, worked back from a share's interval: what a comparison can find."""

from math import sqrt

from scipy.special import ndtri, stdtrit

from tombench.statistics.intervals import POINT


def cluster_sd(value: float, low: float, high: float, n: int, clusters: int) -> float | None:
    """The sd of cluster means behind `clustered_proportion`'s interval of a share.

    The interval is Wilson's at the size N = p(1 − p)/var · (t[n−1]/t[C−1])², and its width gives N:
    (high − low)²·(N + z²)² = 4z²·(N·p(1 − p) + z²/4). sd = √(C·var): with clusters of one size the
    sd of their means, C − 1 in the denominator; with unlike sizes what such clusters' means would
    have to spread. Where clusters spread less than independent answers would, it is the latter's.

    Returns:
        None where nothing spreads: a share of 0 or 1, or a single cluster; and where a few large
        clusters hold so many answers that the interval does not tell.
    """
    if clusters < 2 or not 0 < value < 1 or not 0 < high - low < 1:
        return None
    size = _size(value, high - low)
    shrink = float(stdtrit(n - 1, POINT) / stdtrit(clusters - 1, POINT)) ** 2
    found = sqrt(clusters * value * (1 - value) * shrink / size)
    most = sqrt(value * (1 - value) * clusters / (clusters - 1))  # of shares, all 0 or 1
    return found if found <= most else None


def mean_sd(low: float, high: float, clusters: int) -> float | None:
    """The sd of cluster means behind an interval that is ± 1.96 standard errors wide, or nearly.

    As percentiles of resampled clusters are. None where nothing spreads.
    """
    if clusters < 2 or not high > low:
        return None
    return (high - low) / (2 * float(ndtri(POINT))) * sqrt(clusters)


def _size(value: float, width: float) -> float:
    """N of Wilson's interval of that width: the positive root of a quadratic."""
    z2, variance = float(ndtri(POINT)) ** 2, value * (1 - value)
    a, b, c = width**2, 2 * width**2 * z2 - 4 * z2 * variance, width**2 * z2**2 - z2**2
    return (-b + sqrt(b**2 - 4 * a * c)) / (2 * a)
