"""Two independent proportions, or two independent means, and whether they differ."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from tombench.statistics.intervals import POINT, numbers


@dataclass(frozen=True)
class Count:
    """So many successes in so many independent trials.

    Raises:
        ValueError: no trials, or not 0 ≤ successes ≤ trials.
    """

    successes: int
    trials: int

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.trials or not self.trials:
            raise ValueError(f"{self.successes} successes in {self.trials} trials")

    @property
    def share(self) -> float:
        return self.successes / self.trials

    @property
    def variance(self) -> float:
        """Of the share: p(1 − p)/n."""
        return self.share * (1 - self.share) / self.trials


@dataclass(frozen=True)
class Contrast:
    """How far the first lies above the second, and the test that they do not differ."""

    difference: float  # first − second
    low: float  # 95 % interval
    high: float
    error: float  # standard error
    statistic: float  # z or t; ±inf where nothing spreads but the two differ, 0 if they do not
    df: float  # inf: normal
    p: float  # two-sided


def two_proportions(first: Count, second: Count) -> Contrast:
    """Unpooled (Wald) z-test of first − second.

    z = (p₁ − p₂)/√(p₁q₁/n₁ + p₂q₂/n₂) and p₁ − p₂ ± 1.96 of that error: what statsmodels' method
    "wald" of `test_proportions_2indep` and `confint_proportions_2indep` gives. Too sure of itself
    near 0 and 1: where a share is 0 or 1 its error is 0.
    """
    return _tested(
        first.share - second.share,
        float(np.sqrt(first.variance + second.variance)),
        float("inf"),
    )


def one_sample_p(known: Count, other: Count) -> float:
    """One-sided p that `other` has the share of `known` as if that were free of error.

    1 − Φ(|p₁ − p₂|/√(p₁q₁/n₁)), the error that of `known` alone: half the variance of the
    difference and the side chosen after looking. The games study's first tables have it; it is
    here to be compared with, `two_proportions` is the test.
    """
    contrast = _tested(known.share - other.share, float(np.sqrt(known.variance)), float("inf"))
    return contrast.p / 2


def welch(first: np.ndarray, second: np.ndarray) -> Contrast:
    """Welch's t-test of the means of values [n] and [m], variances not taken as equal.

    df by Satterthwaite (Welch 1947, "The generalization of 'Student's' problem when several
    different population variances are involved"); equals scipy.stats.ttest_ind(equal_var=False).

    Raises:
        ValueError: fewer than two values in a group, or one is NaN.
    """
    groups = [numbers(values, "values") for values in (first, second)]
    sizes = np.array([len(group) for group in groups])
    if sizes.min() < 2:
        raise ValueError(f"Welch's test needs two values or more a group, not {sizes.tolist()}")
    flat = [np.ptp(group) == 0 for group in groups]  # sums of equal values may round apart
    means = [group[0] if one else group.mean() for group, one in zip(groups, flat, strict=True)]
    errors = [0.0 if one else group.var(ddof=1) for group, one in zip(groups, flat, strict=True)]
    errors = np.array(errors) / sizes
    total = float(errors.sum())
    df = total**2 / float(np.sum(errors**2 / (sizes - 1))) if total else float(sizes.sum() - 2)
    return _tested(float(means[0] - means[1]), float(np.sqrt(total)), df)


def _tested(difference: float, error: float, df: float) -> Contrast:
    normal = np.isinf(df)
    if error:
        statistic = difference / error
    else:
        statistic = float(np.copysign(np.inf, difference)) if difference else 0.0
    p = 2 * float(ndtr(-abs(statistic)) if normal else stdtr(df, -abs(statistic)))
    reach = float(ndtri(POINT) if normal else stdtrit(df, POINT)) * error
    return Contrast(difference, difference - reach, difference + reach, error, statistic, df, p)
