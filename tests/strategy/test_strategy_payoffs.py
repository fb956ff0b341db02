"""Payoffs, what can be done to them, and the names of symmetric games."""

from itertools import permutations

import pytest

from tombench.errors import UserError
from tombench.strategy.payoffs import DILEMMAS, Game, dilemma
from tombench.strategy.symmetric import SYMMETRIC, payoff_order, symmetric_class

ASYMMETRIC = Game("asymmetric", ((1, 2), (3, 4)), ((5, 6), (7, 8)))


def test_the_studys_payoffs() -> None:
    told = {
        name: tuple(game.payoff(*outcome) for outcome in ((0, 0), (0, 1), (1, 0), (1, 1)))
        for name, game in DILEMMAS.items()
    }
    assert told == {
        "prison": (5, 2, 10, 3),
        "delight": (10, 3, 5, 2),
        "staghunt": (10, 2, 5, 3),
        "snowdrift": (5, 3, 10, 2),
    }


def test_symmetric_games_treat_both_alike() -> None:
    for game in DILEMMAS.values():
        assert game.is_symmetric and game.exchanged() == game
        assert game.coplayer_payoff(0, 1) == game.payoff(1, 0)
    assert not ASYMMETRIC.is_symmetric


def test_the_column_players_view() -> None:
    mirror = ASYMMETRIC.exchanged()
    assert mirror.row == ((5, 7), (6, 8))
    assert mirror.column == ((1, 3), (2, 4))
    assert mirror.exchanged() == ASYMMETRIC


def test_relabelled() -> None:
    assert ASYMMETRIC.relabelled().row == ((4, 3), (2, 1))
    assert ASYMMETRIC.relabelled(column=False).row == ((3, 4), (1, 2))
    assert ASYMMETRIC.relabelled(row=False).column == ((6, 5), (8, 7))


def test_scaled_and_shifted() -> None:
    prison = dilemma("prison")
    assert prison.doubled().row == ((10, 4), (20, 6))
    assert prison.doubled().name == "prison*2"
    assert prison.shifted(-3).column == ((2, 7), (-1, 0))
    assert prison.shifted(2).name == "prison+2"
    for factor in (0, -1, float("nan")):
        with pytest.raises(UserError, match="above 0"):
            prison.scaled(factor)


def test_ranks() -> None:
    assert dilemma("prison").ordinal().row == ((3, 1), (4, 2))
    assert Game.symmetric("flat", 1, 1, 2, 0).ordinal().row == ((2.5, 2.5), (4, 1))


@pytest.mark.parametrize(
    "row",
    [((1, 2, 3), (1, 2, 3)), ((1, 2),), ((1, float("inf")), (1, 2)), ((1, "x"), (1, 2)), 5],
)
def test_what_is_no_game_is_refused(row: object) -> None:
    with pytest.raises(UserError, match=r"game 'odd': .*row player"):
        Game("odd", row, ((1, 2), (3, 4)))  # type: ignore[arg-type]


def test_an_unknown_game_is_told_with_its_nearest() -> None:
    with pytest.raises(UserError, match="did you mean 'prison'"):
        dilemma("prisn")


def test_names_of_symmetric_games() -> None:
    assert [symmetric_class(game) for game in DILEMMAS.values()] == [
        "prisoner's dilemma",
        "concord",
        "stag hunt",
        "chicken",
    ]
    assert symmetric_class(Game.symmetric("deadlock", 1, 0, 3, 2)) == "deadlock"  # T > P > R > S
    assert symmetric_class(Game.symmetric("tied", 1, 1, 2, 0)) is None
    assert symmetric_class(ASYMMETRIC) is None
    assert payoff_order(dilemma("prison")) == "TRPS"


def test_twelve_names_whatever_the_actions_are_called() -> None:
    names = []
    for payoffs in permutations((1, 2, 3, 4)):
        game = Game.symmetric("game", *payoffs)
        assert symmetric_class(game) == symmetric_class(game.relabelled())
        names.append(symmetric_class(game))
    assert {name: names.count(name) for name in names} == dict.fromkeys(SYMMETRIC.values(), 2)
