"""Drawn games are of the four classes, and never those that are tested."""

from itertools import permutations
from random import Random

import pytest

from tombench.strategy.payoffs import DILEMMAS, Game
from tombench.strategy.symmetric import payoff_order
from tombench.tasks.games_drawn import MOST, draw_games, use_of


def test_a_group_is_one_game_of_each_class_with_the_same_numbers() -> None:
    games = draw_games(Random(0))
    orders = {game.name: payoff_order(game) for game in games}
    assert orders == {"prison": "TRPS", "delight": "RTSP", "staghunt": "RTPS", "snowdrift": "TRSP"}
    numbers = {tuple(sorted([*game.row[0], *game.row[1]])) for game in games}
    assert len(numbers) == 1 and all(game.is_symmetric for game in games)


@pytest.mark.parametrize("game", DILEMMAS.values(), ids=lambda game: game.name)
def test_what_is_tested_is_never_drawn_in_any_order_scale_or_origin(game: Game) -> None:
    for changed in (
        game,
        game.doubled(),
        game.shifted(2),
        game.shifted(-2),
        game.doubled().shifted(5),
    ):
        numbers = [*changed.row[0], *changed.row[1]]
        assert {use_of(order) for order in permutations(numbers)} == {"tested"}


def test_the_smallest_change_of_a_tested_set_is_no_test() -> None:
    assert use_of((10, 5, 3, 1)) != "tested"


def test_training_and_development_have_no_numbers_in_common() -> None:
    rng = Random(1)
    drawn = {
        use: {
            tuple(sorted([*game.row[0], *game.row[1]]))
            for _ in range(300)
            for game in draw_games(rng, use)
        }
        for use in ("training", "development")
    }
    assert not drawn["training"] & drawn["development"]
    assert all(use_of(numbers) == use for use, own in drawn.items() for numbers in own)
    everything = drawn["training"] | drawn["development"]
    assert all(0 <= value <= MOST for numbers in everything for value in numbers)


def test_about_an_eighth_is_kept_for_development() -> None:
    uses = [
        use_of((a, b, c, d)) for a in range(9) for b in range(a) for c in range(b) for d in range(c)
    ]
    assert 0.07 < uses.count("development") / len(uses) < 0.18
