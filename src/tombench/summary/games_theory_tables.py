"""Tables of what choices hang on, and how far they are what theory says."""

from collections.abc import Sequence

from tombench.summary.games_roles import Chooser
from tombench.summary.games_sensitivity import dependences, shifts
from tombench.summary.games_tables import agreeing, interval, metric_text
from tombench.summary.games_theory import agreement, equilibrium_action
from tombench.summary.grid import Grid
from tombench.summary.sparsity_tables import parted

DEPENDENCE_NOTES = (
    "Share of the deviance from one common rate that a factor explains alone (the three need not "
    "add up to 1), then net of what sampling error gives [95 % interval]; of exact probabilities "
    "nothing is taken off. A model that reads the game has a high share of the game.",
)
AGREEMENT_NOTES = (
    "equilibrium: share of choices that are the action of the one pure equilibrium, over games "
    "that have one alone; dominant: of the dominant action, over games with one; [95 % interval] "
    "over games in their contexts.",
)
SHIFT_NOTES = (
    "Mean |change| of the share of first actions where nothing else changes, [95 % interval] over "
    "games in their contexts; then the mean change. Equilibria do not move under any of these. "
    "Of drawn answers sampling error is in it.",
)
FIT_NOTES = (
    "Fitted by maximum likelihood to all choices between two actions, in nats; a probability that "
    "is known exactly counts as 300 draws. over constant: beyond one rate in all cells. A law of "
    "games that gains nothing there does not describe the model.",
)


def dependence_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """Game-awareness against context-awareness."""
    rows = []
    for chooser in found:
        for one in dependences(chooser):
            alone = one.shares.alone
            effects = (alone.row, alone.column, alone.interaction)
            table = f"{one.games} × {one.contexts}"
            raw = [f"{effect.value:.2f}" for effect in effects]
            net = [interval(effect.corrected, effect.low, effect.high) for effect in effects[:2]]
            rows.append((chooser.label, one.part, table, *raw, *net))
    header = ("Model", "cells", "table", "game", "context", "interaction", "game, net")
    return Grid(title, (*header, "context, net"), tuple(rows), DEPENDENCE_NOTES, parted(rows))


def agreement_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """How far choices are those of equilibrium, by part."""
    rows = [
        (chooser.label, part, str(len(cells)), *agreeing(cells))
        for chooser in found
        for part, cells in chooser.parts.items()
        if agreement(cells, equilibrium_action)
    ]
    header = ("Model", "cells", "n", "equilibrium", "dominant")
    return Grid(title, header, tuple(rows), AGREEMENT_NOTES, parted(rows))


def shift_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """Invariance: what should not move a choice."""
    rows = [
        (chooser.label, one.change, metric_text(one.moved), f"{one.signed:+.2f}", str(one.moved.n))
        for chooser in found
        for one in shifts(chooser)
    ]
    header = ("Model", "change of", "mean |change|", "mean change", "pairs")
    return Grid(title, header, tuple(rows), SHIFT_NOTES, parted(rows))


def fit_grid(title: str, found: Sequence[Chooser]) -> Grid:
    """Behavioural models at the parameters that fit best, as the run computed them."""
    rows = []
    for chooser in found:
        levels = {fit.model: fit.log_likelihood for fit in chooser.fits}
        constant = levels.get("constant")
        for fit in chooser.fits:
            known = {name: v for name, v in fit.parameters.items() if v is not None}
            told = ", ".join(f"{name.replace('_', ' ')} {v:.3g}" for name, v in known.items())
            own = fit.log_likelihood
            gain = "–" if own is None or constant is None else f"{own - constant:+.1f}"
            level = "–" if own is None else f"{own:.1f}"
            rows.append((chooser.label, fit.model.replace("_", " "), told or "–", level, gain))
    header = ("Model", "behaviour", "parameters", "log-likelihood", "over constant")
    return Grid(title, header, tuple(rows), FIT_NOTES, parted(rows))
