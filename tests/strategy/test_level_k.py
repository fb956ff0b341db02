"""Levels of reasoning by hand: snowdrift's mixed equilibrium is at p(C) = 1/6."""

import math

import pytest

from tombench.errors import UserError
from tombench.strategy.level_k import (
    cognitive_hierarchy,
    hierarchy_levels,
    hierarchy_shares,
    level_k,
)
from tombench.strategy.payoffs import Game, dilemma


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("prison", [0.5, 0, 0, 0]),
        ("delight", [0.5, 1, 1, 1]),
        ("snowdrift", [0.5, 0, 1, 0]),
        ("staghunt", [0.5, 1, 1, 1]),
    ],
)
def test_levels_of_the_four_dilemmas(name: str, levels: list[float]) -> None:
    assert [level_k(dilemma(name), level) for level in range(4)] == levels


def test_each_player_reasons_about_the_other() -> None:
    # row wants to match, column to mismatch; both are drawn to the first by a small prize
    game = Game("chase", ((2, 0), (0, 1)), ((0, 1), (2, 0)))
    # level 1: row 2/2 > 1/2, first; column (0+2)/2 > 1/2, first
    # level 2: row to first: first; column to first: second; level 3: row to second: second
    assert [level_k(game, level) for level in range(4)] == [0.5, 1, 1, 0]
    assert [level_k(game.exchanged(), level) for level in range(4)] == [0.5, 1, 0, 0]


def test_ties_are_broken_evenly() -> None:
    assert level_k(Game("flat", ((1, 1), (1, 1)), ((1, 1), (1, 1))), 5) == 0.5


def test_frequencies_are_poisson() -> None:
    shares = hierarchy_shares(1.5)
    for steps in range(5):
        expected = math.exp(-1.5) * 1.5**steps / math.factorial(steps)
        assert shares[steps] == pytest.approx(expected, abs=1e-11)
    assert shares.sum() == pytest.approx(1)
    assert hierarchy_shares(0).tolist() == [1.0]


def test_a_hierarchy_in_snowdrift() -> None:
    # tau 1.5: level 1 meets 0.5: D. Level 2 meets (1 x .5 + 1.5 x 0)/2.5 = .2 > 1/6: D.
    # Level 3 meets (.5 + 0 + 0)/(1 + 1.5 + 1.125) = .138 < 1/6: C.
    # Level 4 meets (.5 + .5625)/(3.625 + .5625) = .254: D
    assert hierarchy_levels(dilemma("snowdrift"), 1.5)[:5].tolist() == [0.5, 0, 0, 1, 0]


def test_a_hierarchy_with_a_dominant_action() -> None:
    # all but level 0 defect
    assert cognitive_hierarchy(dilemma("prison"), 1.5) == pytest.approx(math.exp(-1.5) / 2)
    assert cognitive_hierarchy(dilemma("prison"), 0) == 0.5
    assert cognitive_hierarchy(dilemma("prison"), 100) == pytest.approx(0, abs=1e-12)


def test_bounds() -> None:
    with pytest.raises(UserError, match="level -1"):
        level_k(dilemma("prison"), -1)
    for tau in (-0.1, 101, float("nan")):
        with pytest.raises(UserError, match="tau"):
            cognitive_hierarchy(dilemma("prison"), tau)
