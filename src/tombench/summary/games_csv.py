"""Tables of games in long form, unrounded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tombench.schema import Metric
from tombench.strategy.payoffs import DILEMMAS
from tombench.summary.games import INVALID, Choices
from tombench.summary.games_contrasts import CellContrast
from tombench.summary.games_learned import Learned
from tombench.summary.games_rates import amounts, invalid_share, rate
from tombench.summary.games_roles import Chooser
from tombench.summary.games_sensitivity import dependences, shifts
from tombench.summary.games_tables import contexts_in
from tombench.summary.games_theory import agreement, dominant_action, equilibrium_action

Rows = list[dict[str, Any]]
FACTORS = ("context", "game", "payoffs", "labels", "order", "split", "game_class")


def cell_csv(found: Sequence[Chooser]) -> Rows:
    """A row a cell: its share, and how often each answer was given, or how probable it is."""
    return [
        {"model": chooser.label, "item": cell.item}
        | {factor: cell.condition.get(factor) for factor in FACTORS}
        | {"share": cell.share, "draws": cell.draws, "parsed": cell.parsed}
        | {INVALID: cell.invalid}
        | {f"answer_{name}": weight for name, weight in _answers(cell)}
        for chooser in found
        for cell in chooser.cells
    ]


def donation_csv(found: Sequence[Chooser]) -> Rows:
    """A row an amount: which share of the parsed answers gave it."""
    return [
        {"model": chooser.label, "amount": amount, "share": share}
        for chooser in found
        for amount, share in amounts([cell for cell in chooser.cells if cell.donation]).items()
    ]


def rate_csv(found: Sequence[Chooser]) -> Rows:
    """A row a model, part and game; and one of all games together."""
    return [
        {"model": chooser.label, "cells": part} | row
        for chooser in found
        for part, cells in chooser.parts.items()
        for row in _rates(cells)
    ]


def context_csv(found: Sequence[Chooser]) -> Rows:
    """A row a model, context and game."""
    return [
        {"model": chooser.label, "context": name} | row
        for chooser in found
        for name, cells in contexts_in(
            [cell for cell in chooser.cells if cell.of("game") in DILEMMAS]
        ).items()
        for row in _rates(cells)
    ]


def theory_csv(found: Sequence[Chooser]) -> Rows:
    """A row a model, part and measure: agreement with theory."""
    measures = {"equilibrium": equilibrium_action, "dominant": dominant_action}
    return [
        {"model": chooser.label, "cells": part, "measure": name} | vars(metric)
        for chooser in found
        for part, cells in chooser.parts.items()
        for name, wanted in measures.items()
        if (metric := agreement(cells, wanted))
    ]


def sensitivity_csv(found: Sequence[Chooser]) -> Rows:
    """A row an effect on deviance, alone and by Shapley; then a row each change of presentation."""
    rows: Rows = []
    for chooser in found:
        for one in dependences(chooser):
            for way in ("alone", "shapley"):
                for effect, share in vars(getattr(one.shares, way)).items():
                    name = {"row": "game", "column": "context"}.get(effect, effect)
                    told = {"model": chooser.label, "cells": one.part, "effect": name, "way": way}
                    rows.append(told | vars(share))
        for shift in shifts(chooser):
            told = {"model": chooser.label, "effect": shift.change, "way": "mean |change|"}
            rows.append(told | vars(shift.moved) | {"mean_change": shift.signed})
    return rows


def fit_csv(found: Sequence[Chooser]) -> Rows:
    """A row a behavioural model."""
    return [
        {"model": chooser.label, "behaviour": fit.model, "log_likelihood": fit.log_likelihood}
        | {f"parameter_{name}": value for name, value in fit.parameters.items()}
        for chooser in found
        for fit in chooser.fits
    ]


def learned_csv(found: Mapping[str, Sequence[Learned]]) -> Rows:
    """A row a student and part."""
    rows: Rows = []
    for label, parts in found.items():
        for one in parts:
            row = {"student": label, "part": one.part, "cells": one.cells, "left_out": one.left_out}
            for name, result in (("gap_closed", one.closed), ("improvement", one.improvement)):
                if result is not None:
                    row |= {f"{name}_{key}": value for key, value in asdict(result).items()}
            row |= {f"gap_of {who}": gap for who, gap in one.gaps.items()}
            row |= {f"improvement_of {who}": value for who, value in one.improvements.items()}
            rows.append(row)
    return rows


def contrast_csv(found: Mapping[str, Sequence[CellContrast]]) -> Rows:
    """A row a cell and comparison."""
    return [
        {"student": label, "comparison": one.comparison, "cells": one.part}
        | {"item": one.student.item, "draws": one.student.draws, "draws_other": one.other.draws}
        | {"share": one.student.share, "share_other": one.other.share}
        | asdict(one.contrast)
        | {"p_holm": one.p_holm}
        for label, contrasts in found.items()
        for one in contrasts
    ]


def _answers(cell: Choices) -> Iterator[tuple[str, float]]:
    return ((name, weight) for name, weight in cell.weights.items() if name != INVALID)


def _rates(cells: Sequence[Choices]) -> Iterator[dict[str, Any]]:
    games = {"all": list(cells)}
    games |= {game: [cell for cell in cells if cell.of("game") == game] for game in DILEMMAS}
    for game, own in games.items():
        metric: Metric | None = rate(own)
        if metric:
            yield {"game": game} | vars(metric) | {INVALID: invalid_share(own)}
