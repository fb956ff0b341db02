"""All that the summary says of runs under masks: tables, figures, and what a terminal shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tombench.summary.collect import EvaluatedRun
from tombench.summary.figures import Figure
from tombench.summary.grid import Grid
from tombench.summary.sparsity import Masked
from tombench.summary.sparsity_alt_texts import (
    heads_alt,
    norms_alt,
    sinks_alt,
    stability_alt,
    sweep_alt,
    weights_alt,
)
from tombench.summary.sparsity_csv import (
    effect_csv,
    headline_csv,
    level_csv,
    study_csv,
    verdict_csv,
)
from tombench.summary.sparsity_curves import stability_figure, sweep_figure
from tombench.summary.sparsity_effect_tables import (
    effect_grid,
    further_grid,
    headline_grid,
    verdict_grid,
)
from tombench.summary.sparsity_maps import heads_figure, norms_figure, sinks_figure, weights_figure
from tombench.summary.sparsity_mechanism import Mechanism
from tombench.summary.sparsity_tables import level_grid, study_grid
from tombench.summary.sparsity_weights import mechanism_csv, mechanism_grid
from tombench.summary.tables import row_labels

Table = tuple[Sequence[Mapping[str, Any]], Sequence[Grid]]
"""Rows for the CSV, and what is shown."""


@dataclass(frozen=True)
class Map:
    """A figure of a run's masked weights: how it is drawn, and told."""

    name: str
    draw: Callable[[Mechanism, str, str], bytes | None]
    tell: Callable[[Mechanism, str], str]


MAPS = (
    Map("weights", weights_figure, weights_alt),
    Map("heads", heads_figure, heads_alt),
    Map("norms", norms_figure, norms_alt),
    Map("sinks", sinks_figure, sinks_alt),
)


def sparsity_tables(task: str, runs: Sequence[EvaluatedRun]) -> dict[str, Table]:
    """By name, those that the runs have rows for."""
    own = _labelled(runs)
    effects = [_effects(task, own, scale) for scale in ("accuracy", "margin")]
    tables: dict[str, Table] = {
        f"study_{task}": (study_csv(own), [study_grid(f"{task}: the study's columns", own)]),
        f"levels_{task}": (level_csv(own), [level_grid(f"{task}: scores by m", own)]),
        f"effects_{task}": (
            effect_csv(own),
            [*effects, further_grid(f"{task}: other tasks under the mask", own)],
        ),
        f"headline_{task}": (headline_csv(own), [headline_grid(f"{task}: mean effects", own)]),
        f"verdict_{task}": (verdict_csv(own), [verdict_grid(f"{task}: what may be said", own)]),
        f"mechanism_{task}": (
            mechanism_csv(own),
            [mechanism_grid(f"{task}: where the masked weights lie", own)],
        ),
    }
    return {
        name: (rows, [grid for grid in grids if grid.rows])
        for name, (rows, grids) in tables.items()
        if rows
    }


def sparsity_shown(task: str, runs: Sequence[EvaluatedRun]) -> list[Grid]:
    """What a terminal is wide and high enough for: no mask, and the points."""
    own = _labelled(runs)
    grids = [
        study_grid(f"{task}: the study's columns", own, compact=True),
        level_grid(f"{task}: scores by m", own, compact=True),
        headline_grid(f"{task}: mean effects", own),
        verdict_grid(f"{task}: what may be said", own),
    ]
    return [grid for grid in grids if grid.rows]


def sparsity_figures(task: str, runs: Sequence[EvaluatedRun]) -> list[Figure]:
    """Each run's curves and maps, then how stable the masks are."""
    own = _labelled(runs)
    found = []
    for number, (label, run) in enumerate(own.items(), start=1):
        end = f"{task}_{number}" if len(own) > 1 else task
        if run.effects:
            draw = partial(sweep_figure, run, label)
            found.append(Figure(f"sweep_{end}", draw, sweep_alt(run, label)))
        for one in MAPS if run.mechanism else ():
            draw = partial(one.draw, run.mechanism, label)
            found.append(Figure(f"{one.name}_{end}", draw, one.tell(run.mechanism, label)))
    if any(run.mechanism and run.mechanism.stability for run in own.values()):
        draw = partial(stability_figure, list(own.items()))
        found.append(Figure(f"stability_{task}", draw, stability_alt(list(own.items()))))
    return found


def _effects(task: str, own: Mapping[str, Masked], scale: str) -> Grid:
    unit = "accuracy" if scale == "accuracy" else "margin, nats"
    return effect_grid(f"{task}: effects on {unit}", own, scale)


def _labelled(runs: Sequence[EvaluatedRun]) -> dict[str, Masked]:
    """By label, which tells runs of a model apart by what was masked."""
    return {
        label: run.sparsity
        for label, run in zip(row_labels(runs), runs, strict=True)
        if run.sparsity
    }
