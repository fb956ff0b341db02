"""A player who follows a law and says so in the words of the question.

Labels and order of the actions are put on at the end, so the choice does not depend on them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tombench.errors import UserError
from tombench.schema import Item, Sample, Sampling
from tombench.strategy.behaviour import Chooser, ContextBiased
from tombench.strategy.contexts import Context
from tombench.strategy.giving import amounts, gift_probabilities
from tombench.strategy.payoffs import ACTIONS, Action, Game
from tombench.strategy.public_goods import DonationGame
from tombench.strategy.telling import Presentation, number

REASONS = 64  # new tokens from which on an answer has room for reasons


class Cell(Protocol):
    """What of an item's content is played."""

    game: Game | DonationGame
    context: Context
    presentation: Presentation


def cell_of(item: Item) -> Cell:
    """An item's cell. Raises UserError where it is of another task."""
    content: Any = item.content
    if not isinstance(getattr(content, "game", None), Game | DonationGame):
        raise UserError(
            f"backend=behaviour: item '{item.id}' is no game; it answers task=games alone"
        )
    return content


def context_shift(context: Context, deviation: float) -> float:
    """What a context adds to the log odds of cooperating: fixed by its name, normal over names.

    0 with no context, and where the standard deviation (nats) is 0.
    """
    if not deviation or context.split == "none":
        return 0.0
    key = int.from_bytes(hashlib.sha256(context.name.encode()).digest()[:16], "big")
    return deviation * float(np.random.Generator(np.random.Philox(key=key)).standard_normal())


@dataclass(frozen=True)
class Player:
    """Chooses by a law that contexts may shift."""

    law: Chooser
    deviation: float = 0.0  # of contexts' shifts, in nats

    def probabilities(self, cell: Cell) -> np.ndarray:
        """Of the two actions [2], or of gifts of 0, 1, … points [amounts]."""
        shift = context_shift(cell.context, self.deviation)
        if isinstance(cell.game, DonationGame):
            return gift_probabilities(self.law, cell.game, shift)
        law = ContextBiased(self.law, {cell.context.name: shift})
        first = law.probability(cell.game, cell.context)
        return np.array([first, 1 - first])

    def weighs(self, cell: Cell, options: Sequence[Sequence[str]]) -> tuple[float, ...]:
        """Probability of each option; 0 where its spellings name nothing that can be done."""
        told = dict(zip(_names(cell), self.probabilities(cell).tolist(), strict=True))
        return tuple(
            sum(told.get(name, 0.0) for name in {spelling.strip() for spelling in option})
            for option in options
        )

    def answers(self, cell: Cell, sampling: Sampling, seeds: Sequence[int]) -> tuple[Sample, ...]:
        """One choice a seed (in [0, 2**128)); with reasons where new tokens have room for them."""
        cumulative = self.probabilities(cell).cumsum()
        drawn = [np.random.Generator(np.random.Philox(key=seed)).random() for seed in seeds]
        places = np.searchsorted(cumulative[:-1], drawn, side="right").tolist()
        reasons = sampling.max_new_tokens >= REASONS
        texts = [_reasoned(cell, place) if reasons else _names(cell)[place] for place in places]
        return tuple(Sample(text, len(text.split()), truncated=False) for text in texts)


def _names(cell: Cell) -> list[str]:
    """What can be done, as an answer names it."""
    if isinstance(cell.game, DonationGame):
        return [str(amount) for amount in amounts(cell.game).tolist()]
    return list(cell.presentation.labels)


def _reasoned(cell: Cell, place: int) -> str:
    """A sentence that is true of the game, the choice, and the line that is asked for."""
    if isinstance(cell.game, DonationGame):
        back = number(cell.game.marginal_return)
        return (
            "A point that I keep is worth 1 to me, and a point in the pot brings each of us "
            f"{back}.\nI donate {place} points."
        )
    game, labels, action = cell.game, cell.presentation.labels, ACTIONS[place]
    return (
        f"{_brings(game, labels, action)}; {_brings(game, labels, ACTIONS[1 - place])}. "
        f"I choose {labels[place]}.\nMy choice: {labels[place]}"
    )


def _brings(game: Game, labels: tuple[str, str], own: Action) -> str:
    """What an action pays against each of the coplayer's."""
    against = [f"{number(game.payoff(own, other))} against {labels[other]}" for other in ACTIONS]
    return f"{labels[own]} brings me {' and '.join(against)}"
