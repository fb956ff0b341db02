"""stage=eval of answers that files hold: they are scored, and no model is asked.

tombench stage=eval task=vignettes task.answers=FILES task.data=scenarios.json
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from omegaconf import DictConfig

from tombench import __version__
from tombench.config import plain
from tombench.errors import UserError
from tombench.provenance import facts, hardware
from tombench.records import open_run
from tombench.runs import METRICS
from tombench.schema import Metric, Record
from tombench.shards import settle
from tombench.stages.base import log_into
from tombench.summary.tables import interval_text
from tombench.tasks.base import Metrics, Task
from tombench.terminal import print_table
from tombench.writing import pretty

FOLDER = "answers"
"""Stands where the model's name stands in the run folder's path."""

logger = logging.getLogger("tombench")


class TaskOfGivenAnswers(Task, Protocol):
    """A task that can score what files hold."""

    not_identity: frozenset[str]

    def given_digest(self) -> str | None: ...

    def given_records(self, limit: int | None = None) -> list[Record]: ...

    def given_metrics(self, records: Sequence[Record]) -> Metrics: ...


def has_given_answers(task: Task) -> bool:
    """Are this task's answers in files?"""
    return getattr(task, "answers", None) is not None


def score_given(config: DictConfig, task: TaskOfGivenAnswers) -> Path | None:
    """Score the answers into a run folder, and show what they come to, cell by cell."""
    records = task.given_records(config.limit)
    if not records:
        raise UserError("task.answers: the files hold no answer to any scenario")
    metrics = task.given_metrics(records)
    if config.dry_run:
        print(f"answers    {len(records)}\n\nnothing was written (dry_run=true)")
        return None
    parent = Path(config.output_root) / "eval" / task.name / FOLDER
    known = facts(config) | {"label": FOLDER}
    with open_run(parent, _identity(config, task), known, config.rerun) as run:
        if run.finished:
            logger.info("finished before; nothing to do (rerun=true runs it again)")
        else:
            with log_into(run.path):
                recorded = {record.id for record in settle(run.path)}
                run.append([record for record in records if record.id not in recorded])
                whole = {"metrics": metrics.metrics, "groups": metrics.groups, **metrics.extra}
                run.write(METRICS, pretty(whole))
                run.finish(hardware=hardware(), records=len(records))
        _show(metrics)
    return run.path


def _identity(config: DictConfig, task: TaskOfGivenAnswers) -> dict[str, Any]:
    fields = {k: v for k, v in plain(task).items() if k not in task.not_identity}
    digests = {"data": task.data_digest(), "answers": task.given_digest()}
    return {
        "stage": "eval",
        "version": __version__,
        "task": {"class": type(task).__name__} | fields | digests,
        "limit": config.limit,
    }


def _show(metrics: Metrics) -> None:
    """Accuracy of each cell, and how far it is from the counts by hand."""
    cells: Mapping[str, Mapping[str, Mapping[str, Metric]]] = metrics.extra["cells"]
    hand = metrics.extra.get("hand_counts")
    rows = []
    for model, by_prompting in cells.items():
        for prompting, found in by_prompting.items():
            by_hand = (hand or {"by_cell": {}})["by_cell"].get(model, {}).get(prompting)
            row = [model, prompting, interval_text(found["accuracy"])]
            row += [f"{by_hand['by_hand']:.2f}"] if by_hand else ["–"] if hand else []
            rows.append([*row, interval_text(found["unparsed"]), str(found["accuracy"].n)])
    header = ["Model", "Prompting", "accuracy", *(["by hand"] if hand else []), "unparsed", "n"]
    print_table("Answers that files hold", header, rows)
    if hand:
        print(
            f"  mean absolute difference to the counts by hand: "
            f"{hand['cells']['mean_absolute_difference']:.4f} over {hand['cells']['n']} cells, "
            f"{hand['scenarios']['mean_absolute_difference']:.2f} right answers over "
            f"{hand['scenarios']['n']} scenarios"
        )
