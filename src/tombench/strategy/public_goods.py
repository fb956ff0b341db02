"""A donation game: several players give to a pot, which is multiplied and comes back to all.

The linear public goods game (Isaac & Walker 1988; Ledyard 1995). With others' gifts summing to G, a
player who gives x of an endowment e earns e - x + r (x + G), r being what each player gets for a
point in the pot. Where r < 1 giving nothing is dominant, where r > 1 giving all is; at r = 1 every
gift is a best response.

The study's one public goods task (sepehrilami/LFB, "poolparty": four students, 10 each, multiplier
2.5) survives in its answers alone, and these do not tell whether the multiplied pot is split (r =
0.625) or enjoyed whole by everybody (r = 2.5). So what its players would rationally give, 0 or 10,
is not determined; here the rule is always said in full.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from tombench.errors import UserError, listed, nearest, told
from tombench.strategy.telling import number

Sharing = Literal["split", "whole"]


@dataclass(frozen=True)
class DonationGame:
    """Players give at the same time, once.

    Raises:
        UserError: a field is out of bounds.
    """

    players: int = 4
    endowment: float = 10.0  # points that each holds, the most that each can give
    multiplier: float = 2.5
    sharing: Sharing = "split"  # the multiplied pot: equal shares, or the whole of it for each

    def __post_init__(self) -> None:
        if self.players < 2:
            raise UserError(f"players {self.players}: a donation game needs 2 or more")
        for name in ("endowment", "multiplier"):
            if not 0 < getattr(self, name) < math.inf:
                raise UserError(f"{name} {getattr(self, name):g}: it must be a number above 0")
        if self.sharing not in get_args(Sharing):
            options = get_args(Sharing)
            hint = nearest(str(self.sharing), options)
            raise UserError(told(f"sharing '{self.sharing}'", hint, listed(options)))

    @property
    def marginal_return(self) -> float:
        """Points that each player gets for one point in the pot ("marginal per capita return")."""
        return self.multiplier / self.players if self.sharing == "split" else self.multiplier

    @property
    def group_return(self) -> float:
        """Points that all players together get for one point in the pot."""
        return self.marginal_return * self.players

    def payoff(self, own: float, others: Sequence[float]) -> float:
        """Points of a player who gives `own` while the others give `others` [players - 1].

        Raises:
            UserError: there are too few or too many others, or a gift is out of bounds.
        """
        if len(others) != self.players - 1:
            raise UserError(f"{len(others)} other gifts in a game of {self.players} players")
        for gift in (own, *others):
            if not 0 <= gift <= self.endowment:
                raise UserError(f"gift {gift:g}: between 0 and {self.endowment:g} can be given")
        return self.endowment - own + self.marginal_return * (own + sum(others))

    @property
    def best_responses(self) -> tuple[float, float]:
        """The least and the most of the gifts that are best, whatever the others give."""
        return self._gifts(self.marginal_return)

    @property
    def equilibrium(self) -> tuple[float, float]:
        """What each gives in equilibrium, least and most: its best responses do not depend on
        the others, so they are the equilibria."""
        return self.best_responses

    @property
    def optimum(self) -> tuple[float, float]:
        """What each gives, least and most, where all together earn the most."""
        return self._gifts(self.group_return)

    def rule(self) -> str:
        """The rule in words, for the player."""
        players, others = self.players, self.players - 1
        endowment, multiplier = number(self.endowment), number(self.multiplier)
        if self.sharing == "split":
            back = f"split into {players} equal parts, one for each player, whoever gave"
        else:
            back = f"not split: each of the {players} players enjoys the whole of it, whoever gave"
        return (
            f"You and {others} other {'player' if others == 1 else 'players'} hold {endowment} "
            f"points each. Everyone may donate any part of these, from 0 to {endowment} points, to "
            "a common pot, and keeps the rest. All decide once, at the same moment, without "
            f"talking. The pot is then multiplied by {multiplier} and {back}. So every point in "
            f"the pot brings each player {number(self.marginal_return)} "
            f"{'point' if self.marginal_return == 1 else 'points'}. Your score is what you kept "
            "plus what the pot brings you."
        )

    def _gifts(self, gain: float) -> tuple[float, float]:
        if gain == 1:
            return 0.0, self.endowment
        return (0.0, 0.0) if gain < 1 else (self.endowment, self.endowment)
