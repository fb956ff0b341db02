"""The branch of logit equilibria that begins at random play, walked step by step.

The points (u, v, t) with u = t g(v) and v = t h(u) form a curve through (0, 0, 0), on which t, the
rate, may fall for a while. So steps are measured along the curve (pseudo-arclength continuation:
Allgower & Georg 1990, chapters 2 and 6; for these equilibria Turocy 2005, "A dynamic homotopy
interpretation of the logistic quantal response equilibrium correspondence").
"""

import math
from dataclasses import dataclass

from scipy.optimize import brentq

from tombench.strategy.equilibria import gain
from tombench.strategy.payoffs import Game

Vector = tuple[float, float, float]
"""Log odds u and v in nats, and t: the rate times the unit of gains."""

FIRST_STEP = 0.05
TURN = 0.99  # least cosine between the directions at the ends of a step
NEWTON = 8  # corrections of one point, at most
PRECISION = 1e-12  # of a point, against its size


@dataclass(frozen=True)
class Gains:
    """g(v) = a + b (s(v) - 1/2) and h(u) = c + d (s(u) - 1/2), s the logistic function, in points.

    g is what the row player gains by its first action where the column player has log odds v.
    """

    a: float
    b: float
    c: float
    d: float

    @classmethod
    def of(cls, game: Game) -> "Gains":
        """Those of a game: a and c against random play, b and d how much the coplayer matters."""
        sides = []
        for view in (game, game.exchanged()):
            first, second = gain(view, 1.0), gain(view, 0.0)
            sides += [(first + second) / 2, first - second]
        return cls(*sides)

    def row(self, v: float) -> float:
        return self.a + self.b * (logistic(v) - 0.5)

    def column(self, u: float) -> float:
        return self.c + self.d * (logistic(u) - 0.5)


def logistic(x: float) -> float:
    """1 / (1 + exp(-x)), without overflow."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def walk(gains: Gains, rate: float) -> tuple[float, float]:
    """Log odds u and v at the first point of the branch that has this rate, in 1/points.

    A rate so close to where the branch turns back that both ends of a step are below it counts as
    beyond the turn.
    """
    unit = max(map(abs, (gains.a, gains.b, gains.c, gains.d)))
    scaled = Gains(gains.a / unit, gains.b / unit, gains.c / unit, gains.d / unit)
    target, here, step = rate * unit, (0.0, 0.0, 0.0), FIRST_STEP
    while True:
        there = _next(scaled, here, step)
        if there is None:
            step /= 2
        elif there[2] >= target:
            break
        else:
            here, step = there, step * 1.5

    def short(length: float) -> float:
        point = _corrected(scaled, here, length) if length else here
        return (point or there)[2] - target

    point = _corrected(scaled, here, float(brentq(short, 0.0, step, xtol=1e-13))) or there
    return point[0], point[1]


def _next(gains: Gains, here: Vector, step: float) -> Vector | None:
    """The point one step on; None where the curve bends too much for it."""
    there = _corrected(gains, here, step)
    if there is None or _dot(_direction(gains, here), _direction(gains, there)) < TURN:
        return None
    return there


def _corrected(gains: Gains, here: Vector, step: float) -> Vector | None:
    """The curve's point in the plane that lies `step` ahead, square to the direction here."""
    ahead = _direction(gains, here)
    point = tuple(x + step * along for x, along in zip(here, ahead, strict=True))
    for _ in range(NEWTON):
        u, v, t = point
        first, second = _slopes(gains, point)
        off = (u - t * gains.row(v), v - t * gains.column(u))
        across, along = _cross(second, ahead), _cross(ahead, first)
        size = _dot(first, across)
        if size == 0:
            return None
        moves = [-(off[0] * x + off[1] * y) / size for x, y in zip(across, along, strict=True)]
        point = (u + moves[0], v + moves[1], t + moves[2])
        if max(map(abs, moves)) <= PRECISION * (1 + abs(u) + abs(v)):
            return point
    return None


def _direction(gains: Gains, point: Vector) -> Vector:
    """Unit vector along the curve, away from random play: square to both equations' slopes."""
    along = _cross(*_slopes(gains, point))
    length = math.sqrt(_dot(along, along))
    return (along[0] / length, along[1] / length, along[2] / length)


def _slopes(gains: Gains, point: Vector) -> tuple[Vector, Vector]:
    """Derivatives of u - t g(v) and of v - t h(u) by u, v and t."""
    u, v, t = point
    steep_u, steep_v = (logistic(x) * logistic(-x) for x in (u, v))
    first = (1.0, -t * gains.b * steep_v, -gains.row(v))
    return first, (-t * gains.d * steep_u, 1.0, -gains.column(u))


def _cross(x: Vector, y: Vector) -> Vector:
    return (x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0])


def _dot(x: Vector, y: Vector) -> float:
    return x[0] * y[0] + x[1] * y[1] + x[2] * y[2]
