"""Which records of games a number comes from: the cells that it is of, and whose answers."""

from collections.abc import Sequence

from tombench.summary.games import DONATIONS, INVALID, UNPARSED, Choices
from tombench.summary.games_theory import dominant_action, equilibrium_action
from tombench.summary.restrictions import Only, both

FACTORS = ("split", "payoffs", "game", "context", "labels", "order", "game_class")
"""By which cells are told apart, those first that most numbers are of."""
SINGLE = 40
"""Cells that are named one by one where no factors tell them from the others."""
OF_CHOICES = ("cooperation_rate", "awareness/", "fit/")
THEORY = {"dominant_rate": dominant_action, "equilibrium_agreement": equilibrium_action}
MOVED = {
    "scale_shift": {"payoffs": ("published", "doubled")},
    "origin_shift": {"payoffs": ("published", "shifted")},
}
GIVEN = "mean_donation"


def games_only(cells: Sequence[Choices], name: str, level: Only) -> Only:
    """Restrictions to what a metric of metrics.json comes from.

    Args:
        cells: of the run.
        level: of a factor, for a metric at it; {} for the whole run.
    """
    if name == INVALID:
        return both(level, _unparsed(cells))
    if name == GIVEN:
        return both(level, _answered([c for c in cells if c.donation]), _gifts(cells))
    if name.startswith(OF_CHOICES):
        choices = [cell for cell in cells if not cell.donation]
        return both(level, cells_only(cells, choices), _answered(choices))
    if name in THEORY:
        told = [cell for cell in cells if THEORY[name](cell.of("game")) is not None]
        return both(level, rate_only(cells, told))
    return both(level, MOVED.get(name, {}))


def rate_only(cells: Sequence[Choices], own: Sequence[Choices]) -> Only:
    """Restrictions to the answers of some cells that could be parsed."""
    return both(cells_only(cells, own), _answered(own))


def invalid_only(cells: Sequence[Choices], own: Sequence[Choices]) -> Only:
    """Restrictions to the answers of some cells that could not be parsed; of exact cells, whose
    probability of these is known, to the cells."""
    return both(cells_only(cells, own), _unparsed(own))


def cells_only(cells: Sequence[Choices], own: Sequence[Choices]) -> Only:
    """Restrictions that let through `own` of all cells, as few as do.

    Where no levels of factors tell them from the others, by name if they are few; else the least
    that holds them all.
    """
    wanted = {id(cell) for cell in own}
    left, only = list(cells), dict[str, tuple[str, ...]]()
    for factor in FACTORS:
        if len(left) == len(wanted) or not all(factor in cell.condition for cell in own):
            continue
        levels = dict.fromkeys(cell.condition[factor] for cell in own)
        kept = [cell for cell in left if cell.condition.get(factor) in levels]
        if len(kept) < len(left):
            left, only = kept, only | {factor: tuple(levels)}
    if len(left) > len(wanted) and len(wanted) <= SINGLE:
        return {"item": tuple(cell.item for cell in own)}
    return only


def _answered(own: Sequence[Choices]) -> Only:
    """The answers that could be parsed; no restriction where all could, or all are exact."""
    if not any(cell.draws and cell.invalid for cell in own):
        return {}
    return {"answer": tuple(sorted({a for c in own for a in c.weights if a != INVALID}))}


def _unparsed(own: Sequence[Choices]) -> Only:
    return {} if any(cell.exact for cell in own) else {"answer": (UNPARSED,)}


def _gifts(cells: Sequence[Choices]) -> Only:
    return {} if all(cell.donation for cell in cells) else {"split": (DONATIONS,)}
