"""What a paired comparison over so many items can find, and what it must miss."""

from functools import lru_cache

import numpy as np
from scipy.special import nctdtr, stdtrit

from tombench.statistics.bisection import reaches

ALPHA = 0.05  # two-sided
POWER = 0.8
FAR = 6  # noncentrality at which the other side's tail is below 1e-10


def paired_power(effect: float, items: int, alpha: float = ALPHA) -> float:
    """The probability that the paired t-test over `items` finds a difference, two-sided.

    `effect` is the true mean difference in standard deviations of the items' differences (Cohen's
    d_z). P(|T| > t[1 − α/2, n − 1]), T noncentral t with n − 1 degrees of freedom and noncentrality
    d_z·√n (Cohen 1988, Statistical Power Analysis, section 2.3.5).

    Raises:
        ValueError: fewer than two items.
    """
    if items < 2:
        raise ValueError(f"a paired test needs two items or more, not {items}")
    df, noncentrality = items - 1, abs(effect) * np.sqrt(items)
    critical = float(stdtrit(df, 1 - alpha / 2))
    below = float(nctdtr(df, noncentrality, critical))
    if noncentrality > FAR:
        return 1 - below
    return 1 - below + 1 - float(nctdtr(df, -noncentrality, critical))  # P(T < −critical), mirrored


def minimum_detectable_difference(
    sd: float, items: int, alpha: float = ALPHA, power: float = POWER
) -> float:
    """The smallest true mean difference that the paired t-test finds with probability `power`.

    `sd` is that of the items' differences, in the unit of the result: the observed one, or
    `expected_sd` for a comparison that has not been run.

    Raises:
        ValueError: fewer than two items.
    """
    return float(sd) * _least_effect(items, alpha, power)


@lru_cache
def _least_effect(items: int, alpha: float, power: float) -> float:
    """Of the same in standard deviations of the differences; sought once for many comparisons."""
    return reaches(lambda effect: paired_power(effect, items, alpha), power)


def expected_sd(item_sd: float, correlation: float = 0.0) -> float:
    """The sd of item differences to expect of a comparison that has not been run.

    It assumes that both conditions' item scores spread as widely, `item_sd`, and correlate over
    items as stated: var(x − y) = 2·item_sd²·(1 − correlation). 0 is the cautious choice where
    nothing is known; a score in [0, 1] cannot spread more than about 0.5.
    """
    return float(item_sd * np.sqrt(2 * (1 - correlation)))
