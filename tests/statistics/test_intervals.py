"""Intervals against their definitions and scipy, and their coverage on simulated answers."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tombench.metrics import contrast, share
from tombench.schema import Metric
from tombench.statistics.intervals import (
    clustered_proportion,
    clustered_variance,
    difference,
    effective_size,
    wilson,
)

CLOSE = {"rel": 1e-9, "abs": 1e-9}


@pytest.mark.parametrize(("right", "n"), [(0, 5), (1, 7), (8, 16), (15, 16), (16, 16), (300, 320)])
def test_wilson_is_scipys(right: int, n: int) -> None:
    expected = stats.binomtest(right, n).proportion_ci(0.95, method="wilson")
    assert wilson(right / n, n) == pytest.approx((expected.low, expected.high), **CLOSE)


def test_no_observation_says_nothing() -> None:
    assert wilson(0.5, 0) == (0.0, 1.0)


def test_clustered_variance_is_its_definition() -> None:
    """C/(C-1) · Σ_c Σ_i∈c Σ_j∈c (x_i − x̄)(x_j − x̄) / n², pair by pair."""
    random = np.random.default_rng(0)
    values, clusters = random.random(40), random.integers(0, 7, 40)
    mean = sum(values) / 40
    pairs = sum(
        (values[i] - mean) * (values[j] - mean)
        for i in range(40)
        for j in range(40)
        if clusters[i] == clusters[j]
    )
    assert clustered_variance(values, clusters) == pytest.approx(7 / 6 * pairs / 40**2, **CLOSE)


def test_one_observation_a_cluster_is_the_usual_standard_error() -> None:
    values = np.array([0.1, 0.5, 0.5, 0.9, 0.2])
    expected = stats.sem(values) ** 2
    assert clustered_variance(values, range(5)) == pytest.approx(expected, **CLOSE)


def test_one_cluster_says_nothing() -> None:
    values = np.array([1.0, 0.0, 1.0])
    assert math.isnan(clustered_variance(values, "aaa"))
    assert effective_size(values, "aaa") == 0
    assert clustered_proportion([1, 0, 1], "aaa") == (0.0, 1.0)
    assert clustered_proportion([1], "a") == (0.0, 1.0)


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="1 of 2 values are NaN; leave out"):
        clustered_proportion([1.0, math.nan], ["a", "b"])


def test_where_all_agree_a_cluster_counts_as_one() -> None:
    ratio = (stats.t.ppf(0.975, 19) / stats.t.ppf(0.975, 3)) ** 2
    values, clusters = np.ones(20), [n // 5 for n in range(20)]
    assert effective_size(values, clusters) == pytest.approx(4 * ratio, **CLOSE)
    low, high = clustered_proportion(values, clusters)
    assert high == 1
    z = NormalDist().inv_cdf(0.975)
    assert low == pytest.approx(4 * ratio / (4 * ratio + z**2), **CLOSE)


def test_independent_answers_are_worth_what_they_number() -> None:
    values = np.array([1.0, 0.0] * 50)
    assert effective_size(values, range(100)) == pytest.approx(99.0, **CLOSE)  # s² has n − 1
    assert effective_size(values, [n // 2 for n in range(100)]) == pytest.approx(
        100 * (stats.t.ppf(0.975, 99) / stats.t.ppf(0.975, 49)) ** 2, **CLOSE
    )


def test_newcombes_published_example() -> None:
    """56/70 against 48/80: 0.2 (0.0524, 0.3339); Newcombe 1998, table II, case (a), method 10."""
    first, second = (56 / 70, *wilson(56 / 70, 70)), (48 / 80, *wilson(48 / 80, 80))
    assert difference(first, second) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_share_and_contrast_carry_their_numbers() -> None:
    a = share([1.0, 1.0, 0.0, 1.0], ["s", "s", "t", "u"])
    b = share([0.0, 0.5], ["v", "w"])
    assert (a.value, a.n, a.clusters) == (0.75, 4, 3)
    gap = contrast(a, b)
    assert isinstance(gap, Metric)
    assert (gap.value, gap.n, gap.clusters) == (0.5, 6, 5)
    assert -1 <= gap.low < 0.5 < gap.high <= 1


@pytest.mark.parametrize(("values", "clusters"), [([], []), ([1.0], []), ([1.0], ["a", "b"])])
def test_values_want_a_cluster_each(values: list[float], clusters: list[str]) -> None:
    with pytest.raises(ValueError, match="need one cluster each"):
        share(values, clusters)


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 5)), min_size=1))
def test_every_interval_holds_its_value(pairs: list[tuple[float, int]]) -> None:
    values, clusters = [value for value, _ in pairs], [cluster for _, cluster in pairs]
    metric = share(values, [str(cluster) for cluster in clusters])
    assert 0 <= metric.low <= metric.value + 1e-12
    assert metric.value - 1e-12 <= metric.high <= 1
    if metric.clusters > 1:
        assert effective_size(np.array(values), clusters) <= len(values) + 1e-9


def coverage(clusters: int, size: int, a: float, b: float, sets: int = 2_000) -> float:
    """Share of simulated data sets whose interval holds the true mean a/(a + b).

    Each cluster's probability is drawn from beta(a, b), its `size` answers from that.
    """
    random = np.random.default_rng(0)
    names = np.repeat(np.arange(clusters), size)
    held = 0
    for _ in range(sets):
        right = random.binomial(1, np.repeat(random.beta(a, b, clusters), size))
        low, high = clustered_proportion(right, names)
        held += low <= a / (a + b) <= high
    return held / sets


@pytest.mark.parametrize(
    ("clusters", "size", "a", "b"),
    [(16, 20, 2, 2), (16, 20, 0.5, 0.5), (16, 20, 8, 2), (40, 5, 2, 2), (100, 3, 5, 5)],
)
def test_coverage(clusters: int, size: int, a: float, b: float) -> None:
    assert 0.93 <= coverage(clusters, size, a, b) <= 0.97


@pytest.mark.parametrize(("clusters", "told"), [(8, 0.877), (16, 0.892), (40, 0.923)])
def test_coverage_where_scenes_are_all_right_or_all_wrong(clusters: int, told: float) -> None:
    """Too narrow, as docs/statistics.md says: few clusters may not show that some are all wrong."""
    assert coverage(clusters, 20, 0.9, 0.1) == pytest.approx(told, abs=1e-3)
