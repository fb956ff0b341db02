"""Two conditions that answered the same items: is their mean difference more than chance?

All functions take one difference an item, first condition less second, as an array [items]. An
item here is the independent unit: what shares a cluster is averaged before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, stdtr, stdtrit

from tombench.statistics.intervals import POINT, numbers

TIE = 1e-12  # of the largest possible statistic: closer values are equal but for rounding
ENUMERATED = 21  # items that differ; 2^20 patterns, since turning all signs changes no |sum|
DRAWN = 99_999  # sign patterns where there are more
SEED = 0
CHUNK = 4_096  # patterns at a time: 20 MB for 600 items


@dataclass(frozen=True)
class PairedDifference:
    """The mean difference over items, its interval, and the t-test that it is 0."""

    items: int
    difference: float
    low: float  # 95 % t interval over items
    high: float
    sd: float  # of the items' differences, n − 1 in the denominator
    t: float  # ±inf where all items differ by the same amount, 0 where none differs
    df: int
    p: float  # two-sided

    @property
    def constant(self) -> bool:
        """All items differ by the same amount: the t-test has no spread to judge by."""
        return self.sd == 0

    @property
    def dz(self) -> float:
        """Cohen's d_z: the mean difference in standard deviations of the differences.

        Cohen 1988, Statistical Power Analysis, section 2.3.5.
        """
        return self.t / np.sqrt(self.items)


def paired_difference(differences: np.ndarray) -> PairedDifference:
    """Mean, 95 % interval and t-test of the differences [items] of two conditions.

    t = d̄ / (s/√n) with n − 1 degrees of freedom (Student 1908); equals scipy.stats.ttest_rel.
    Without spread p is 1 where nothing differs, and 0 where all differ alike.

    Raises:
        ValueError: fewer than two items, or a difference is NaN.
    """
    values = numbers(differences, "differences")
    n = len(values)
    if n < 2:
        raise ValueError(f"a paired test needs two items or more, not {n}")
    mean = float(values.mean())
    if np.ptp(values) <= TIE * np.abs(values).max():
        t = float(np.copysign(np.inf, mean)) if mean else 0.0
        sd, error, p = 0.0, 0.0, 0.0 if mean else 1.0
    else:
        sd = float(values.std(ddof=1))
        error = sd / np.sqrt(n)
        t = mean / error
        p = 2 * float(stdtr(n - 1, -abs(t)))
    reach = float(stdtrit(n - 1, POINT)) * error
    return PairedDifference(
        n, mean, float(mean - reach), float(mean + reach), sd, float(t), n - 1, p
    )


def sign_flip(differences: np.ndarray) -> float:
    """Two-sided p of the sign-flip permutation test of the mean difference [items].

    If the conditions do not differ, each item's difference is as likely as its negative: p is the
    share of sign patterns whose |sum| is at least the observed one (Fisher 1935, The Design of
    Experiments, section 21). Exact up to 21 items that differ, and for any number that differ by
    one amount (McNemar's test then); else (1 + as extreme)/(1 + B) over B = 99,999 patterns drawn
    with a fixed seed (Phipson & Smyth 2010).

    Raises:
        ValueError: a difference is NaN.
    """
    values = numbers(differences, "differences")
    known = exact_sign_flip(values)
    return float(drawn_sign_flips(values[:, None], [(0, None)])[0]) if known is None else known


def exact_sign_flip(values: np.ndarray) -> float | None:
    """The p of `sign_flip` where it needs no drawn patterns, of differences [items]; else None."""
    sizes = np.abs(values)
    values = values[sizes > TIE * sizes.max(initial=0.0)]  # items that do not differ say nothing
    if not len(values):
        return 1.0
    sizes = np.abs(values)
    if np.ptp(sizes) <= TIE * sizes.max():
        return mcnemar(int((values > 0).sum()), int((values < 0).sum()))
    if len(values) > ENUMERATED:
        return None
    return _share_as_extreme(values, abs(values.sum()) - TIE * sizes.sum())


def drawn_sign_flips(scores: np.ndarray, pairs: Sequence[tuple[int, int | None]]) -> np.ndarray:
    """p by drawn patterns of each pair's differences over items, at the cost of their columns.

    A pattern's sum of differences is the difference of two conditions' sums, so the patterns are
    multiplied with every condition once, not with every pair. An item that does not differ keeps
    its place in the patterns: it adds nothing to any sum.

    Args:
        scores: of each condition over the same items [items, conditions].
        pairs: places of two conditions [pairs]; None: nothing is taken off.

    Returns:
        (1 + as extreme)/(1 + B) [pairs], B = 99,999.
    """
    first = np.array([one for one, _ in pairs], dtype=int)
    none = scores.shape[1]  # a column of zeros, to take off nothing
    second = np.array([none if other is None else other for _, other in pairs], dtype=int)
    table = np.column_stack([scores, np.zeros(len(scores))])
    least = np.array(
        [_least(table[:, a] - table[:, b]) for a, b in zip(first, second, strict=True)]
    )
    extreme = np.zeros(len(pairs), dtype=int)
    random = np.random.Generator(np.random.Philox(SEED))
    for start in range(0, DRAWN, CHUNK):
        shape = min(CHUNK, DRAWN - start), len(scores)
        kept = random.integers(0, 2, shape, dtype=np.int8)
        sums = table.T @ (2.0 * kept - 1.0).T  # [conditions, patterns]
        for place, (a, b) in enumerate(zip(first, second, strict=True)):
            extreme[place] += np.count_nonzero(np.abs(sums[a] - sums[b]) >= least[place])
    return (1 + extreme) / (1 + DRAWN)


def _least(values: np.ndarray) -> float:
    """The |sum| that counts as extreme: the observed one, but for rounding."""
    return abs(values.sum()) - TIE * np.abs(values).sum()


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided exact p for items that only one condition got right (McNemar 1947).

    Twice the binomial probability, at one half, of as few as the fewer; at most 1.
    """
    total = only_first + only_second
    return min(1.0, 2 * float(bdtr(min(only_first, only_second), total, 0.5)))


def _share_as_extreme(values: np.ndarray, least: float) -> float:
    """The share of all sign patterns of values [items] whose |sum| is at least so great.

    The sums of one half of the items, the first sign kept, are looked up among the sorted sums of
    the other half: 2^(n/2) look-ups in place of 2^(n-1) sums (Horowitz & Sahni 1974, "Computing
    partitions with applications to the knapsack problem").
    """
    if least <= 0:
        return 1.0
    half = (len(values) + 1) // 2
    near, far = _all_sums(values[:half]), values[half:]
    far = np.sort(np.concatenate([_all_sums(far), -_all_sums(far)])) if len(far) else np.zeros(1)
    above = len(far) - np.searchsorted(far, least - near, side="left")
    below = np.searchsorted(far, -least - near, side="right")
    return float((above.sum() + below.sum()) / (len(near) * len(far)))


def _all_sums(values: np.ndarray) -> np.ndarray:
    """Σ ± values for every sign pattern with the first sign kept [2^(n−1)]."""
    sums = values[:1]
    for value in values[1:]:
        sums = np.concatenate([sums + value, sums - value])
    return sums
