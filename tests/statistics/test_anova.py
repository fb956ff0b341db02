"""Mean squares and components against scipy, sums by hand, and their expectations."""

import numpy as np
import pytest
from scipy import stats

from tombench.statistics.anova import components, mean_squares, spread

ITEM, FIRST, SECOND = (frozenset({axis}) for axis in range(3))


def test_one_factor_is_scipys() -> None:
    values = np.random.default_rng(0).random((4, 7))
    squares = mean_squares(values)
    expected = stats.f_oneway(*values)
    assert squares.effects[ITEM] / squares.within == pytest.approx(expected.statistic, rel=1e-9)


def test_two_factors_by_hand() -> None:
    """2 × 2 cells of 2 values: means 1, 3 | 5, 11, each value one off."""
    values = np.array([[[0.0, 2.0], [2.0, 4.0]], [[4.0, 6.0], [10.0, 12.0]]])
    squares = mean_squares(values)
    assert squares.effects[ITEM] == pytest.approx(72)  # row means 2, 8: 4·(9 + 9)
    assert squares.effects[FIRST] == pytest.approx(32)  # column means 3, 7: 4·(4 + 4)
    assert squares.effects[ITEM | FIRST] == pytest.approx(8)  # each cell 1 off: 2·4
    assert squares.within == pytest.approx(2)
    found = components(squares)
    assert found[ITEM | FIRST] == pytest.approx((8 - 2) / 2)
    assert found[FIRST] == pytest.approx((32 - 8) / 4)
    assert found[ITEM] == pytest.approx((72 - 8) / 4)


def test_sums_of_squares_add_up() -> None:
    values = np.random.default_rng(1).random((5, 3, 2, 4))
    squares = mean_squares(values)
    total = sum(
        value * np.prod([values.shape[axis] - 1 for axis in effect])
        for effect, value in squares.effects.items()
    )
    total += squares.within * 5 * 3 * 2 * 3
    assert total == pytest.approx(np.sum((values - values.mean()) ** 2), rel=1e-9)


def test_components_are_unbiased() -> None:
    """Mean over 3,000 data sets of known variances, to five standard errors."""
    random = np.random.default_rng(0)
    true = {
        ITEM: 0.09,
        FIRST: 0.04,
        SECOND: 0.01,
        FIRST | SECOND: 0.02,
        ITEM | FIRST: 0.03,
        ITEM | SECOND: 0.0,
        ITEM | FIRST | SECOND: 0.01,
    }
    shape = (8, 3, 2)
    found = []
    for _ in range(3_000):
        values = random.normal(0, 0.5, (*shape, 2))
        for effect, variance in true.items():
            own = [size if axis in effect else 1 for axis, size in enumerate(shape)]
            values = values + random.normal(0, np.sqrt(variance), own)[..., None]
        found.append(components(mean_squares(values)))
    for effect, variance in true.items():
        estimates = np.array([one[effect] for one in found])
        assert abs(estimates.mean() - variance) < 5 * estimates.std() / np.sqrt(3_000)


def test_one_value_a_cell_leaves_the_interaction_out() -> None:
    squares = mean_squares(np.random.default_rng(0).random((6, 3, 1)))
    assert squares.within is None
    assert set(components(squares)) == {ITEM, FIRST}


def test_spread_without_noise_is_that_of_the_means() -> None:
    found = spread(np.array([[0.1, 0.3, 0.8], [0.3, 0.5, 1.0]]))
    assert found.sd == found.low == found.high == pytest.approx(np.std([0.2, 0.4, 0.9], ddof=1))
    assert found.range == pytest.approx(0.7)
    assert not found.negative


def test_a_spread_of_scores_has_a_bound() -> None:
    found = spread(np.array([[0.0, 1.0], [0.1, 0.0], [0.9, 1.0]]))
    assert found.range_high <= 1 and found.high <= np.sqrt(0.5)


def test_spread_of_nothing() -> None:
    assert spread(np.full((4, 3), 0.5)).sd == 0
    assert spread(np.full((4, 3), 0.5)).high == 0


def test_a_spread_below_noise_is_zero_with_the_interval_of_zero() -> None:
    means = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    found = spread(means)
    assert found.negative and (found.sd, found.low) == (0, 0)
    assert found.high > 0.1


def test_spread_interval_is_the_noncentral_fs() -> None:
    means = np.random.default_rng(2).normal([0.3, 0.5, 0.9], 0.2, (12, 3))
    squares = mean_squares(means[..., None]).effects
    between, noise = squares[frozenset({1})], squares[frozenset({0, 1})]
    found = spread(means)
    for bound, tail in ((found.low, 0.975), (found.high, 0.025)):
        noncentrality = 12 * 2 * bound**2 / noise
        assert stats.ncf.cdf(between / noise, 2, 22, noncentrality) == pytest.approx(tail, abs=1e-9)


@pytest.mark.parametrize("shape", [(1, 3), (3, 1)])
def test_a_spread_needs_two_of_each(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="two units and two levels"):
        spread(np.zeros(shape))
