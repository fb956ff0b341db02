"""Tables of what choices hang on, and how far they are what theory says."""

from collections.abc import Sequence

from tombench.summary.behind import placed
from tombench.summary.games_records import agreeing_records, behind_rate, dilemmas
from tombench.summary.games_roles import Chooser
from tombench.summary.games_sensitivity import dependences, shifts
from tombench.summary.games_tables import agreeing, interval, metric_text
from tombench.summary.games_theory import agreement, equilibrium_action
from tombench.summary.grid import Grid
from tombench.summary.sparsity_tables import parted

DEPENDENCE_NOTES = (
    "game, context, interaction: share of the deviance from one common rate that each explains "
    "alone (the three need not add up to 1); net: less what sampling error gives [95 % interval]; "
    "of exact probabilities nothing is taken off. table: games × contexts. A model that reads the "
    "game has a high share of the game.",
)
AGREEMENT_NOTES = (
    "n: cells. equilibrium: share of choices that are the action of the one pure equilibrium, over "
    "games that have one alone; dominant: of the dominant action, over games with one; [95 % "
    "interval] over games in their contexts.",
)
SHIFT_NOTES = (
    "mean |change|: of the share of first actions where nothing but what is named changes, [95 % "
    "interval] over games in their contexts; mean change: the same with its sign; pairs: of cells. "
    "Equilibria do not move under any of these. Of drawn answers sampling error is in it.",
)
FIT_NOTES = (
    "Fitted by maximum likelihood to all choices between two actions, in nats; a probability that "
    "is known exactly counts as 300 draws. over constant: beyond one rate in all cells. A law of "
    "games that gains nothing there does not describe the model.",
)


def dependence_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """Game-awareness against context-awareness."""
    rows, behind = [], []
    for chooser in found:
        for one in dependences(chooser):
            behind.append({-1: behind_rate(chooser, dilemmas(chooser.parts[one.part]))})
            alone = one.shares.alone
            effects = (alone.row, alone.column, alone.interaction)
            table = f"{one.games} × {one.contexts}"
            raw = [f"{effect.value:.2f}" for effect in effects]
            net = [interval(effect.corrected, effect.low, effect.high) for effect in effects[:2]]
            rows.append((chooser.label, one.part, table, *raw, *net))
    header = ("Model", "cells", "table", "game", "context", "interaction", "game, net")
    header = (*header, "context, net")
    return Grid(title, header, tuple(rows), DEPENDENCE_NOTES, parted(rows), placed(behind))


def agreement_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """How far choices are those of equilibrium, by part."""
    shown = [
        (chooser, part, cells)
        for chooser in found
        for part, cells in chooser.parts.items()
        if agreement(cells, equilibrium_action)
    ]
    rows = [(who.label, part, str(len(cells)), *agreeing(cells)) for who, part, cells in shown]
    behind = placed(
        {2: behind_rate(who, cells)} | dict(enumerate(agreeing_records(who, cells), start=3))
        for who, _, cells in shown
    )
    header = ("Model", "cells", "n", "equilibrium", "dominant")
    return Grid(title, header, tuple(rows), AGREEMENT_NOTES, parted(rows), behind)


def shift_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """Invariance: what should not move a choice."""
    shown = [(chooser, one) for chooser in found for one in shifts(chooser)]
    rows = [
        (who.label, one.change, metric_text(one.moved), f"{one.signed:+.2f}", str(one.moved.n))
        for who, one in shown
    ]
    behind = placed({-1: behind_rate(who, one.cells)} for who, one in shown)
    header = ("Model", "change of", "mean |change|", "mean change", "pairs")
    return Grid(title, header, tuple(rows), SHIFT_NOTES, parted(rows), behind)


def fit_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """Behavioural models at the parameters that fit best, as the run computed them."""
    rows, behind = [], []
    for chooser in found:
        choices = [cell for cell in chooser.cells if not cell.donation]
        levels = {fit.model: fit.log_likelihood for fit in chooser.fits}
        constant = levels.get("constant")
        for fit in chooser.fits:
            known = {name: v for name, v in fit.parameters.items() if v is not None}
            told = ", ".join(f"{name.replace('_', ' ')} {v:.3g}" for name, v in known.items())
            own = fit.log_likelihood
            gain = "–" if own is None or constant is None else f"{own - constant:+.1f}"
            level = "–" if own is None else f"{own:.1f}"
            rows.append((chooser.label, fit.model.replace("_", " "), told or "–", level, gain))
            behind.append({-1: behind_rate(chooser, choices)})
    header = ("Model", "behaviour", "parameters", "log-likelihood", "over constant")
    return Grid(title, header, tuple(rows), FIT_NOTES, parted(rows), placed(behind))
