"""The donation game by hand: four players, 10 points each, what is in the pot times 2.5."""

import pytest

from tombench.errors import UserError
from tombench.strategy.public_goods import DonationGame

SPLIT, WHOLE = DonationGame(), DonationGame(sharing="whole")


def test_payoffs() -> None:
    # all give 10: 40 x 2.5 = 100, a quarter each, or all of it
    assert SPLIT.payoff(10, [10, 10, 10]) == 25
    assert WHOLE.payoff(10, [10, 10, 10]) == 100
    # a free rider among them keeps 10
    assert SPLIT.payoff(0, [10, 10, 10]) == 10 + 30 * 2.5 / 4
    assert WHOLE.payoff(0, [10, 10, 10]) == 10 + 75
    assert SPLIT.payoff(0, [0, 0, 0]) == WHOLE.payoff(0, [0, 0, 0]) == 10


def test_what_is_best_turns_on_how_the_pot_comes_back() -> None:
    assert (SPLIT.marginal_return, WHOLE.marginal_return) == (0.625, 2.5)
    assert SPLIT.equilibrium == (0, 0)
    assert WHOLE.equilibrium == (10, 10)
    assert SPLIT.optimum == WHOLE.optimum == (10, 10)
    for game in (SPLIT, WHOLE):
        best = max(range(11), key=lambda gift: game.payoff(gift, [3, 0, 8]))
        assert game.best_responses == (best, best)


def test_where_a_point_brings_a_point_every_gift_is_best() -> None:
    game = DonationGame(players=2, multiplier=2)
    assert game.marginal_return == 1
    assert game.best_responses == (0, 10)
    assert game.payoff(0, [4]) == game.payoff(10, [4])


def test_a_pot_that_loses_is_left_empty() -> None:
    assert DonationGame(multiplier=0.5).optimum == (0, 0)


def test_the_rule_says_how_the_pot_comes_back() -> None:
    assert "split into 4 equal parts" in SPLIT.rule() and "0.625 points" in SPLIT.rule()
    assert "enjoys the whole of it" in WHOLE.rule() and "2.5 points." in WHOLE.rule()
    for said in ("3 other players", "10 points each", "from 0 to 10", "multiplied by 2.5"):
        assert said in SPLIT.rule() and said in WHOLE.rule()
    pair = DonationGame(players=2, multiplier=2).rule()
    assert "1 other player hold" in pair and "each player 1 point." in pair


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"players": 1}, "players 1"),
        ({"endowment": 0}, "endowment 0"),
        ({"multiplier": float("inf")}, "multiplier inf"),
        ({"sharing": "splitt"}, "did you mean 'split'"),
    ],
)
def test_what_is_no_donation_game(fields: dict, said: str) -> None:
    with pytest.raises(UserError, match=said):
        DonationGame(**fields)


def test_gifts_out_of_bounds() -> None:
    with pytest.raises(UserError, match="gift 11"):
        SPLIT.payoff(11, [0, 0, 0])
    with pytest.raises(UserError, match="2 other gifts"):
        SPLIT.payoff(1, [0, 0])
