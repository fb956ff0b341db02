"""Resampled ratios against hand calculations and the variance that clusters have."""

import numpy as np
import pytest

from tombench.statistics.cluster_bootstrap import percentile_interval, ratios, resamples


def test_every_resample_keeps_the_size_of_each_stratum():
    strata = np.array([0, 0, 0, 1, 1])
    weights = resamples(strata, draws=300)
    assert weights.shape == (300, 5)
    assert (weights[:, :3].sum(axis=1) == 3).all() and (weights[:, 3:].sum(axis=1) == 2).all()
    assert set(weights[:, 3]) == {0.0, 1.0, 2.0}


def test_a_further_stratum_changes_no_draw_of_the_others():
    alone = resamples(np.zeros(4, dtype=int), draws=50)
    beside = resamples(np.array([0, 0, 0, 0, 1, 1, 1, 1]), draws=50)
    assert (beside[:, :4] == alone).all()
    assert (beside[:, 4:] != beside[:, :4]).any()  # strata of one size are drawn apart


def test_ratios_by_hand():
    sums = np.array([[1.0, 0.0], [3.0, 0.0]])
    counts = np.array([[2.0, 0.0], [2.0, 1.0]])
    weights = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 2.0]])
    found = ratios(sums, counts, weights)
    assert found[:, 0].tolist() == [4 / 4, 2 / 4, 6 / 4]
    assert np.isnan(found[1, 1]) and found[[0, 2], 1].tolist() == [0.0, 0.0]


def test_an_interval_leaves_out_what_is_not_known():
    draws = np.array([[0.0, np.nan], [1.0, np.nan], [np.nan, np.nan], [2.0, np.nan]])
    low, high = percentile_interval(draws)
    assert (low[0], high[0]) == pytest.approx((0.05, 1.95))  # 2.5 % and 97.5 % of 0, 1, 2
    assert np.isnan(low[1]) and np.isnan(high[1])


def test_the_spread_is_that_of_cluster_means():
    means = np.random.default_rng(0).normal(size=40)
    counts = np.full((40, 1), 5.0)  # five items each, all alike: forty observations, not 200
    draws = ratios(5 * means[:, None], counts, resamples(np.zeros(40, dtype=int)))
    expected = means.std() / np.sqrt(40)  # of the bootstrap: n in the denominator
    assert draws.std() == pytest.approx(expected, rel=0.05)
