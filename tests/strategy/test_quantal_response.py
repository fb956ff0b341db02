"""Logit equilibria: the equations hold, and the branch is the one that begins at random play."""

import math

import numpy as np
import pytest

from tombench.errors import UserError
from tombench.strategy.continuation import Gains, logistic, walk
from tombench.strategy.equilibria import gain
from tombench.strategy.payoffs import DILEMMAS, Game, dilemma
from tombench.strategy.quantal_response import (
    noisy_log_odds,
    quantal_response,
    response_log_odds,
)

BATTLE = Game("battle", ((3, 0), (0, 2)), ((2, 0), (0, 3)))


def random_games(count: int, seed: int) -> list[Game]:
    values = np.random.default_rng(seed).integers(0, 10, (count, 2, 2, 2)).astype(float)
    return [Game(str(n), *pair.tolist()) for n, pair in enumerate(values)]


def fault(game: Game, rate: float) -> float:
    """How far the two equations are from holding, in nats."""
    u, v = response_log_odds(game, rate)
    row = rate * gain(game, logistic(v))
    column = rate * gain(game.exchanged(), logistic(u))
    return max(abs(u - row), abs(v - column)) / (1 + rate)


@pytest.mark.parametrize("rate", [0.01, 0.3, 2.0, 30.0])
def test_the_equations_hold(rate: float) -> None:
    for game in [*DILEMMAS.values(), BATTLE, *random_games(60, seed=1)]:
        assert fault(game, rate) < 1e-8, game


def test_at_rate_0_all_is_random() -> None:
    for game in [*DILEMMAS.values(), BATTLE, *random_games(20, seed=2)]:
        assert response_log_odds(game, 0) == (0, 0)


def test_the_equilibria_chosen_hang_together_with_random_play() -> None:
    """No jump between near rates, and the same points as walking along the curve."""
    for game in [*DILEMMAS.values(), *random_games(40, seed=3)]:
        rates = np.linspace(0, 1.5, 61)
        points = np.array([response_log_odds(game, float(rate)) for rate in rates])
        assert np.abs(np.diff([1 / (1 + np.exp(-points))], axis=1)).max() < 0.25, game
    for game in random_games(40, seed=4):
        gains = Gains.of(game)
        if game.is_symmetric or (gains.a, gains.b) == (gains.c, gains.d):
            continue
        assert walk(gains, 0.7) == pytest.approx(response_log_odds(game, 0.7), abs=1e-6), game


def test_by_hand_where_the_coplayer_does_not_matter() -> None:
    # first pays 1 more whatever the other does: log odds are the rate
    game = Game.symmetric("plain", 2, 1, 1, 0)
    assert response_log_odds(game, 1.7) == pytest.approx((1.7, 1.7))
    assert quantal_response(game, 1.7).row == pytest.approx(1 / (1 + math.exp(-1.7)))


def test_limits() -> None:
    assert quantal_response(dilemma("prison"), 50).row == pytest.approx(0)
    assert quantal_response(dilemma("delight"), 50).row == pytest.approx(1)
    # stag hunt: C is best against random play, and so risk dominant
    assert quantal_response(dilemma("staghunt"), 50).row == pytest.approx(1)
    # snowdrift: both alike, so the mixed equilibrium, 1/6
    snowdrift = quantal_response(dilemma("snowdrift"), 1000)
    assert (snowdrift.row, snowdrift.column) == pytest.approx((1 / 6, 1 / 6), abs=0.001)
    # battle of the sexes with mirrored payoffs: mixed too, 3/5 and 2/5
    battle = quantal_response(BATTLE, 1000)
    assert (battle.row, battle.column) == pytest.approx((0.6, 0.4), abs=0.002)


def test_what_actions_are_called_changes_nothing() -> None:
    for game in random_games(30, seed=5):
        u, v = response_log_odds(game, 0.8)
        assert response_log_odds(game.relabelled(), 0.8) == pytest.approx((-u, -v), abs=1e-8)
        turned = response_log_odds(game.relabelled(row=False), 0.8)
        assert turned == pytest.approx((u, -v), abs=1e-8)
        assert response_log_odds(game.exchanged(), 0.8) == pytest.approx((v, u), abs=1e-8)


def test_doubled_payoffs_are_a_doubled_rate() -> None:
    for game in DILEMMAS.values():
        doubled = response_log_odds(game.doubled(), 0.2)
        assert doubled == pytest.approx(response_log_odds(game.shifted(3), 0.4), abs=1e-9)


def test_where_the_branch_folds_its_first_point_is_taken() -> None:
    """A branch that turns back at rate 7.74, (u, v) = (.89, -.70), down to 7.64, (.35, -1.03).

    The turning points were found by steps of .01 along the curve; a = b k'(.6) and c = -d k'(1.1),
    with k(x) = x (s(x) - 1/2), put two branches close together.
    """
    gains = Gains(0.283, 1, -0.4564 / 2.74, 1 / 2.74)
    between, before, after = walk(gains, 7.69), walk(gains, 7.73), walk(gains, 7.75)
    assert between[0] > before[0] > 0.89 and between[1] > before[1] > -0.70
    assert after[0] < 0.35 and after[1] < -1.03
    for (u, v), rate in ((between, 7.69), (before, 7.73), (after, 7.75)):
        assert u == pytest.approx(rate * gains.row(v), abs=1e-8)
        assert v == pytest.approx(rate * gains.column(u), abs=1e-8)


def test_quantal_response_to_random_play() -> None:
    # prison: (5 - 10)/2 + (2 - 3)/2 = -3 points
    assert noisy_log_odds(dilemma("prison"), 0.5) == -1.5
    assert noisy_log_odds(dilemma("prison"), 0.5, belief=1.0) == -2.5


@pytest.mark.parametrize("rate", [-1.0, math.inf, math.nan])
def test_rates_out_of_bounds(rate: float) -> None:
    for model in (quantal_response, noisy_log_odds):
        with pytest.raises(UserError, match="rate"):
            model(dilemma("prison"), rate)
