"""What a run of task=sparsity says beside its metrics: each m, effects, their null, weights."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tombench.errors import UserError
from tombench.schema import Metric
from tombench.summary.sparsity_mechanism import Mechanism, mechanism_of

TASK = "Sparsity"
"""The class of the task, as a run's identity names it."""
MECHANISM = "mechanism.json"
SETTINGS = ("suite", "objective", "score", "chosen", "definition", "scope", "replacement")
"""The task's fields that say what is masked; the study's own are objective=study, definition=study
and replacement=study_mean."""


@dataclass(frozen=True)
class Effect:
    """What masks of one kind do to one measure at one m: masked less unmasked, paired by item."""

    mask: str  # tom, general
    m: str
    measure: str
    scale: str  # accuracy, margin (nats), nats
    value: float
    low: float | None
    high: float | None
    n: int
    clusters: int
    p: float
    p_holm: float


@dataclass(frozen=True)
class Null:
    """The effects of masks with seeds, and where the studied mask's lies among them."""

    seeds: tuple[float, ...]
    mean: float
    low: float  # 2.5 % and 97.5 % points
    high: float
    as_harmful: Metric
    percentile: float
    p: float


@dataclass(frozen=True)
class NullAt:
    """A null at one m."""

    mask: str  # random, matched
    m: str
    measure: str
    scale: str
    effect: float
    null: Null


@dataclass(frozen=True)
class Headline:
    """A measure's mean effect over the points."""

    measure: str
    scale: str
    points: tuple[str, ...]
    effect: Metric
    general: float | None
    nulls: Mapping[str, Null]


@dataclass(frozen=True)
class Verdict:
    """What may be said."""

    question: str
    scale: str
    answer: str  # yes, no, undecided
    why: str


@dataclass(frozen=True, eq=False)
class Masked:
    """A run under masks."""

    folder: Path
    repetitions: int  # answers drawn for a question of the tasks
    grid: tuple[str, ...]
    points: tuple[str, ...]
    settings: Mapping[str, str]
    by_m: Mapping[str, Mapping[str, Metric]]
    study: tuple[Mapping[str, Any], ...]  # flat columns, a row an m
    effects: tuple[Effect, ...]
    nulls: tuple[NullAt, ...]
    headline: tuple[Headline, ...]
    verdicts: tuple[Verdict, ...]
    mechanism: Mechanism | None = None

    def level(self, m: str, name: str) -> Metric | None:
        """A metric under the studied mask, where the run has it."""
        return self.by_m.get(m, {}).get(name)

    def effect(self, mask: str, m: str, measure: str, scale: str) -> Effect | None:
        """An effect, where the run has it."""
        found = (e for e in self.effects if (e.mask, e.m) == (mask, m))
        return next((e for e in found if (e.measure, e.scale) == (measure, scale)), None)

    def null(self, mask: str, m: str, measure: str, scale: str) -> Null | None:
        """A null, where the run has it."""
        found = (n for n in self.nulls if (n.mask, n.m) == (mask, m))
        return next((n.null for n in found if (n.measure, n.scale) == (measure, scale)), None)

    @property
    def told(self) -> str:
        """What was masked, in a few words."""
        return ", ".join(f"{name} {value}" for name, value in self.settings.items())


def masked_of(folder: Path, run: Mapping[str, Any], values: Mapping[str, Any]) -> Masked | None:
    """From a run's folder, run.json and metrics.json; None of another task's.

    Raises:
        UserError: its mechanism.json was changed by hand.
    """
    task = run["identity"]["task"]
    if task.get("class") != TASK or "sparsity" not in values:
        return None
    rows = values["sparsity"]
    return Masked(
        folder=folder,
        repetitions=task.get("repetitions") or 0,
        grid=tuple(rows["grid"]),
        points=tuple(rows["points"]),
        settings={name: str(task[name]) for name in SETTINGS if name in task},
        by_m={
            m: {name: Metric(**metric) for name, metric in metrics.items()}
            for m, metrics in values["groups"].get("m", {}).items()
        },
        study=tuple(rows["study"]),
        effects=tuple(Effect(**row) for row in rows["effects"]),
        nulls=tuple(NullAt(**{**row, "null": _null(row["null"])}) for row in rows["null"]),
        headline=tuple(_headline(row) for row in rows["headline"]),
        verdicts=tuple(Verdict(**row) for row in rows["verdict"]),
        mechanism=_mechanism(folder / MECHANISM),
    )


def _mechanism(path: Path) -> Mechanism | None:
    """None of a run that measured none."""
    if not path.is_file():
        return None
    try:
        return mechanism_of(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path}: not as a run writes it ({error!r}); delete it to do without its figures, or "
            "run the evaluation again with rerun=true"
        ) from error


def _headline(row: Mapping[str, Any]) -> Headline:
    return Headline(
        row["measure"],
        row["scale"],
        tuple(row["points"]),
        Metric(**row["effect"]),
        row["general"],
        {kind: _null(null) for kind, null in row["nulls"].items()},
    )


def _null(row: Mapping[str, Any]) -> Null:
    told = {"seeds": tuple(row["seeds"]), "as_harmful": Metric(**row["as_harmful"])}
    return Null(**{**row, **told})
