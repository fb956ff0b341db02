"""Games to learn from without end: the classes of the four dilemmas with payoffs that no test has.

What a class is lies in the order of the payoffs alone (`strategy.symmetric`). Four numbers make one
game of each class, which differ in nothing but who gets which of them. Numbers that are those of
the study but for origin and scale, so also doubled or shifted, are never drawn; some are kept for
development.
"""

from collections.abc import Sequence
from random import Random
from typing import Literal
from zlib import crc32

from tombench.strategy.payoffs import DILEMMAS, Game
from tombench.strategy.symmetric import payoff_order

MOST = 20  # points; the study's 10, doubled
ORDERS = {name: payoff_order(game) for name, game in DILEMMAS.items()}
"""From the best payoff to the worst, by the class's name."""

Use = Literal["training", "development", "tested"]
KEPT = 8
"""One set of four numbers in so many is kept for development."""


def draw_games(rng: Random, use: Use = "training") -> tuple[Game, ...]:
    """One game of each class with the same payoffs, four whole points from 0 to `MOST`."""
    while True:
        numbers = tuple(sorted(rng.sample(range(MOST + 1), 4), reverse=True))
        if use_of(numbers) == use:
            return tuple(_game(name, numbers) for name in ORDERS)


def use_of(numbers: Sequence[float]) -> Use:
    """What games with these four payoffs are for, in whichever order they stand."""
    if _form(numbers) in _TESTED:
        return "tested"
    told = ",".join(f"{value:g}" for value in sorted(numbers))
    return "training" if crc32(told.encode()) % KEPT else "development"


def _game(name: str, numbers: Sequence[float]) -> Game:
    paid = dict(zip(ORDERS[name], numbers, strict=True))
    return Game.symmetric(name, paid["R"], paid["S"], paid["T"], paid["P"])


def _form(numbers: Sequence[float]) -> tuple[float, ...]:
    """The numbers but for origin and scale: the least is 0, the greatest 1."""
    least, greatest = min(numbers), max(numbers)
    return tuple(round((value - least) / (greatest - least), 9) for value in sorted(numbers))


_TESTED = {_form([*game.row[0], *game.row[1]]) for game in DILEMMAS.values()}
