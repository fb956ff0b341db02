"""Forced choices under every mask, side by side: an item's answers under two masks are a pair."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tombench.schema import Record
from tombench.tasks.sparsity_conditions import Condition
from tombench.tasks.story_units import FALSE_BELIEF

Scale = Literal["accuracy", "margin", "nats"]
"""accuracy: 1 right, 0 wrong, a tie its part. margin: log p of the right option less that of the
most probable other one, nats. nats: a text's negative log-likelihood a predicted token."""

SCALES: tuple[Scale, ...] = ("accuracy", "margin")
BELIEF = ("belief", "action")
PARTS = ("tasks", "specificity", "further")
CONTROLS = ("true_belief", "reality", "memory")
"""Measures whose questions, pooled by item, are the controls."""
MEASURES = ("false_belief", *CONTROLS, "specificity_reality", "controls")


@dataclass(frozen=True, eq=False)
class Answers:
    """Forced choices by condition and item; NaN where an item was not, or could not be, asked."""

    conditions: tuple[Condition, ...]
    clusters: np.ndarray  # of each item its cluster's number, from 0 on [items]
    strata: np.ndarray  # of each cluster its part's number: tasks, specificity, further tasks
    measures: Mapping[str, np.ndarray]  # by name: which items it is of [items]
    values: Mapping[Scale, np.ndarray]  # [conditions, items]

    def place(self, condition: Condition) -> int | None:
        """Its row; None where it was not run."""
        return self.conditions.index(condition) if condition in self.conditions else None


def condition_of(record: Record) -> Condition:
    """The mask that a record was answered under."""
    told = record.condition
    seed = int(told["mask_seed"]) if told["mask_seed"] else None
    return Condition(told["mask"], float(told["m"]), seed)


def answers_of(records: Iterable[Record]) -> Answers:
    """All forced choices (repetition 0) of a run that count in a measure."""
    forced = [r for r in records if r.repetition == 0 and measure_of(r.condition)]
    asked = {_item(record): record for record in forced}
    names = sorted(asked)
    columns = {name: place for place, name in enumerate(names)}
    rows = {condition: n for n, condition in enumerate(dict.fromkeys(map(condition_of, forced)))}
    right = np.full((len(rows), len(columns)), np.nan)
    margins = right.copy()
    for record in forced:
        if record.error is None:
            place = rows[condition_of(record)], columns[_item(record)]
            right[place], margins[place] = record.score.value, margin(record)
    found = [_cluster(asked[name]) for name in names]
    clusters = sorted(set(found))
    numbers = {cluster: number for number, cluster in enumerate(clusters)}
    strata = sorted({stratum for stratum, _ in clusters})
    return Answers(
        tuple(rows),
        np.array([numbers[cluster] for cluster in found], dtype=int),
        np.array([strata.index(stratum) for stratum, _ in clusters], dtype=int),
        _members([asked[name] for name in names]),
        {"accuracy": right, "margin": margins},
    )


def margin(record: Record) -> float:
    """log p of the right option less the largest of the others, nats; NaN where there is none."""
    others = [value for option, value in record.log_probs.items() if option != record.target]
    if record.target not in record.log_probs or not others:
        return float("nan")
    return record.log_probs[record.target] - max(others)


def measure_of(condition: Mapping[str, str]) -> str | None:
    """The measure that a question counts in; None of irony's, and of a text."""
    question = condition.get("question_type", "")
    if condition["part"] == "perplexity":
        return None
    if condition["part"] == "further":
        return f"further/{condition['task']}"
    if condition["part"] == "specificity":
        return "memory" if question == "memory" else f"specificity_{question}"
    if question in BELIEF:
        return "false_belief" if condition["cell"] == FALSE_BELIEF else "true_belief"
    return "reality" if question == "reality" else None


def _members(asked: Sequence[Record]) -> dict[str, np.ndarray]:
    """Which items each measure is of, those measures that have any."""
    own = np.array([str(measure_of(record.condition)) for record in asked], dtype=object)
    found = {name: own == name for name in (*MEASURES, *sorted({*own} - {*MEASURES}))}
    found["controls"] = np.isin(own, CONTROLS)
    return {name: members for name, members in found.items() if members.any()}


def _item(record: Record) -> tuple[str, str]:
    """Its part and its id under every mask: what stands before the first slash names the mask."""
    return record.condition["part"], record.item.partition("/")[2]


def _cluster(record: Record) -> tuple[tuple[int, str], str]:
    """Its stratum, and its name."""
    part = record.condition["part"]
    return (PARTS.index(part), record.condition.get("task", "")), record.cluster
