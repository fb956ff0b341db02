"""Choosers whose law is known."""

import math

import pytest

from tombench.errors import UserError
from tombench.strategy.behaviour import (
    ALWAYS_FIRST,
    ALWAYS_SECOND,
    COIN,
    CognitiveHierarchy,
    Constant,
    ContextBiased,
    LevelK,
    NoisyResponse,
    QuantalResponse,
)
from tombench.strategy.contexts import NONE, context
from tombench.strategy.payoffs import DILEMMAS, dilemma

PRISON = dilemma("prison")


def test_constants() -> None:
    for game in DILEMMAS.values():
        given = [one.probability(game, NONE) for one in (ALWAYS_FIRST, ALWAYS_SECOND, COIN)]
        assert given == [1, 0, 0.5]


def test_laws() -> None:
    assert LevelK(1, noise=0.2).probability(PRISON, NONE) == pytest.approx(0.1)
    assert CognitiveHierarchy(1.5).probability(PRISON, NONE) == pytest.approx(math.exp(-1.5) / 2)
    # C costs 3 points against random play
    assert NoisyResponse(0.5).probability(PRISON, NONE) == pytest.approx(1 / (1 + math.exp(1.5)))
    shares = [QuantalResponse(0.3).probability(game, NONE) for game in DILEMMAS.values()]
    prison, delight, staghunt, snowdrift = shares
    assert prison < snowdrift < 0.5 < staghunt < delight


def test_a_context_shifts_log_odds() -> None:
    chooser = ContextBiased(COIN, {"sports": -1.0})
    assert chooser.probability(PRISON, context("sports")) == pytest.approx(1 / (1 + math.e))
    assert chooser.probability(PRISON, context("team")) == 0.5
    certain = ContextBiased(ALWAYS_FIRST, {"sports": -1.0})
    assert certain.probability(PRISON, context("sports")) == 1


def test_shares_out_of_bounds() -> None:
    for wrong in (lambda: Constant(1.1), lambda: LevelK(1, -0.1), lambda: CognitiveHierarchy(1, 2)):
        with pytest.raises(UserError, match="between 0 and 1"):
            wrong()
