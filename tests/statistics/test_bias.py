"""The yes/no bias test against scipy, and what has no spread."""

import numpy as np
import pytest
from scipy import stats

from tombench.statistics.bias import answer_bias


@pytest.mark.parametrize(("yes", "no"), [(8, 8), (2, 2), (5, 30)])
def test_is_scipys(yes: int, no: int) -> None:
    random = np.random.default_rng(yes)
    first, second = random.random(yes), random.random(no) / 2
    expected = stats.ttest_ind(first, second, equal_var=True)
    interval = expected.confidence_interval(0.95)
    found = answer_bias(first, second)
    assert (found.t, found.df, found.p, found.low, found.high) == pytest.approx(
        (expected.statistic, expected.df, expected.pvalue, interval.low, interval.high), rel=1e-9
    )
    assert (found.yes, found.no) == pytest.approx((first.mean(), second.mean()))
    assert (found.yes_items, found.no_items) == (yes, no)


def test_without_spread() -> None:
    equal = answer_bias(np.full(3, 0.7), np.full(4, 0.7))
    assert (equal.t, equal.p, equal.low, equal.high) == (0, 1, 0, 0)
    always_no = answer_bias(np.zeros(8), np.ones(8))
    assert (always_no.t, always_no.p, always_no.difference) == (-np.inf, 0, -1)


def test_a_group_needs_two_items() -> None:
    with pytest.raises(ValueError, match="two items or more a group"):
        answer_bias(np.ones(1), np.ones(5))
