"""Players who think a few steps ahead: level k, and a population of such levels.

Level 0 plays either action half the time. Level k best responds to level k - 1 (Nagel 1995; Stahl &
Wilson 1995); in a cognitive hierarchy, a player of k steps best responds to the mixture of all
lower levels, whose frequencies are those of a Poisson distribution with mean tau (Camerer, Ho &
Chong 2004, "A cognitive hierarchy model of games", section II). Ties are broken evenly.
"""

from functools import lru_cache

import numpy as np
from scipy.stats import poisson

from tombench.errors import UserError
from tombench.strategy.equilibria import best_response
from tombench.strategy.payoffs import Game

UNIFORM = 0.5
TAIL = 1e-12  # share of the population left out, whose levels are the highest
HIGHEST_TAU = 100.0


@lru_cache(maxsize=16384)
def level_k(game: Game, level: int) -> float:
    """Probability that a row player of this level plays the first action: 0, 0.5 or 1.

    Raises:
        UserError: the level is below 0.
    """
    if level < 0:
        raise UserError(f"level {level}: a level is 0 or more")
    own, other, mirrored = UNIFORM, UNIFORM, game.exchanged()
    for _ in range(level):
        own, other = best_response(game, other), best_response(mirrored, own)
    return own


@lru_cache(maxsize=16384)  # fits look at the same grid of taus
def cognitive_hierarchy(game: Game, tau: float) -> float:
    """Share of a population of row players that plays the first action.

    Args:
        tau: mean number of steps, 0 to 100.

    Raises:
        UserError: tau is out of bounds.
    """
    return float(hierarchy_shares(tau) @ hierarchy_levels(game, tau))


def hierarchy_levels(game: Game, tau: float) -> np.ndarray:
    """Probability of the first action [levels] by number of steps."""
    shares = hierarchy_shares(tau)
    views = (game, game.exchanged())
    plays = np.full((2, len(shares)), UNIFORM)
    for steps in range(1, len(shares)):
        below = shares[:steps] / shares[:steps].sum()
        beliefs = plays[:, :steps] @ below
        plays[0, steps] = best_response(views[0], float(beliefs[1]))
        plays[1, steps] = best_response(views[1], float(beliefs[0]))
    return plays[0]


def hierarchy_shares(tau: float) -> np.ndarray:
    """Shares [levels] of players of 0, 1, … steps; they sum to 1. Raises UserError as above."""
    if not 0 <= tau <= HIGHEST_TAU:
        raise UserError(f"tau {tau:g}: the mean number of steps is between 0 and {HIGHEST_TAU:g}")
    shares = poisson.pmf(np.arange(int(poisson.isf(TAIL, tau)) + 1), tau)
    return shares / shares.sum()
