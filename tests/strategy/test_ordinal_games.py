"""The 144: counted, and each class checked against its definition."""

from collections import Counter

import pytest

from tombench.strategy.equilibria import equilibria
from tombench.strategy.ordinal import exchange_classes, games_by_id, ordinal_game, ordinal_games
from tombench.strategy.payoffs import DILEMMAS, Game, dilemma
from tombench.strategy.symmetric import SYMMETRIC


def test_counts() -> None:
    games = ordinal_games()
    assert len(games) == len({one.id for one in games}) == 144
    named = [one.common_name for one in games if one.common_name]
    assert sorted(named) == sorted(SYMMETRIC.values())
    classes = exchange_classes()
    assert len(classes) == 78
    assert Counter(map(len, classes)) == {1: 12, 2: 66}
    assert sum(one.exchanged == one.id for one in games) == 12


def test_structures() -> None:
    assert Counter(one.structure for one in ordinal_games()) == {
        "both-1": 36,
        "row-1": 36,
        "column-1": 36,
        "neither-0": 18,
        "neither-2": 18,
    }


def test_families() -> None:
    assert Counter(one.family for one in ordinal_games()) == {
        "win-win": 36,
        "biased": 44,
        "second-best": 12,
        "unfair": 19,
        "uneven": 8,
        "inferior": 7,
        "cyclic": 18,
    }


def test_an_inferior_game_has_something_better_for_both() -> None:
    for one in ordinal_games():
        outcomes = [
            (one.game.payoff(own, other), one.game.coplayer_payoff(own, other))
            for own in (0, 1)
            for other in (0, 1)
        ]
        pure = [
            (one.game.payoff(*at), one.game.coplayer_payoff(*at))
            for at in equilibria(one.game).pure
        ]
        bettered = [any(a > x and b > y for a, b in outcomes) for x, y in pure]
        assert (one.family == "inferior") == (bettered == [True]), one
        assert one.equilibria == len(pure)
        # strict games are not degenerate: an odd number of equilibria (Wilson 1971)
        assert len(equilibria(one.game).components) == {0: 1, 1: 1, 2: 3}[len(pure)]


def test_the_studys_games() -> None:
    told = {name: ordinal_game(game) for name, game in DILEMMAS.items()}
    assert {name: (one.family, one.structure) for name, one in told.items() if one} == {
        "prison": ("inferior", "both-1"),
        "delight": ("win-win", "both-1"),
        "staghunt": ("win-win", "neither-2"),
        "snowdrift": ("unfair", "neither-2"),
    }
    assert told["prison"] and told["prison"].id == "r2413-2143"


def test_ids_do_not_depend_on_words() -> None:
    game = Game("game", ((40, 10), (2, 30)), ((7, 9), (1, 3)))
    # ranks: row 4 2 / 1 3, column 3 4 / 1 2; column's best is in the second column, so columns
    # change places: row 2 4 / 3 1, column 4 3 / 2 1; row's best is in the first row already
    assert ordinal_game(game) == games_by_id()["r2431-4321"]
    for row in (True, False):
        for column in (True, False):
            assert ordinal_game(game.relabelled(row, column)) == ordinal_game(game)
    assert ordinal_game(game.exchanged()) == games_by_id()[games_by_id()["r2431-4321"].exchanged]


def test_a_game_with_ties_has_no_class() -> None:
    assert ordinal_game(Game.symmetric("tied", 1, 1, 2, 0)) is None


@pytest.mark.parametrize("one", ordinal_games()[::12], ids=lambda one: one.id)
def test_a_representative_represents_itself(one) -> None:
    assert ordinal_game(one.game) == one
    assert 4 in one.game.row[0] and 4 in (one.game.column[0][0], one.game.column[1][0])
    assert ordinal_game(dilemma("prison")) != one or one.common_name == "prisoner's dilemma"
