"""Paired tests against scipy, the definition pattern by pattern, and what has no spread."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tombench.statistics.paired import ENUMERATED, mcnemar, paired_difference, sign_flip

CLOSE = {"rel": 1e-9, "abs": 1e-12}


def by_patterns(values: np.ndarray) -> float:
    """The sign-flip p by its definition: every pattern of signs, one by one."""
    seen = abs(values.sum())
    sums = [abs(np.dot(signs, values)) for signs in product((1, -1), repeat=len(values))]
    return float(np.mean([value >= seen - 1e-12 for value in sums]))


@pytest.mark.parametrize("n", [2, 3, 16, 200])
def test_t_is_scipys(n: int) -> None:
    random = np.random.default_rng(n)
    first, second = random.random(n), random.random(n)
    expected = stats.ttest_rel(first, second)
    found = paired_difference(first - second)
    assert (found.t, found.df, found.p) == pytest.approx(
        (expected.statistic, expected.df, expected.pvalue), **CLOSE
    )
    interval = expected.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), **CLOSE)
    assert found.dz == pytest.approx((first - second).mean() / (first - second).std(ddof=1))


def test_nothing_differs() -> None:
    found = paired_difference(np.zeros(16))
    assert (found.difference, found.t, found.p) == (0, 0, 1)
    assert sign_flip(np.zeros(16)) == 1
    assert found.constant and (found.low, found.high) == (0, 0) and found.dz == 0


def test_all_differ_alike() -> None:
    first, second = np.arange(16) / 20 + 0.15, np.arange(16) / 20  # not alike but for rounding
    assert np.ptp(first - second) > 0
    found = paired_difference(first - second)
    assert found.constant and found.t == np.inf and found.p == 0
    assert found.low == found.high == pytest.approx(0.15)
    assert sign_flip(first - second) == 2 / 2**16
    assert paired_difference(second - first).t == -np.inf


@pytest.mark.parametrize("n", [0, 1])
def test_a_test_needs_two_items(n: int) -> None:
    with pytest.raises(ValueError, match="two items or more"):
        paired_difference(np.ones(n))


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=9))
def test_sign_flip_is_its_definition(counts: list[int]) -> None:
    values = np.array(counts) / 20
    assert sign_flip(values) == pytest.approx(by_patterns(values), **CLOSE)


@pytest.mark.parametrize("n", [5, 12])
def test_sign_flip_is_scipys(n: int) -> None:
    values = np.random.default_rng(n).normal(0.4, 1, n)
    expected = stats.permutation_test(
        (values,), np.mean, permutation_type="samples", n_resamples=np.inf
    )
    assert sign_flip(values) == pytest.approx(expected.pvalue, **CLOSE)


def test_drawn_patterns_come_near_all_patterns() -> None:
    """22 items are drawn: p within four standard errors of the enumerated 2^21 sums."""
    values = np.random.default_rng(3).normal(0.3, 1, ENUMERATED + 1)
    sums = values[:1]
    for value in values[1:]:
        sums = np.concatenate([sums + value, sums - value])
    exact = float(np.mean(np.abs(sums) >= abs(values.sum()) - 1e-12))
    drawn = sign_flip(values)
    assert drawn != exact
    assert abs(drawn - exact) < 4 * np.sqrt(exact * (1 - exact) / 99_999)
    assert drawn == sign_flip(values)  # the seed is fixed


def test_a_drawn_p_is_never_zero() -> None:
    values = np.random.default_rng(0).normal(10, 1, 200)
    assert sign_flip(values) == 1 / 100_000


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 0), (1, 0), (9, 2), (5, 5), (40, 61)])
def test_mcnemar_is_the_binomial_test(only_first: int, only_second: int) -> None:
    total = only_first + only_second
    expected = stats.binomtest(only_first, total).pvalue if total else 1.0
    assert mcnemar(only_first, only_second) == pytest.approx(expected, **CLOSE)
    differences = np.array([1.0] * only_first + [-1.0] * only_second + [0.0] * 30)
    assert sign_flip(differences) == pytest.approx(expected, **CLOSE)


@pytest.mark.parametrize("test", [sign_flip, paired_difference])
def test_what_is_not_known_is_refused(test) -> None:
    with pytest.raises(ValueError, match="1 of 3 differences are NaN"):
        test(np.array([0.1, np.nan, -0.2]))
