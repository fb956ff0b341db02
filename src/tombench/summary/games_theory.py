"""How far choices are what theory wants: the one equilibrium's action, or the dominant one."""

from collections.abc import Callable, Sequence
from functools import cache

from tombench.metrics import share
from tombench.schema import Metric
from tombench.strategy.equilibria import dominance, pure_equilibria
from tombench.strategy.ordinal import games_by_id
from tombench.strategy.payoffs import COOPERATE, DILEMMAS, Action, Game
from tombench.summary.games import Choices


def agreement(cells: Sequence[Choices], wanted: Callable[[str], Action | None]) -> Metric | None:
    """The share of choices that theory wants, over cells in which it wants one; else None.

    Every cell counts alike; games in their contexts are the clusters.
    """
    known = [(cell, wanted(cell.of("game"))) for cell in cells if cell.known]
    told = [(cell, action) for cell, action in known if action is not None]
    if not told:
        return None
    values = [cell.share if action == COOPERATE else 1 - cell.share for cell, action in told]
    return share(values, [cell.cluster for cell, _ in told])


@cache
def equilibrium_action(name: str) -> Action | None:
    """The row player's in a game's one pure equilibrium; None of none, of several, or of a game
    that is not known by name. Doubled and shifted payoffs do not change it."""
    game = _game(name)
    found = pure_equilibria(game) if game else ()
    return found[0][0] if len(found) == 1 else None


@cache
def dominant_action(name: str) -> Action | None:
    """The row player's; None where there is none."""
    game = _game(name)
    found = dominance(game) if game else None
    return found.action if found else None


def _game(name: str) -> Game | None:
    if name in DILEMMAS:
        return DILEMMAS[name]
    ordinal = games_by_id().get(name)
    return ordinal.game if ordinal else None
