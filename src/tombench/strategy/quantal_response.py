"""Logit quantal response: players who err, the less the more an error costs.

In a logit equilibrium (McKelvey & Palfrey 1995, "Quantal response equilibria for normal form
games") each player chooses the first action with log odds `rate` times its expected gain over the
second, given that the coplayer does so too: u = rate g(v) and v = rate h(u) (`continuation.Gains`).
At rate 0 both play at random; the equilibria that hang together with that one are the principal
branch.

What finds it:

- b d <= 0: at every rate there is one equilibrium alone, and bisection finds it.
- b d > 0, which renaming the column player's actions makes b, d > 0. Along the branch u h = v g.
  - a, c >= 0: it stays in u, v >= 0, where rate^2 = uv / gh rises, since x s'(x) <= s(x) - 1/2 for
    the logistic s: so one equilibrium lies there, and bisection finds it. a, c <= 0 mirrors it.
  - a, c of unlike signs: the branch may fold, and `walk` goes along it; where it has several
    equilibria at a rate, the one met first is taken. Where the game is its own mirror image
    (a = -c, b = d: chicken, battle of the sexes) the branch keeps to v = -u.
"""

import math
from functools import lru_cache

from scipy.optimize import brentq

from tombench.errors import UserError
from tombench.strategy.continuation import Gains, logistic, walk
from tombench.strategy.equilibria import Mixed, gain
from tombench.strategy.payoffs import Game

PRECISION = 1e-13  # of log odds


def quantal_response(game: Game, rate: float) -> Mixed:
    """Both players' probabilities of the first action, on the principal branch.

    Args:
        rate: lambda, 0 or more, in 1/points.

    Raises:
        UserError: the rate is negative, infinite or no number.
    """
    row, column = response_log_odds(game, rate)
    return Mixed(logistic(row), logistic(column))


@lru_cache(maxsize=16384)  # fits look at the same grid of rates
def response_log_odds(game: Game, rate: float) -> tuple[float, float]:
    """Both players' log odds of the first action: tell probabilities near 1 apart."""
    _check(rate)
    gains = Gains.of(game)
    if gains.b * gains.d <= 0:
        return _single(gains, rate, -math.inf, math.inf)
    if gains.b < 0:
        row, column = _following(Gains(gains.a, -gains.b, -gains.c, -gains.d), rate)
        return row, -column
    return _following(gains, rate)


def noisy_log_odds(game: Game, rate: float, belief: float = 0.5) -> float:
    """Log odds of the first action, a quantal response to a belief; to 0.5, level 1 with errors.

    Raises:
        UserError: the rate is out of bounds.
    """
    _check(rate)
    return rate * gain(game, belief)


def _following(gains: Gains, rate: float) -> tuple[float, float]:
    """b, d > 0: each player gains by doing what the other does."""
    a, c = gains.a, gains.c
    if rate == 0 or a == c == 0:
        return 0.0, 0.0  # without a gain against it, random play stays an equilibrium
    if a >= 0 and c >= 0:
        return _single(gains, rate, 0.0, math.inf)
    if a <= 0 and c <= 0:
        return _single(gains, rate, -math.inf, 0.0)
    if a == -c and gains.b == gains.d:
        return _mirrored(gains, rate)
    return walk(gains, rate)


def _single(gains: Gains, rate: float, low: float, high: float) -> tuple[float, float]:
    """The one equilibrium with the row player's log odds between low and high."""

    def beyond(u: float) -> float:
        return u - rate * gains.row(rate * gains.column(u))

    bound = rate * (abs(gains.a) + abs(gains.b)) + 1  # log odds are never as large
    u = float(brentq(beyond, max(low, -bound), min(high, bound), xtol=PRECISION))
    return u, rate * gains.column(u)


def _mirrored(gains: Gains, rate: float) -> tuple[float, float]:
    """The one equilibrium with v = -u."""
    bound = rate * (abs(gains.a) + gains.b) + 1
    u = float(brentq(lambda u: u - rate * gains.row(-u), -bound, bound, xtol=PRECISION))
    return u, -u


def _check(rate: float) -> None:
    if not 0 <= rate < math.inf:
        raise UserError(f"rate {rate:g}: lambda is a number of 1/points from 0 on")
