"""What choices hang on: the game, its context; and what should not move them but does."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tombench.metrics import share
from tombench.schema import Metric
from tombench.statistics.deviance import Decomposition, decompose
from tombench.strategy.payoffs import DILEMMAS
from tombench.strategy.telling import LABELINGS
from tombench.summary.games import PUBLISHED, Choices
from tombench.summary.games_roles import Chooser


@dataclass(frozen=True)
class Dependence:
    """What one model's choices hang on, in one part of the cells."""

    part: str
    games: int
    contexts: int
    exact: bool
    shares: Decomposition


def dependences(chooser: Chooser) -> list[Dependence]:
    """By part, where two or more of the study's games and contexts are crossed in full.

    Labels and orders are pooled in each game and context. Exact probabilities have no sampling
    error, so nothing is taken off for it.
    """
    found = []
    for part, cells in chooser.parts.items():
        known = [cell for cell in cells if cell.known and cell.of("game") in DILEMMAS]
        games = [name for name in DILEMMAS if any(cell.of("game") == name for cell in known)]
        contexts = sorted({cell.of("context") for cell in known})
        pooled = [
            [_pooled(known, game=game, context=context) for context in contexts] for game in games
        ]
        if min(len(games), len(contexts)) > 1 and all(n for row in pooled for _, n in row):
            table = np.array(pooled)
            exact = all(cell.exact for cell in known)
            shares = decompose(table[..., 0], table[..., 1], exact)
            found.append(Dependence(part, len(games), len(contexts), exact, shares))
    return found


def _pooled(cells: Sequence[Choices], **where: str) -> tuple[float, float]:
    """First actions, and all that could be parsed."""
    own = [cell for cell in cells if all(cell.of(key) == level for key, level in where.items())]
    sizes = [1.0 if cell.exact else cell.parsed for cell in own]
    return sum(c.share * n for c, n in zip(own, sizes, strict=True)), sum(sizes)


@dataclass(frozen=True)
class Shift:
    """How far choices move where only what should not matter changes."""

    change: str
    moved: Metric  # mean |difference| of the share of first actions, over pairs of cells
    signed: float  # mean difference, changed less unchanged
    cells: tuple[Choices, ...]  # of all pairs, each once


CHANGES: dict[str, tuple[str, Callable[[str, str], bool]]] = {
    "payoffs doubled": ("payoffs", lambda old, new: (old, new) == (PUBLISHED, "doubled")),
    "payoffs shifted": ("payoffs", lambda old, new: (old, new) == (PUBLISHED, "shifted")),
    "labels exchanged": ("labels", lambda old, new: _swapped(old, new)),
    "order exchanged": ("order", lambda old, new: (old, new) == ("first", "second")),
}


def _swapped(old: str, new: str) -> bool:
    labels = LABELINGS.get(old)
    return labels is not None and LABELINGS.get(new) == labels[::-1]


def shifts(chooser: Chooser) -> list[Shift]:
    """Of each change that the cells allow for: pairs that differ in nothing else."""
    found = []
    for change, (factor, fits) in CHANGES.items():
        pairs = list(_pairs(chooser.cells, factor, fits))
        if pairs:
            moves = [new.share - old.share for old, new in pairs]
            clusters = [f"{old.of('context')}/{old.of('game')}" for old, _ in pairs]
            moved = share([min(1.0, abs(move)) for move in moves], clusters)
            both = {id(cell): cell for pair in pairs for cell in pair}
            found.append(Shift(change, moved, float(np.mean(moves)), tuple(both.values())))
    return found


def _pairs(
    cells: Sequence[Choices], factor: str, fits: Callable[[str, str], bool]
) -> Iterator[tuple[Choices, Choices]]:
    """Cells of one game and context that differ in one factor alone, in the order of levels."""
    named = ("game", "context", "payoffs", "labels", "order")
    alike: dict[tuple[str, ...], list[Choices]] = {}
    for cell in cells:
        if cell.known and not cell.donation:
            rest = tuple(cell.of(name) for name in named if name != factor)
            alike.setdefault(rest, []).append(cell)
    for own in alike.values():
        ranked = sorted(own, key=lambda cell: (cell.of(factor) != PUBLISHED, cell.of(factor)))
        for old, new in combinations(ranked, 2):
            if fits(old.of(factor), new.of(factor)):
                yield old, new
