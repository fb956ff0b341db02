"""The decomposition of deviance against hand calculations, a fitted model and known truths."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, xlogy

from tombench.statistics.deviance import Shares, decompose


def values(shares: Shares, field: str = "value") -> list[float]:
    return [getattr(one, field) for one in (shares.row, shares.column, shares.interaction)]


def binomial_deviance(successes: np.ndarray, trials: np.ndarray, fitted: np.ndarray) -> float:
    failures, other = trials - successes, 1 - fitted
    return 2 * float(
        np.sum(xlogy(successes, successes / (trials * fitted)))
        + np.sum(xlogy(failures, failures / (trials * other)))
    )


def test_rows_alone_by_hand() -> None:
    """Rates .2 and .6 by row in either column: all of the deviance is the row's.

    D = 2·Σ n·(p log p/.4 + q log q/.6), 200 trials a row:
    400·(.2 log .5 + .8 log 4/3 + .6 log 1.5 + .4 log 2/3).
    """
    successes = np.array([[20, 20], [60, 60]])
    found = decompose(successes, np.full((2, 2), 100))
    by_hand = 400 * (
        0.2 * math.log(0.5) + 0.8 * math.log(4 / 3) + 0.6 * math.log(1.5) + 0.4 * math.log(2 / 3)
    )
    assert found.deviance == pytest.approx(by_hand)
    for shares in (found.alone, found.shapley):
        assert values(shares) == pytest.approx([1, 0, 0], abs=1e-9)
    assert found.noise == 3
    corrected = [(by_hand - 1) / (by_hand - 3), -1 / (by_hand - 3), -1 / (by_hand - 3)]
    assert values(found.shapley, "corrected") == pytest.approx(corrected)


def test_a_crossover_is_interaction() -> None:
    found = decompose(np.array([[20, 80], [80, 20]]), np.full((2, 2), 100))
    assert values(found.alone) == pytest.approx([0, 0, 1], abs=1e-9)


def test_shapley_adds_up_and_swaps_with_the_table() -> None:
    random = np.random.default_rng(0)
    trials = random.integers(50, 300, (4, 5))
    successes = random.binomial(trials, random.random((4, 5)))
    found, turned = decompose(successes, trials), decompose(successes.T, trials.T)
    assert sum(values(found.shapley)) == pytest.approx(1)
    assert sum(values(found.shapley, "corrected")) == pytest.approx(1)
    row, column, interaction = values(found.shapley)
    assert values(turned.shapley) == pytest.approx([column, row, interaction])


def test_the_additive_fit_is_the_maximum_likelihood_one() -> None:
    """Logistic regression by a general optimiser; trials differ, so factors overlap."""
    random = np.random.default_rng(1)
    trials = random.integers(20, 400, (3, 4)).astype(float)
    successes = random.binomial(trials.astype(int), random.uniform(0.1, 0.9, (3, 4))).astype(float)
    rows, columns = np.indices((3, 4))

    def rates(weights: np.ndarray) -> np.ndarray:
        return expit(weights[rows] + np.append(0, weights[3:])[columns])

    def loss(weights: np.ndarray) -> float:
        return binomial_deviance(successes, trials, rates(weights))

    both = minimize(loss, np.zeros(6), method="BFGS", options={"gtol": 1e-8}).fun
    means = {axis: successes.sum(axis, keepdims=True) / trials.sum(axis, keepdims=True)
             for axis in (0, 1)}  # fmt: skip
    shape = np.ones((3, 4))
    null = binomial_deviance(successes, trials, shape * successes.sum() / trials.sum())
    row = binomial_deviance(successes, trials, means[1] * shape)
    column = binomial_deviance(successes, trials, means[0] * shape)
    found = decompose(successes, trials)
    assert found.deviance == pytest.approx(null)
    assert values(found.alone) == pytest.approx(
        [(null - row) / null, (null - column) / null, both / null], rel=1e-5
    )
    assert found.shapley.row.value == pytest.approx(
        ((null - row) + (column - both)) / 2 / null, rel=1e-5
    )


def test_cells_at_the_ends_are_fitted() -> None:
    """A column of which nobody does it; the other depends on the row alone."""
    found = decompose(np.array([[0, 30], [0, 70]]), np.full((2, 2), 100))
    assert found.alone.interaction.value == pytest.approx(0, abs=1e-9)
    assert sum(values(found.shapley)) == pytest.approx(1)
    assert not any(map(math.isnan, values(found.shapley, "low")))


def test_noise_alone_is_corrected_away() -> None:
    """Of 400 tables of one rate: each effect's mean deviance is its df, to five standard errors."""
    random = np.random.default_rng(2)
    taken = []
    for _ in range(400):
        found = decompose(random.binomial(300, 0.7, (2, 3)), np.full((2, 3), 300), exact=True)
        taken.append([share * found.deviance for share in values(found.shapley)])
    means, errors = np.mean(taken, axis=0), np.std(taken, axis=0) / 20
    assert np.all(np.abs(means - [1, 2, 2]) < 5 * errors)


def test_the_correction_and_the_interval_hold_the_truth() -> None:
    """Of 60 tables drawn from known rates; the truth is the decomposition of the rates."""
    rates = np.array([[0.35, 0.4, 0.45], [0.65, 0.7, 0.75]])
    truth = decompose(rates, np.ones((2, 3)), exact=True).shapley.row.value
    random = np.random.default_rng(3)
    found = [
        decompose(random.binomial(100, rates), np.full((2, 3), 100)).shapley.row for _ in range(60)
    ]
    error = np.std([one.corrected for one in found]) / np.sqrt(60)
    assert abs(np.mean([one.corrected for one in found]) - truth) < 4 * error
    assert truth - np.mean([one.value for one in found]) > 2 * error  # uncorrected is too low
    assert 0.85 < np.mean([one.low <= truth <= one.high for one in found]) <= 1


def test_no_interaction_is_found_where_there_is_none() -> None:
    """Of 40 tables drawn from an additive model; a draw's own noise would make one of 12 df."""
    rates = expit(np.linspace(-1, 1, 4)[:, None] + np.linspace(-0.5, 0.5, 5))
    random = np.random.default_rng(4)
    found = [
        decompose(random.binomial(60, rates), np.full((4, 5), 60)).shapley.interaction
        for _ in range(40)
    ]
    assert np.mean([one.low <= 0 <= one.high for one in found]) > 0.85
    assert np.mean([one.low > 0 for one in found]) < 0.1
    middle = np.mean([(one.low + one.high) / 2 - one.corrected for one in found])
    width = np.mean([one.high - one.low for one in found])
    assert abs(middle) < width / 8


def test_probabilities_have_no_noise() -> None:
    rates = np.array([[0.2, 0.3], [0.6, 0.5]])
    share = decompose(rates, np.ones((2, 2)), exact=True).shapley.row
    assert share.value == share.corrected == share.low == share.high


def test_no_more_than_noise() -> None:
    found = decompose(np.full((2, 2), 50), np.full((2, 2), 100))
    assert found.deviance == pytest.approx(0)
    assert math.isnan(found.shapley.row.corrected)


@pytest.mark.parametrize(
    ("successes", "trials"),
    [([[1, 2]], [[3, 3]]), ([[1, 2], [3, 4]], [[5, 5], [5, 0]]), ([1, 2], [3, 3]),
     ([[1, 2], [3, 6]], [[5, 5], [5, 5]])],
)  # fmt: skip
def test_tables_that_are_none(successes: list, trials: list) -> None:
    with pytest.raises(ValueError, match=r"table|trials"):
        decompose(np.array(successes), np.array(trials))
