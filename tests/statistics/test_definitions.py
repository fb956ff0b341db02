"""Statistics against their definitions, written out the long way."""

from itertools import product

import numpy as np
import pytest
from scipy import integrate, stats

from tombench.statistics.cluster_bootstrap import percentile_interval
from tombench.statistics.intervals import (
    clustered_proportion,
    clustered_variance,
    difference,
    effective_size,
    wilson,
)
from tombench.statistics.paired import ENUMERATED, mcnemar, sign_flip
from tombench.statistics.power import minimum_detectable_difference, paired_power
from tombench.statistics.spread import cluster_sd, mean_sd

Z = stats.norm.ppf(0.975)


@pytest.mark.parametrize(("effect", "items"), [(0.3, 5), (0.75, 16), (0.2, 60), (1.5, 12)])
def test_power_by_integration(effect: float, items: int) -> None:
    """P(|Z + δ| > t·√(χ²/ν)): over the density of χ², of how far the mean must lie out."""
    df, delta = items - 1, effect * np.sqrt(items)
    critical = stats.t.ppf(0.975, df)

    def found(chi2: float) -> float:
        out = critical * np.sqrt(chi2 / df)
        return (stats.norm.sf(out - delta) + stats.norm.cdf(-out - delta)) * stats.chi2.pdf(
            chi2, df
        )

    middle = [df / 4, df, 3 * df]
    power, _ = integrate.quad(found, 0, 40 * df, points=middle, epsabs=1e-12, limit=400)
    assert paired_power(effect, items) == pytest.approx(power, abs=1e-9)


def test_the_least_difference_is_proportional_to_the_spread() -> None:
    assert minimum_detectable_difference(0.4, 16) == pytest.approx(
        0.4 * minimum_detectable_difference(1.0, 16), rel=1e-12
    )


def test_effective_size_by_its_definition() -> None:
    random = np.random.default_rng(0)
    values = random.integers(0, 2, 60).astype(float)
    clusters = random.integers(0, 9, 60)
    mean = values.mean()
    df, scale = unlike_sizes(clusters)
    ratio = (stats.t.ppf(0.975, 59) / stats.t.ppf(0.975, df)) ** 2
    expected = min(mean * (1 - mean) / (clustered_variance(values, clusters) * scale), 60) * ratio
    assert effective_size(values, clusters) == pytest.approx(expected, rel=1e-9)


def unlike_sizes(clusters) -> tuple[float, float]:
    """Degrees of freedom, and what makes C/(C − 1)·Σ w²(m − m̄)² unbiased, by matrices."""
    _, sizes = np.unique(clusters, return_counts=True)
    w = sizes / sizes.sum()
    centred = np.eye(len(w)) - np.outer(np.ones(len(w)), w)
    form = centred.T @ np.diag(w**2) @ centred
    unbiased = w @ w / np.trace(form)
    return np.trace(form) ** 2 / np.trace(form @ form), unbiased * (len(w) - 1) / len(w)


def test_clusters_of_one_size_have_one_fewer_degree_of_freedom_than_they_are() -> None:
    assert unlike_sizes(np.repeat(np.arange(9), 4)) == pytest.approx((8, 1))


@pytest.mark.parametrize(("p", "size"), [(0.3, 12.5), (0.9, 40), (0.02, 300)])
def test_wilson_inverts_the_score_test(p: float, size: float) -> None:
    """Both bounds are the shares π with |p − π| = z·√(π(1 − π)/size)."""
    for bound in wilson(p, size):
        reach = Z * np.sqrt(bound * (1 - bound) / size)
        assert abs(p - bound) == pytest.approx(reach, abs=1e-9)


def test_square_and_add() -> None:
    low, high = difference((0.7, 0.55, 0.82), (0.4, 0.2, 0.63))
    assert low == pytest.approx(0.3 - np.sqrt(0.15**2 + 0.23**2), abs=1e-12)
    assert high == pytest.approx(0.3 + np.sqrt(0.12**2 + 0.2**2), abs=1e-12)


def test_as_many_items_as_are_enumerated() -> None:
    values = np.random.default_rng(1).normal(0.3, 1, ENUMERATED)
    signs = np.array(list(product((1.0, -1.0), repeat=11)))
    left, right = signs @ values[:11], signs[:1024, 1:] @ values[11:]
    sums = np.abs(left[:, None] + right[None, :])
    expected = np.mean(sums >= abs(values.sum()) - 1e-9)
    assert sign_flip(values) == expected


def test_sums_that_tie_are_as_extreme() -> None:
    """.1 + .2 + .3 against .6: what equals the observed sum but for rounding counts."""
    values = np.array([0.1, 0.2, 0.3, 0.6])
    sums = [abs(np.dot(signs, (1, 2, 3, 6))) for signs in product((1, -1), repeat=4)]
    assert sign_flip(values) == np.mean([one >= 12 for one in sums])
    assert sign_flip(np.array([0.1, 0.2, -0.3, 0.6])) == np.mean([one >= 6 for one in sums])
    assert sign_flip(np.array([0.1, 0.2, -0.3])) == 1.0


@pytest.mark.parametrize(("first", "second"), [(0, 1), (3, 9), (7, 7), (150, 201), (2000, 2100)])
def test_mcnemar_by_the_binomial_test(first: int, second: int) -> None:
    expected = stats.binomtest(first, first + second, 0.5).pvalue
    assert mcnemar(first, second) == pytest.approx(expected, rel=1e-9)


def test_percentiles_are_numpys() -> None:
    draws = np.random.default_rng(0).normal(size=(500, 3))
    low, high = percentile_interval(draws)
    assert low == pytest.approx(np.percentile(draws, 2.5, axis=0), abs=1e-12)
    assert high == pytest.approx(np.percentile(draws, 97.5, axis=0), abs=1e-12)


def test_the_spread_behind_an_interval() -> None:
    """16 clusters of 20: the sd of their means, from the interval alone."""
    random = np.random.default_rng(0)
    counts = random.binomial(20, random.beta(1, 1, 16))
    values = np.concatenate([np.repeat([1.0, 0.0], [count, 20 - count]) for count in counts])
    low, high = clustered_proportion(values, np.repeat(np.arange(16), 20).tolist())
    found = cluster_sd(values.mean(), low, high, 320, 16)
    assert found == pytest.approx((counts / 20).std(ddof=1), rel=1e-9)


def test_the_spread_of_clusters_of_unlike_size() -> None:
    """√(C·variance), of the ratio, and wider for what a few large clusters leave open."""
    values = np.array([1.0, 1, 0, 0, 0, 1, 0, 1, 1, 1])
    clusters = list("aabbbbccdd")
    low, high = clustered_proportion(values, clusters)
    df, scale = unlike_sizes(clusters)
    wider = (stats.t.ppf(0.975, df) / stats.t.ppf(0.975, 3)) ** 2
    expected = np.sqrt(4 * clustered_variance(values, clusters) * scale * wider)
    assert cluster_sd(0.6, low, high, 10, 4) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("value", "low", "high", "clusters"), [(0, 0, 0.1, 9), (1, 0.9, 1, 9), (0.5, 0, 1, 1)]
)
def test_nothing_spreads(value: float, low: float, high: float, clusters: int) -> None:
    assert cluster_sd(value, low, high, 90, clusters) is None


def test_the_spread_behind_a_standard_error() -> None:
    assert mean_sd(0.1 - Z * 0.05, 0.1 + Z * 0.05, 16) == pytest.approx(0.2, abs=1e-12)
    assert mean_sd(0.1, 0.1, 16) is None and mean_sd(0.0, 0.1, 1) is None
