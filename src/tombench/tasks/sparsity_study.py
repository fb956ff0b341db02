"""The study's columns by m: cells whose drawn answers all begin with the right word.

Source: joel-wu/how-large-language-models-encode-theory-of-mind, `ToM_and_perplexity_evaluation.py`
and `summarize.py`; its `unexpected` is `contents` here. Beside each column stand false-belief cells
and control cells apart: in three of four cells belief and reality agree, so who always says what is
so gets 75 % of contents and of transfer, and no false-belief cell.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tombench.schema import Record
from tombench.tasks.story_units import FALSE_BELIEF

PROMPTS = {"contents": 2, "transfer": 2, "irony": 1}
"""Prompts a cell, by paradigm."""
CELLS = ("contents", "transfer", "irony")
APART = tuple(f"{name}_{part}" for name in CELLS[:2] for part in ("false_belief", "control"))
"""What the study's score is made of: cells that need theory of mind, and cells that do not."""
BOTH = "avg_percent_unexpected_transfer"


@dataclass(frozen=True)
class CellCount:
    """How many cells are right, on average over repetitions."""

    cells: int  # that were asked whole in a repetition
    total_mean: float
    total_var: float  # n − 1 in the denominator; 0 of one repetition
    percent_mean: float  # of `cells`
    percent_var: float


@dataclass(frozen=True)
class StudyRow:
    """All columns at one m."""

    m: str
    repetitions: int
    counts: Mapping[str, CellCount]  # by CELLS and APART, those that were asked
    avg_percent: float | None  # mean over repetitions of (contents % + transfer %) / 2
    perplexity: float | None  # as the study averages it

    @property
    def columns(self) -> dict[str, Any]:
        """Flat: contents_total_mean, contents_total_var, contents_percent_mean, …, and
        avg_percent_unexpected_transfer, named as the study's own."""
        counted = {
            f"{name}_{field}": value
            for name, count in self.counts.items()
            for field, value in vars(count).items()
        }
        whole = {"m": self.m, "repetitions": self.repetitions}
        return whole | counted | {BOTH: self.avg_percent, "perplexity": self.perplexity}


def study_rows(
    records: Iterable[Record], perplexities: Mapping[str, float | None]
) -> list[StudyRow]:
    """A row for each m that answers were drawn at, rising.

    Args:
        records: of a run; those of its drawn answers to tasks count, under no mask or the one
            that is studied.
        perplexities: the study's, by m.
    """
    drawn: dict[str, list[Record]] = {}
    for record in records:
        if _counts(record):
            drawn.setdefault(record.condition["m"], []).append(record)
    return [_row(m, drawn[m], perplexities.get(m)) for m in sorted(drawn, key=float)]


def _counts(record: Record) -> bool:
    condition = record.condition
    studied = condition["part"] == "tasks" and condition["mask"] in ("none", "tom")
    return studied and record.repetition > 0


def _row(m: str, records: Sequence[Record], perplexity: float | None) -> StudyRow:
    right = _cells(records)
    totals = {name: _totals(right, name) for name in (*CELLS, *APART)}
    percents = {
        name: {number: 100 * float(np.mean(cells)) for number, cells in found.items()}
        for name, found in totals.items()
    }
    both = [
        (percents["contents"][number] + percents["transfer"][number]) / 2
        for number in percents["contents"]
        if number in percents["transfer"]
    ]
    return StudyRow(
        m,
        len({record.repetition for record in records}),
        {name: _count(found, percents[name]) for name, found in totals.items() if found},
        float(np.mean(both)) if both else None,
        perplexity,
    )


Cell = tuple[int, str, str]
"""Repetition, paradigm, and the cell's name."""


def _cells(records: Iterable[Record]) -> dict[Cell, list[bool]]:
    """Of cells that were asked whole: are all first words right?"""
    asked: dict[tuple[Cell, str, str], list[bool]] = {}
    for record in records:
        told = record.condition
        cell = (record.repetition, told["paradigm"], told["cell"])
        key = (cell, told["variant"], record.cluster)
        asked.setdefault(key, []).append(record.score.value == 1)
    found: dict[Cell, list[bool]] = {}
    for (cell, _, _), answers in asked.items():
        if len(answers) == PROMPTS[cell[1]]:
            found.setdefault(cell, []).append(all(answers))
    return found


def _totals(right: Mapping[Cell, list[bool]], name: str) -> dict[int, list[bool]]:
    """The cells of a column, by repetition."""
    found: dict[int, list[bool]] = {}
    for (repetition, paradigm, cell), cells in right.items():
        part = "false_belief" if cell == FALSE_BELIEF else "control"
        if name in (paradigm, f"{paradigm}_{part}"):
            found.setdefault(repetition, []).extend(cells)
    return found


def _count(cells: Mapping[int, list[bool]], percents: Mapping[int, float]) -> CellCount:
    totals = [sum(found) for found in cells.values()]
    shares = list(percents.values())
    return CellCount(
        max(len(found) for found in cells.values()),
        float(np.mean(totals)),
        _variance(totals),
        float(np.mean(shares)),
        _variance(shares),
    )


def _variance(values: Sequence[float]) -> float:
    return float(np.var(values, ddof=1)) if len(values) > 1 else 0.0
