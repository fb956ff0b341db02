"""Choices beside theory: equilibria, what tells cells apart, and laws fitted to them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite

import numpy as np

from tombench.schema import Item, Metric
from tombench.statistics.deviance import Decomposition, decompose
from tombench.strategy.equilibria import dominance, pure_equilibria
from tombench.strategy.likelihoods import Choices, Fit, fits
from tombench.strategy.payoffs import COOPERATE, DILEMMAS, Action, Game
from tombench.tasks.games_rates import CellRate, mean_rate

COUNTED = 300
"""Draws that an exact probability counts as in a likelihood: the study's."""
FINE = 1_000_000
"""Draws that it is fitted as, so that rounding to whole ones does not show."""
PARAMETERS = {"quantal_response": "rate", "noisy_response": "rate", "cognitive_hierarchy": "tau"}
"""Those that metrics have, by model; all stand in metrics.json under games.fits."""


def agreement(cells: Sequence[CellRate], items: Mapping[str, Item]) -> dict[str, Metric]:
    """`dominant_rate` and `equilibrium_agreement`, of cells whose games have such an action.

    The share of choices of the dominant action; and of the action in the one pure equilibrium.
    """
    found = {}
    for name, wanted in (("dominant_rate", _dominant), ("equilibrium_agreement", _equilibrium)):
        told = [(cell, wanted(items[cell.item].content.game)) for cell in cells]
        told = [(cell, action) for cell, action in told if action is not None]
        if told:
            values = [cell.rate if action == COOPERATE else 1 - cell.rate for cell, action in told]
            found[name] = mean_rate([cell for cell, _ in told], values)
    return found


def dependence(cells: Sequence[CellRate]) -> Decomposition | None:
    """How much the game (row) explains of what tells cells apart, how much the context (column).

    Of the four dilemmas where they are there; labels, orders and payoffs are pooled. None where
    games and contexts, two or more each, are not crossed in full. Exact probabilities have no
    sampling error: nothing is taken off for it.
    """
    own = [cell for cell in cells if cell.condition["game"] in DILEMMAS] or list(cells)
    games = sorted({cell.condition["game"] for cell in own})
    contexts = sorted({cell.condition["context"] for cell in own})
    chosen, total = np.zeros((2, len(games), len(contexts)))
    for cell in own:
        place = games.index(cell.condition["game"]), contexts.index(cell.condition["context"])
        chosen[place] += cell.rate * max(1, cell.n)
        total[place] += max(1, cell.n)
    if min(total.shape) < 2 or not total.all():
        return None
    exact = all(cell.exact for cell in own)
    return decompose(np.minimum(chosen if exact else chosen.round(), total), total, exact)


def awareness(found: Decomposition, cells: Sequence[CellRate]) -> dict[str, Metric]:
    """`awareness/game`, `/context`, `/interaction`: by Shapley, so they add up to 1 before noise
    is taken off; left out where all may be noise."""
    shares = found.shapley
    named = {"game": shares.row, "context": shares.column, "interaction": shares.interaction}
    return {
        f"awareness/{name}": Metric(one.corrected, one.low, one.high, *_sizes(cells))
        for name, one in named.items()
        if all(map(isfinite, (one.corrected, one.low, one.high)))
    }


def fitted(cells: Sequence[CellRate], items: Mapping[str, Item]) -> tuple[list[Fit], int]:
    """All laws of behaviour at the parameters that fit best, and the number of choices."""
    choices = []
    for cell in cells:
        total = cell.n or FINE
        choices.append(Choices(items[cell.item].content.game, round(cell.rate * total), total))
    found = list(fits(choices).values())
    if not all(cell.exact for cell in cells):
        return found, sum(one.total for one in choices)
    scaled = [replace(f, log_likelihood=f.log_likelihood * COUNTED / FINE) for f in found]
    return scaled, COUNTED * len(cells)


def fit_metrics(found: Sequence[Fit], choices: int, cells: Sequence[CellRate]) -> dict[str, Metric]:
    """`fit/MODEL_log_likelihood`, nats a choice, and the main parameter of some; no intervals.

    A law that gives no chance to what was chosen has none.
    """
    values = {
        f"fit/{fit.model}_{name}": fit.parameters[name]
        for fit in found
        for name in (PARAMETERS.get(fit.model),)
        if name
    }
    values |= {f"fit/{fit.model}_log_likelihood": fit.log_likelihood / choices for fit in found}
    return {
        name: Metric(value, value, value, *_sizes(cells))
        for name, value in values.items()
        if isfinite(value)
    }


def _sizes(cells: Sequence[CellRate]) -> tuple[int, int]:
    """Cells and clusters."""
    return len(cells), len({cell.cluster for cell in cells})


def _dominant(game: Game) -> Action | None:
    found = dominance(game)
    return None if found is None else found.action


def _equilibrium(game: Game) -> Action | None:
    """The row player's in the one pure equilibrium; None where there is none, or are several."""
    found = pure_equilibria(game)
    return found[0][0] if len(found) == 1 else None
