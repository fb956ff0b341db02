"""All Nash equilibria of a game, dominance and best responses, exactly.

Payoffs are taken as the decimals that they are written as, and reckoned with in fractions, so that
a tie is a tie. With p and q the probabilities of the first action, the row player gains
g(q) = q (r00 - r10) + (1 - q) (r01 - r11) by it, a line; p is a best response where p = 1 and
g >= 0, p = 0 and g <= 0, or g = 0. So the row player's best responses are at most three rectangles
of the unit square, the column player's likewise, and the equilibria are where they overlap.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from tombench.strategy.payoffs import ACTIONS, Action, Game

TIE = 1e-12
"""A gain below this share of the largest payoff difference counts as none, against rounding."""


@dataclass(frozen=True)
class Mixed:
    """A probability of the first action for each player."""

    row: float
    column: float


@dataclass(frozen=True)
class Component:
    """Equilibria that form a rectangle: each p within `row` goes with each q within `column`.

    A single equilibrium has intervals of length 0. Rectangles are as large as they can be (the
    "maximal Nash subsets" of Millham 1974) and may touch each other.
    """

    row: tuple[float, float]
    column: tuple[float, float]

    @property
    def is_point(self) -> bool:
        return self.row[0] == self.row[1] and self.column[0] == self.column[1]

    @property
    def corners(self) -> frozenset[Mixed]:
        """Its extreme equilibria: one, two or four."""
        return frozenset(Mixed(p, q) for p in self.row for q in self.column)


@dataclass(frozen=True)
class Equilibria:
    """All equilibria of a game."""

    pure: tuple[tuple[Action, Action], ...]  # row's action and column's
    components: tuple[Component, ...]  # pure ones among them

    @property
    def mixed(self) -> tuple[Mixed, ...]:
        """Isolated ones in which a player mixes."""
        points = [one for one in self.components if one.is_point]
        found = [Mixed(one.row[0], one.column[0]) for one in points]
        return tuple(one for one in found if {one.row, one.column} - {0.0, 1.0})

    @property
    def degenerate(self) -> bool:
        """Are there infinitely many?"""
        return any(not one.is_point for one in self.components)


@dataclass(frozen=True)
class Dominance:
    """The row player's action that is never worse than the other one."""

    action: Action
    strict: bool  # always better; else at least once


def equilibria(game: Game) -> Equilibria:
    """All Nash equilibria, degenerate games too. There is always one (Nash 1950)."""
    rows = list(_responses(game))
    columns = [(own, other) for other, own in _responses(game.exchanged())]
    overlaps = {both for a in rows for b in columns if (both := _overlap(a, b))}
    largest = [a for a in overlaps if not any(a != b and _overlap(a, b) == a for b in overlaps)]
    components = [Component(*(tuple(map(float, side)) for side in one)) for one in sorted(largest)]
    return Equilibria(pure_equilibria(game), tuple(components))


def pure_equilibria(game: Game) -> tuple[tuple[Action, Action], ...]:
    """Outcomes at which neither player would rather have played the other action."""
    return tuple(
        (own, other)
        for own in ACTIONS
        for other in ACTIONS
        if game.row[own][other] >= game.row[1 - own][other]
        and game.column[own][other] >= game.column[own][1 - other]
    )


def dominance(game: Game) -> Dominance | None:
    """The row player's dominant action, if one is; None too where both always pay the same."""
    gains = _gains(game)
    for action, sign in zip(ACTIONS, (1, -1), strict=True):
        if all(sign * gain >= 0 for gain in gains) and any(gains):
            return Dominance(action, all(gains))
    return None


def gain(game: Game, belief: float) -> float:
    """Points that the row player expects to gain by playing the first action, not the second.

    Args:
        belief: probability that the coplayer plays the first action.
    """
    against_first, against_second = _gains(game)
    exact = Fraction(belief)
    return float(exact * against_first + (1 - exact) * against_second)


def best_responses(game: Game, belief: float) -> tuple[Action, ...]:
    """The row player's best actions against a coplayer who plays the first with p = `belief`."""
    difference = gain(game, belief)
    if abs(difference) <= TIE * float(max(map(abs, _gains(game)))):
        return ACTIONS
    return (0,) if difference > 0 else (1,)


def best_response(game: Game, belief: float) -> Literal[0, 1] | float:
    """Probability that a row player who breaks ties evenly plays the first action: 0, 0.5 or 1."""
    found = best_responses(game, belief)
    return found.count(0) / len(found)


Interval = tuple[Fraction, Fraction]
_UNIT: Interval = (Fraction(0), Fraction(1))


@lru_cache(maxsize=4096)
def _gains(game: Game) -> tuple[Fraction, Fraction]:
    """What the row player gains by the first action, by the coplayer's action."""
    first, second = ([Fraction(repr(value)) for value in row] for row in game.row)
    return first[0] - second[0], first[1] - second[1]


def _responses(game: Game) -> Iterator[tuple[Interval, Interval]]:
    """Rectangles (p, q) of the row player's best responses p to q."""
    against_first, against_second = _gains(game)
    slope = against_first - against_second
    if slope == 0:
        zero = _UNIT if against_first == 0 else None
        above = _UNIT if against_first >= 0 else None
        below = _UNIT if against_first <= 0 else None
    else:
        root = -against_second / slope
        zero = (root, root) if 0 <= root <= 1 else None
        upper = (max(root, Fraction(0)), Fraction(1)) if root <= 1 else None
        lower = (Fraction(0), min(root, Fraction(1))) if root >= 0 else None
        above, below = (upper, lower) if slope > 0 else (lower, upper)
    for own, other in (((Fraction(1),) * 2, above), ((Fraction(0),) * 2, below), (_UNIT, zero)):
        if other:
            yield own, other


def _overlap(
    first: tuple[Interval, Interval], second: tuple[Interval, Interval]
) -> tuple[Interval, Interval] | None:
    sides = [(max(a[0], b[0]), min(a[1], b[1])) for a, b in zip(first, second, strict=True)]
    return None if any(low > high for low, high in sides) else (sides[0], sides[1])
