"""The records of collected runs, each file read once: tidy rows, and scores by item."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from tombench.runs import read_records
from tombench.schema import Record
from tombench.statistics.components import WordingVariance, wording_variance
from tombench.summary.collect import EvaluatedRun

CELL = ("model", "prompting")
"""Factors of a record's condition that name its cell, where a run holds several."""


@dataclass(frozen=True)
class ItemScores:
    """A run's scores by independent item (a cluster), repetitions and wordings averaged."""

    means: Mapping[str, float]
    targets: Mapping[str, str]  # the right answer; not of clusters in which it differs
    answers: Mapping[str, int]  # by item id, how many: what runs must share to be paired
    wording: WordingVariance | None
    items: Mapping[str, float]  # mean score by item id
    clusters: Mapping[str, str]  # the cluster of each item id

    def shares_items(self, other: "ItemScores") -> bool:
        """Were the same items put as often to both?"""
        return self.answers == other.answers and self.targets == other.targets


@dataclass(frozen=True)
class Answers:
    """What all runs' records come to."""

    rows: list[dict[str, Any]]  # one flat row a record, its run's columns first
    scores: Sequence[ItemScores]  # one a run, in the order of the runs


def read_answers(runs: Sequence[EvaluatedRun]) -> Answers:
    """Read every run's records; the runs of one folder share one reading.

    Raises:
        UserError: a file of records was changed by hand; says where.
    """
    rows: list[dict[str, Any]] = []
    scores: dict[int, ItemScores] = {}
    places = sorted(range(len(runs)), key=lambda place: str(runs[place].folder))
    for _, together in groupby(places, key=lambda place: runs[place].folder):
        for place, records in _parted(runs, list(together)):
            scores[place] = item_scores(records)
            rows += (_flat(runs[place], record) for record in records)
    return Answers(rows, [scores[place] for place in range(len(runs))])


def item_scores(records: Sequence[Record]) -> ItemScores:
    """Scores of one run's records by independent item."""
    totals: dict[str, float] = {}
    counts: dict[str, int] = {}
    answers: dict[str, int] = {}
    targets: dict[str, set[str]] = {}
    by_item: dict[str, float] = {}
    clusters: dict[str, str] = {}
    for record in records:
        name = record.cluster
        totals[name] = totals.get(name, 0.0) + record.score.value
        counts[name] = counts.get(name, 0) + 1
        answers[record.item] = answers.get(record.item, 0) + 1
        by_item[record.item] = by_item.get(record.item, 0.0) + record.score.value
        clusters[record.item] = name
        targets.setdefault(name, set()).add(str(record.target))
    return ItemScores(
        means={name: totals[name] / counts[name] for name in sorted(totals)},
        targets={name: found.pop() for name, found in targets.items() if len(found) == 1},
        answers=answers,
        wording=wording_variance(records),
        items={item: by_item[item] / answers[item] for item in sorted(by_item)},
        clusters=clusters,
    )


def tidy_metrics(runs: Sequence[EvaluatedRun]) -> list[dict[str, Any]]:
    """One row a metric of all runs."""
    return [
        _columns(run)
        | {
            "metric": name,
            "value": metric.value,
            "low": metric.low,
            "high": metric.high,
            "n": metric.n,
            "clusters": metric.clusters,
            "run": str(run.folder),
        }
        for run in runs
        for name, metric in run.metrics.items()
    ]


def _parted(
    runs: Sequence[EvaluatedRun], places: Sequence[int]
) -> Iterator[tuple[int, list[Record]]]:
    """Each run of one folder with its own records."""
    records = read_records(runs[places[0]].folder)
    if not runs[places[0]].one_of_several:
        yield places[0], records
        return
    by_cell: dict[tuple[str | None, ...], list[Record]] = {}
    for record in records:
        cell = tuple(record.condition.get(factor) for factor in CELL)
        by_cell.setdefault(cell, []).append(record)
    for place in places:
        yield place, by_cell.get((runs[place].model, runs[place].prompting), [])


def _columns(run: EvaluatedRun) -> dict[str, Any]:
    return {
        "task": run.task,
        "model": run.model,
        "prompting": run.prompting,
        "variant": run.variant,
    }


def _flat(run: EvaluatedRun, record: Record) -> dict[str, Any]:
    row = _columns(run) | {
        "id": record.id,
        "item": record.item,
        "repetition": record.repetition,
        "cluster": record.cluster,
        "target": record.target,
        "answer": record.score.answer,
        "score": record.score.value,
        "category": record.score.category,
        "needs_review": record.score.needs_review,
        "reason": record.score.reason,
        "truncated": record.truncated,
        "tokens": record.tokens,
        "thinking_tokens": record.thinking_tokens,
        "error": record.error,
        "response": record.response,
    }
    if run.stories or run.planner:  # options, or scorers, of its own: no columns
        row |= {"log_probs": json.dumps(record.log_probs, ensure_ascii=False)}
    else:
        row |= {f"log_prob_{option}": value for option, value in record.log_probs.items()}
    row |= {f"condition_{k}": v for k, v in record.condition.items() if k not in CELL}
    return row | {"run": str(run.folder)}
