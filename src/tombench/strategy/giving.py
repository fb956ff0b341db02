"""How much the players of `behaviour` give in a donation game, in whole points.

What a gift brings does not depend on the others' gifts, so a best response is an equilibrium, and a
logit response to anything the others do is the logit equilibrium (Anderson, Goeree & Holt 1998, "A
theoretical analysis of altruism and decision error in public goods games", without altruism).
"""

from functools import singledispatch

import numpy as np
from scipy.special import softmax

from tombench.strategy.behaviour import (
    Chooser,
    CognitiveHierarchy,
    Constant,
    LevelK,
    NoisyResponse,
    QuantalResponse,
)
from tombench.strategy.level_k import hierarchy_shares
from tombench.strategy.public_goods import DonationGame


def amounts(game: DonationGame) -> np.ndarray:
    """The gifts that are looked at [amounts]: 0, 1, … up to the endowment."""
    return np.arange(int(game.endowment) + 1)


def gift_probabilities(chooser: Chooser, game: DonationGame, shift: float = 0.0) -> np.ndarray:
    """Probability of each gift [amounts].

    Args:
        shift: of a context, in nats: what it adds to the log odds of all against nothing, and its
            share of each gift between. Who gives one amount for certain is not moved.
    """
    shifted = _gifts(chooser, game) * np.exp(shift * amounts(game) / game.endowment)
    return shifted / shifted.sum()


@singledispatch
def _gifts(chooser: Chooser, game: DonationGame) -> np.ndarray:
    raise TypeError(f"{type(chooser).__name__}: no law of giving is known")


@_gifts.register(QuantalResponse)
@_gifts.register(NoisyResponse)
def _(chooser: QuantalResponse | NoisyResponse, game: DonationGame) -> np.ndarray:
    return softmax(chooser.rate * (game.marginal_return - 1) * amounts(game))


@_gifts.register
def _(chooser: LevelK, game: DonationGame) -> np.ndarray:
    told = _best(game) if chooser.level else _any(game)
    return (1 - chooser.noise) * told + chooser.noise * _any(game)


@_gifts.register
def _(chooser: CognitiveHierarchy, game: DonationGame) -> np.ndarray:
    random = hierarchy_shares(chooser.tau)[0] * (1 - chooser.noise) + chooser.noise
    return random * _any(game) + (1 - random) * _best(game)


@_gifts.register
def _(chooser: Constant, game: DonationGame) -> np.ndarray:
    """To cooperate is to give all, to defect nothing."""
    told = np.zeros(len(amounts(game)))
    told[0], told[-1] = 1 - chooser.share, chooser.share
    return told


def _any(game: DonationGame) -> np.ndarray:
    return np.full(len(amounts(game)), 1 / len(amounts(game)))


def _best(game: DonationGame) -> np.ndarray:
    least, most = game.best_responses
    best = (amounts(game) >= least) & (amounts(game) <= most)
    return best / best.sum()
