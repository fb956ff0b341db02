"""Equilibria against hand calculations, against the definition on a grid, and against nashpy."""

import warnings
from itertools import product

import nashpy
import numpy as np
import pytest

from tombench.strategy.equilibria import (
    Component,
    Dominance,
    Equilibria,
    Mixed,
    best_response,
    best_responses,
    dominance,
    equilibria,
    gain,
)
from tombench.strategy.payoffs import Game, dilemma

SIXTH = 1 / 6
PENNIES = Game("pennies", ((1, -1), (-1, 1)), ((-1, 1), (1, -1)))
FLAT = Game("flat", ((0, 0), (0, 0)), ((0, 0), (0, 0)))


def point(p: float, q: float) -> Component:
    return Component((p, p), (q, q))


@pytest.mark.parametrize(
    ("name", "pure", "mixed", "dominant"),
    [
        ("prison", {(1, 1)}, (), Dominance(1, True)),
        ("delight", {(0, 0)}, (), Dominance(0, True)),
        ("snowdrift", {(0, 1), (1, 0)}, (Mixed(SIXTH, SIXTH),), None),
        ("staghunt", {(0, 0), (1, 1)}, (Mixed(SIXTH, SIXTH),), None),
    ],
)
def test_the_four_dilemmas(
    name: str, pure: set[tuple[int, int]], mixed: tuple[Mixed, ...], dominant: Dominance | None
) -> None:
    for game in (dilemma(name), dilemma(name).doubled(), dilemma(name).shifted(7)):
        found = equilibria(game)
        assert set(found.pure) == pure
        assert found.mixed == mixed
        assert not found.degenerate
        assert len(found.components) == len(pure) + len(mixed)
        assert dominance(game) == dominant


def test_matching_pennies_has_a_mixed_one_alone() -> None:
    assert equilibria(PENNIES) == Equilibria((), (point(0.5, 0.5),))


def test_where_nothing_matters_everything_is_an_equilibrium() -> None:
    found = equilibria(FLAT)
    assert found.components == (Component((0, 1), (0, 1)),)
    assert len(found.pure) == 4
    assert found.degenerate and found.mixed == ()
    assert dominance(FLAT) is None


def test_segments_are_told_as_intervals() -> None:
    # column is indifferent; row takes the first where q >= 1/3: 2q - (1 - q) >= 0
    game = Game("segments", ((2, 0), (0, 1)), ((0, 0), (0, 0)))
    third = 1 / 3
    assert equilibria(game).components == (
        Component((0, 0), (0, third)),
        Component((0, 1), (third, third)),
        Component((1, 1), (third, 1)),
    )
    assert Mixed(1.0, third) in equilibria(game).components[2].corners


def test_a_tie_of_decimals_is_a_tie() -> None:
    game = Game.symmetric("decimals", 0.3, 0.1, 0.3, 0.2)  # D is weakly dominant
    assert dominance(game) == Dominance(1, False)
    assert equilibria(game).pure == ((0, 0), (1, 1))
    # against p = 2/3, 0.1 p = 0.2 (1 - p) but for rounding
    assert best_responses(Game.symmetric("even", 0.1, 0.0, 0.0, 0.2), 2 / 3) == (0, 1)


def test_gains_and_best_responses() -> None:
    snowdrift = dilemma("snowdrift")
    assert gain(snowdrift, 0.5) == (-5 + 1) / 2
    assert best_responses(snowdrift, 1.0) == (1,)
    assert best_responses(snowdrift, 0.0) == (0,)
    assert best_response(snowdrift, SIXTH) == 0.5


def random_games(count: int, highest: int, seed: int) -> list[Game]:
    values = np.random.default_rng(seed).integers(0, highest + 1, (count, 2, 2, 2))
    return [Game(str(n), *pair.tolist()) for n, pair in enumerate(values)]


@pytest.mark.parametrize("highest", [1, 2, 3])
def test_all_equilibria_and_nothing_else_on_a_grid(highest: int) -> None:
    """Payoffs of 0 to 3: every mixed equilibrium is at multiples of 1/2 to 1/6, so of 1/60."""
    games = [*random_games(150, highest, seed=highest), PENNIES, FLAT]
    ticks = np.arange(61)
    p, q = np.meshgrid(ticks, ticks, indexing="ij")  # in sixtieths, so that all is exact
    for game in games:
        row, column = (np.array(side, dtype=int) for side in (game.row, game.column))
        by_row = q * (row[0, 0] - row[1, 0]) + (60 - q) * (row[0, 1] - row[1, 1])
        by_column = p * (column[0, 0] - column[0, 1]) + (60 - p) * (column[1, 0] - column[1, 1])
        best = np.maximum(by_row, 0) * 60 == by_row * p
        best &= np.maximum(by_column, 0) * 60 == by_column * q
        covered = np.zeros_like(best)
        for one in equilibria(game).components:
            inside = [
                (axis >= low * 60 - 1e-6) & (axis <= high * 60 + 1e-6)
                for axis, (low, high) in ((p, one.row), (q, one.column))
            ]
            covered |= inside[0] & inside[1]
        assert (covered == best).all(), game


def corners(game: Game) -> set[tuple[float, float]]:
    found = (corner for one in equilibria(game).components for corner in one.corners)
    return {(round(one.row, 9), round(one.column, 9)) for one in found}


def rounded(strategies: list) -> set[tuple[float, float]]:
    return {(round(float(row[0]), 9), round(float(column[0]), 9)) for row, column in strategies}


def test_nashpy_finds_the_same_where_games_are_not_degenerate() -> None:
    games = [game for game in random_games(60, 20, seed=0) if not equilibria(game).degenerate]
    games = [game for game in games if not weakly_dominated(game)]
    assert len(games) > 40
    for game in games:
        oracle = nashpy.Game(game.row, game.column)
        assert rounded(list(oracle.support_enumeration())) == corners(game), game
        assert rounded(list(oracle.vertex_enumeration())) == corners(game), game


def weakly_dominated(game: Game) -> bool:
    """Degenerate in nashpy's sense: a pure strategy has more than one best response."""
    return any(
        len(best_responses(view, belief)) > 1
        for view, belief in product((game, game.exchanged()), (0.0, 1.0))
    )


def test_what_nashpy_finds_of_degenerate_games_is_an_equilibrium() -> None:
    """It misses some of theirs, and says so by a warning; what it finds must be among ours."""
    games = [game for game in random_games(300, 2, seed=4) if weakly_dominated(game)]
    assert len(games) > 100
    for game in games:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = rounded(list(nashpy.Game(game.row, game.column).support_enumeration()))
        for p, q in found:
            assert any(
                one.row[0] - 1e-9 <= p <= one.row[1] + 1e-9
                and one.column[0] - 1e-9 <= q <= one.column[1] + 1e-9
                for one in equilibria(game).components
            ), game
