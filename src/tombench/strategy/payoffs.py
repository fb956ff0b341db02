"""Games of two players with two actions each, told by what each outcome pays.

Actions are numbers: 0 is the first (C, cooperate, in a social dilemma), 1 the second (D, defect).
All functions of this folder speak of the row player; the column player's view is `exchanged()`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tombench.errors import UserError, listed, nearest, told

Action = Literal[0, 1]
ACTIONS: tuple[Action, Action] = (0, 1)
COOPERATE: Action = 0
DEFECT: Action = 1
Matrix = tuple[tuple[float, float], tuple[float, float]]
"""Payoffs in points, by the row player's action and then the column player's."""


@dataclass(frozen=True)
class Game:
    """What the two players earn at each outcome.

    Raises:
        UserError: a payoff is no finite number, or a matrix is not 2 by 2.
    """

    name: str
    row: Matrix
    column: Matrix

    def __post_init__(self) -> None:
        for player in ("row", "column"):
            object.__setattr__(self, player, _matrix(getattr(self, player), self.name, player))

    @classmethod
    def symmetric(
        cls,
        name: str,
        reward: float,
        sucker: float,
        temptation: float,
        punishment: float,
    ) -> "Game":
        """Both players face the same game: R at CC, S and T at CD, P at DD, in points."""
        row = ((reward, sucker), (temptation, punishment))
        return cls(name, row, ((reward, temptation), (sucker, punishment)))

    def payoff(self, own: Action, other: Action) -> float:
        """Points of the row player who plays `own` against `other`."""
        return self.row[own][other]

    def coplayer_payoff(self, own: Action, other: Action) -> float:
        """Points of the column player who plays `other` while the row player plays `own`."""
        return self.column[own][other]

    @cached_property
    def is_symmetric(self) -> bool:
        """Would the players, changing places, find the same game?"""
        return self.column == _transposed(self.row)

    def exchanged(self) -> "Game":
        """The same game, seen by the column player."""
        return Game(self.name, _transposed(self.column), _transposed(self.row))

    def relabelled(self, row: bool = True, column: bool = True) -> "Game":
        """The first action called the second, for the players told."""
        rows, columns = ACTIONS[:: -1 if row else 1], ACTIONS[:: -1 if column else 1]
        return self._mapped(lambda matrix, a, b: matrix[rows[a]][columns[b]], self.name)

    def scaled(self, factor: float) -> "Game":
        """All payoffs times `factor` > 0: equilibria stay, incentives grow.

        Raises:
            UserError: the factor is not above 0.
        """
        if not factor > 0:
            raise UserError(f"scale {factor:g}: payoffs are multiplied by a number above 0")
        name = f"{self.name}*{factor:g}"
        return self._mapped(lambda matrix, a, b: matrix[a][b] * factor, name)

    def shifted(self, by: float) -> "Game":
        """All payoffs plus `by` points: equilibria and incentives stay."""
        return self._mapped(lambda matrix, a, b: matrix[a][b] + by, f"{self.name}{by:+g}")

    def doubled(self) -> "Game":
        """All payoffs twice, as in the study's `_d` games."""
        return self.scaled(2)

    def ordinal(self) -> "Game":
        """Each player's payoffs as ranks, 1 the worst to 4 the best; ties share their mean rank."""
        return Game(self.name, _ranked(self.row), _ranked(self.column))

    def _mapped(self, value: Callable[[Matrix, Action, Action], float], name: str) -> "Game":
        def over(matrix: Matrix) -> Matrix:
            return tuple(tuple(value(matrix, a, b) for b in ACTIONS) for a in ACTIONS)

        return Game(name, over(self.row), over(self.column))


def dilemma(name: str) -> Game:
    """One of the study's four. Raises UserError where there is none of that name."""
    if name not in DILEMMAS:
        options = sorted(DILEMMAS)
        raise UserError(told(f"no game '{name}'", nearest(name, options), listed(options)))
    return DILEMMAS[name]


def _matrix(values: Sequence[Sequence[float]], name: str, player: str) -> Matrix:
    """`values` as floats in tuples, checked."""
    try:
        rows = tuple(tuple(float(value) for value in row) for row in values)
    except (TypeError, ValueError) as error:
        problem = f"game '{name}': the {player} player's payoffs are {values!r}"
        raise UserError(f"{problem}; give two rows of two numbers") from error
    if [len(row) for row in rows] != [2, 2]:
        raise UserError(f"game '{name}': the {player} player's payoffs must be two rows of two")
    if not all(math.isfinite(value) for row in rows for value in row):
        raise UserError(f"game '{name}': a payoff of the {player} player is not finite")
    return rows


def _transposed(matrix: Matrix) -> Matrix:
    return tuple(zip(*matrix, strict=True))


def _ranked(matrix: Matrix) -> Matrix:
    values = [value for row in matrix for value in row]
    ranks = {
        value: sum(other < value for other in values) + (values.count(value) + 1) / 2
        for value in values
    }
    return tuple(tuple(ranks[value] for value in row) for row in matrix)


DILEMMAS = {
    game.name: game
    for game in (
        Game.symmetric("prison", 5, 2, 10, 3),
        Game.symmetric("delight", 10, 3, 5, 2),
        Game.symmetric("staghunt", 10, 2, 5, 3),
        Game.symmetric("snowdrift", 5, 3, 10, 2),
    )
}
"""The four social dilemmas with the payoffs (R, S, T, P) of sepehrilami/LFB (its prompts of games),
after Lorè & Heydari 2024 (doi 10.1038/s41598-024-69032-z): 10, 5, 3 and 2 in four orders."""
