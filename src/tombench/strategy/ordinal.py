"""All strict ordinal games of two players and two actions: 144, or 78 but for who is who.

Each player ranks the four outcomes from 4 (best) to 1, without ties: 24 * 24 games, of which four
at a time differ in nothing but what the actions are called. Robinson & Goforth 2005 ("The topology
of the 2x2 games") count these 144; Rapoport & Guyer 1966 ("A taxonomy of 2x2 games") count the 78
that remain where a game and the one with players exchanged are the same.

A game is represented with each player's best outcome under that player's first action; its id is
the ranks read row by row, "r4123-4213" being row's 4 1 / 2 3 and column's 4 2 / 1 3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import Literal

from tombench.strategy.equilibria import dominance, pure_equilibria
from tombench.strategy.payoffs import Game, Matrix
from tombench.strategy.symmetric import symmetric_class

DominanceStructure = Literal["both", "row", "column", "neither"]
Family = Literal["win-win", "biased", "second-best", "unfair", "uneven", "inferior", "cyclic"]

FAMILIES: dict[tuple[int, int], Family] = {
    (4, 4): "win-win",
    (3, 4): "biased",
    (3, 3): "second-best",
    (2, 4): "unfair",
    (2, 3): "uneven",
    (2, 2): "inferior",
}
"""By what a pure equilibrium gives the players, the lower rank first. Of two equilibria the one
that stands higher here counts; without any, a game is cyclic. Nobody gets the worst rank at an
equilibrium. Where another outcome is better for both, (2, 3) is inferior too: prisoner's dilemma
and its six relatives. These definitions are ours, and so is the word "uneven"; the other words are
those of Bruns 2015 ("Names for games", Games 6, 495-520) for such families."""


@dataclass(frozen=True)
class OrdinalGame:
    """One of the 144, with what is true of it."""

    id: str
    game: Game
    dominance: DominanceStructure  # who has a dominant action
    equilibria: int  # pure ones: 0, 1 or 2
    family: Family
    common_name: str | None  # of the twelve symmetric ones (`symmetric.SYMMETRIC`)
    exchanged: str  # id of the game with the players exchanged: its own id where symmetric

    @property
    def structure(self) -> str:
        """The class by dominance and pure equilibria, as "neither-2"."""
        return f"{self.dominance}-{self.equilibria}"


@cache
def ordinal_games() -> tuple[OrdinalGame, ...]:
    """All 144, sorted by id."""
    found = {game.name: game for game in map(_represented, _all())}
    return tuple(_described(found[name]) for name in sorted(found))


@cache
def games_by_id() -> dict[str, OrdinalGame]:
    """The same, by id."""
    return {one.id: one for one in ordinal_games()}


def exchange_classes() -> tuple[tuple[OrdinalGame, ...], ...]:
    """The 78: each one symmetric game, or two that differ in who is the row player."""
    games = games_by_id()
    pairs = {tuple(sorted({one.id, one.exchanged})) for one in ordinal_games()}
    return tuple(tuple(games[name] for name in pair) for pair in sorted(pairs))


def ordinal_game(game: Game) -> OrdinalGame | None:
    """The ordinal game that a game with any payoffs is; None where a player is indifferent."""
    ranked = game.ordinal()
    if any(sorted(_flat(matrix)) != [1, 2, 3, 4] for matrix in (ranked.row, ranked.column)):
        return None
    return games_by_id()[_represented(ranked).name]


def _all() -> Iterator[Game]:
    """The 576, actions told apart."""
    for row in permutations((1, 2, 3, 4)):
        for column in permutations((1, 2, 3, 4)):
            yield Game("", (row[:2], row[2:]), (column[:2], column[2:]))


def _represented(ranked: Game) -> Game:
    """With each player's best outcome under the first action; named by its id."""
    turned = ranked.relabelled(
        row=4 in ranked.row[1], column=4 in (ranked.column[0][1], ranked.column[1][1])
    )
    ranks = ["".join(f"{rank:g}" for rank in _flat(m)) for m in (turned.row, turned.column)]
    return Game(f"r{'-'.join(ranks)}", turned.row, turned.column)


def _described(game: Game) -> OrdinalGame:
    mirror = game.exchanged()
    has = (dominance(game) is not None, dominance(mirror) is not None)
    words: dict[tuple[bool, bool], DominanceStructure] = {
        (True, True): "both",
        (True, False): "row",
        (False, True): "column",
        (False, False): "neither",
    }
    pure = pure_equilibria(game)
    return OrdinalGame(
        id=game.name,
        game=game,
        dominance=words[has],
        equilibria=len(pure),
        family=_family(game),
        common_name=symmetric_class(game),
        exchanged=_represented(mirror).name,
    )


def _family(game: Game) -> Family:
    given = [
        tuple(sorted((int(game.row[own][other]), int(game.column[own][other]))))
        for own, other in pure_equilibria(game)
    ]
    best = next((ranks for ranks in FAMILIES if ranks in given), None)
    if best is None:
        return "cyclic"
    return "inferior" if best == (2, 3) and _bettered(game) else FAMILIES[best]


def _bettered(game: Game) -> bool:
    """Is another outcome better for both than the first pure equilibrium?"""
    own, other = pure_equilibria(game)[0]
    ranks = zip(_flat(game.row), _flat(game.column), strict=True)
    return any(a > game.row[own][other] and b > game.column[own][other] for a, b in ranks)


def _flat(matrix: Matrix) -> tuple[float, ...]:
    return (*matrix[0], *matrix[1])
