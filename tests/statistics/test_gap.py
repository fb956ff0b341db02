"""The share of the gap closed, and the study's improvement, against hand calculations."""

import math

import numpy as np
import pytest

from tombench.statistics.gap import Rates, Transfer, gap_closed
from tombench.statistics.improvement import countable, improvement, improvements

INF = math.inf


def rates(counts: list[int], draws: float = 100) -> Rates:
    return Rates(np.array(counts) / 100, np.full(len(counts), draws))


# before .8 .6 | after .7 .5 | teacher .4 .7
TWO = Transfer(rates([80, 60]), rates([70, 50]), rates([40, 70]))


def test_by_hand() -> None:
    """Gaps before .4, .1; after .3, .2: as wide in sum, though the first cell came nearer."""
    found = gap_closed(TWO, draws=200)
    assert found.value == pytest.approx(0)
    assert found.gap_before == pytest.approx(0.25) and found.gap_after == pytest.approx(0.25)
    assert found.cells == 2
    assert found.draws_low < 0 < found.draws_high


@pytest.mark.parametrize(
    ("after", "value"), [([40, 70], 1), ([80, 60], 0), ([60, 65], 0.5), ([100, 0], 1 - 1.3 / 0.5)]
)
def test_bounds(after: list[int], value: float) -> None:
    found = gap_closed(Transfer(TWO.before, rates(after), TWO.teacher), draws=2)
    assert found.value == pytest.approx(value)


def test_past_the_teacher_costs_what_short_of_it_costs() -> None:
    before, teacher = rates([80, 80]), rates([60, 60])
    past = gap_closed(Transfer(before, rates([50, 50]), teacher), draws=2)
    short = gap_closed(Transfer(before, rates([70, 70]), teacher), draws=2)
    assert past.value == pytest.approx(short.value) == pytest.approx(0.5)


def test_known_probabilities_have_no_noise_of_draws() -> None:
    exact = Transfer(*(Rates(one.shares, np.full(2, INF)) for one in TWO.models))
    found = gap_closed(exact, draws=500)
    assert found.draws_low == found.draws_high == found.value
    assert found.low == pytest.approx(1 - 0.2 / 0.1)  # the second cell twice
    assert found.high == pytest.approx(1 - 0.3 / 0.4)  # the first cell twice


def test_the_interval_of_draws_narrows_with_their_number() -> None:
    few, many = (
        gap_closed(Transfer(*(Rates(one.shares, np.full(2, n)) for one in TWO.models)), draws=2000)
        for n in (100.0, 10_000.0)
    )
    ratio = (few.draws_high - few.draws_low) / (many.draws_high - many.draws_low)
    assert 8 < ratio < 13  # √100, the few skew


def test_a_cells_draws_are_binomial() -> None:
    """Mean .3 and variance .3·.7/50 of 20,000 draws, to five standard errors."""
    random = np.random.default_rng(0)
    drawn = Rates(np.array([0.3]), np.array([50.0])).redrawn(random, np.zeros(20_000, dtype=int))
    assert abs(drawn.mean() - 0.3) < 5 * math.sqrt(0.0042 / 20_000)
    assert drawn.var() == pytest.approx(0.0042, rel=0.06)
    assert np.allclose(drawn * 50, np.rint(drawn * 50))


def test_the_seed_fixes_it_and_nothing_else_does() -> None:
    assert gap_closed(TWO, draws=100) == gap_closed(TWO, draws=100)
    assert gap_closed(TWO, draws=100) != gap_closed(TWO, draws=100, seed=1)


def test_without_a_gap_nothing_is_known() -> None:
    found = gap_closed(Transfer(TWO.before, TWO.after, Rates(TWO.before.shares, [INF] * 2)))
    assert math.isnan(found.value)
    one = Transfer(rates([80]), rates([70]), rates([40]))
    assert math.isnan(gap_closed(one, draws=9).low) and gap_closed(one, draws=9).draws_low < 1


@pytest.mark.parametrize(
    ("shares", "draws"), [([], []), ([0.5], [1, 2]), ([1.5], [9]), ([0.5], [0]), ([math.nan], [9])]
)
def test_rates_that_are_none(shares: list[float], draws: list[float]) -> None:
    with pytest.raises(ValueError, match="rate"):
        Rates(np.array(shares), np.array(draws))


def test_models_with_unlike_numbers_of_cells() -> None:
    with pytest.raises(ValueError, match=r"unlike numbers of cells: \[1, 2\]"):
        Transfer(rates([1]), rates([1, 2]), rates([1, 2]))


def test_improvement_by_hand() -> None:
    """(70 − 80)/(40 − 80) = 25 %, (50 − 60)/(70 − 60) = −100 %; sums −20/−30."""
    assert improvements(TWO).tolist() == [25, -100]
    found = improvement(TWO, draws=100)
    assert (found.mean, found.median) == (-37.5, -37.5)
    assert found.sd == pytest.approx(125 / math.sqrt(2))
    assert found.error == pytest.approx(62.5 / math.sqrt(2))
    assert (found.least, found.most) == (-100, 25)
    assert found.ratio_of_sums == pytest.approx(200 / 3)
    assert found.bridging == pytest.approx((25 - 100) / 2)
    assert found.low < -37.5 < found.high


def test_counts_are_not_shares_where_draws_differ() -> None:
    """80/100, 30/60, 40/100: of counts −50/−40, of shares −.3/−.4."""
    transfer = Transfer(rates([80]), Rates([0.5], [60]), rates([40]))
    assert improvements(transfer) == pytest.approx([125])
    assert improvements(transfer, of="shares") == pytest.approx([75])
    with pytest.raises(ValueError, match="was not drawn has no counts"):
        improvements(Transfer(transfer.before, Rates.constant(0.5, 1), transfer.teacher))


def test_counts_are_taken_where_all_models_drew() -> None:
    assert countable(TWO) == "counts"
    known = Rates(np.array([0.7, 0.5]), np.full(2, INF))
    assert countable(Transfer(TWO.before, known, TWO.teacher)) == "shares"


def test_cells_without_a_gap_are_left_out() -> None:
    found = improvement(Transfer(rates([80, 60]), rates([70, 50]), rates([40, 60])), draws=9)
    assert (found.mean, found.cells, found.without_gap) == (25, 1, 1)
    none = improvement(Transfer(rates([80]), rates([70]), rates([80])), draws=9)
    assert math.isnan(none.mean) and (none.cells, none.without_gap) == (0, 1)
