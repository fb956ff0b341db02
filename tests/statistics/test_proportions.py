"""Two proportions and two means against hand calculations, scipy and published tables."""

import math

import numpy as np
import pytest
from scipy import stats

from tombench.statistics.proportions import Count, one_sample_p, two_proportions, welch


def test_by_hand() -> None:
    """.6 of 100 against .5 of 50: error √(.0024 + .005) = √.0074, z = .1/.0860 = 1.1625."""
    found = two_proportions(Count(60, 100), Count(25, 50))
    assert found.difference == pytest.approx(0.1)
    assert found.error == pytest.approx(math.sqrt(0.0074))
    assert found.statistic == pytest.approx(1.16248, abs=1e-5)
    assert found.p == pytest.approx(2 * stats.norm.sf(1.16248), abs=1e-5)
    reach = 1.959964 * math.sqrt(0.0074)
    assert (found.low, found.high) == pytest.approx((0.1 - reach, 0.1 + reach), abs=1e-6)


@pytest.mark.parametrize(
    ("normal", "doubled", "printed"),
    [  # of LFB, notebooks/7bF_results_table.tex: difference, interval, error, p
        (214, 190, (-0.08, -0.155, -0.005, 0.038, 0.036)),
        (225, 213, (-0.04, -0.111, 0.031, 0.036, 0.269)),
        (186, 200, (0.05, -0.030, 0.123, 0.039, 0.232)),
    ],
)
def test_published_rows(normal: int, doubled: int, printed: tuple[float, ...]) -> None:
    found = two_proportions(Count(doubled, 300), Count(normal, 300))
    assert round(found.difference, 2) == printed[0]
    shown = found.low, found.high, found.error, found.p
    assert tuple(round(value, 3) for value in shown) == printed[1:]


@pytest.mark.parametrize(
    ("normal", "doubled", "printed"),
    [  # of LFB, comparison.csv: p
        (225, 213, 0.054799291699557835),
        (223, 227, 0.29850108128474984),
        (214, 190, 0.0010912995284298023),
        (186, 200, 0.047931321206213115),
    ],
)
def test_the_studys_first_test(normal: int, doubled: int, printed: float) -> None:
    found = one_sample_p(Count(normal, 300), Count(doubled, 300))
    assert found == pytest.approx(printed, rel=1e-9)


def test_without_spread() -> None:
    same = two_proportions(Count(0, 9), Count(0, 3))
    assert (same.statistic, same.p, same.low, same.high) == (0, 1, 0, 0)
    apart = two_proportions(Count(0, 9), Count(3, 3))
    assert (apart.statistic, apart.p) == (-math.inf, 0)


@pytest.mark.parametrize("counts", [(1, 0), (-1, 3), (4, 3)])
def test_counts_that_are_none(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="successes in"):
        Count(*counts)


def test_welch_is_scipys() -> None:
    random = np.random.default_rng(0)
    first, second = random.normal(0, 1, 9), random.normal(1, 3, 23)
    found, expected = welch(first, second), stats.ttest_ind(first, second, equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert (found.statistic, found.p, found.df) == pytest.approx(
        (expected.statistic, expected.pvalue, expected.df), rel=1e-9
    )
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_welch_of_the_published_donations() -> None:
    """300 each: 7b {5: 226, 7: 74}, tuned {5: 162, 7: 138}, 70b {7: 300}."""
    small, tuned, large = (np.repeat([5.0, 7.0], n) for n in ([226, 74], [162, 138], [0, 300]))
    assert welch(small, tuned).statistic == pytest.approx(-5.60, abs=5e-3)
    found = welch(tuned, large)
    assert found.statistic == pytest.approx(-18.73, abs=5e-3)
    assert found.df == pytest.approx(299)  # one group has no variance


def test_welch_without_spread() -> None:
    assert welch(np.full(3, 0.1), np.full(7, 0.1)).p == 1
    assert welch(np.full(3, 0.1), np.full(7, 0.2)).statistic == -math.inf
    with pytest.raises(ValueError, match="two values or more"):
        welch(np.ones(1), np.ones(5))
