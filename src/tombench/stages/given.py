"""stage=eval of answers that files hold: they are scored, and no model is asked.

tombench stage=eval task=vignettes task.answers=FILES task.data=scenarios.json
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from omegaconf import DictConfig

from tombench import __version__
from tombench.errors import UserError
from tombench.provenance import facts, hardware
from tombench.records import RunFolder, open_run
from tombench.runs import METRICS, RECORDS
from tombench.schema import Metric, Record
from tombench.shards import settle
from tombench.stages.base import log_into
from tombench.summary.tables import interval_text
from tombench.tasks.base import Metrics, Task
from tombench.terminal import print_table
from tombench.writing import file_sha256, pretty

FOLDER = "answers"
"""Stands where the model's name stands in the run folder's path."""

WORST = 3  # scenarios that are told

logger = logging.getLogger("tombench")


class TaskOfGivenAnswers(Task, Protocol):
    """A task that can score what files hold."""

    def rules_digest(self) -> str: ...

    def given_identity(self) -> Mapping[str, str]: ...

    def given_records(self, limit: int | None = None) -> list[Record]: ...

    def given_metrics(self, records: Sequence[Record]) -> Metrics: ...

    # Where what is shown is no accuracy by prompting, `given_shown(values)` shows metrics.json.


def has_given_answers(task: Task) -> bool:
    """Are this task's answers in files?"""
    return getattr(task, "answers", None) is not None


def refuse_without_answers(config: DictConfig, task: Task) -> None:
    """An experiment on answers in files asks no model in their place.

    Raises:
        UserError: it is one, and no files are named.
    """
    expected = config.get("expected")
    if expected is not None and expected.get("answers_only") and not has_given_answers(task):
        raise UserError(
            f"task.answers is not set: experiment={expected.name} is of answers that files hold; "
            "give task.answers=FOLDER"
        )


def score_given(config: DictConfig, task: TaskOfGivenAnswers) -> Path | None:
    """Score the answers into a run folder, and show what stands in it, cell by cell.

    What was scored before, by these rules, is shown and not scored again.
    """
    if config.dry_run:
        print(f"answers    {len(_records(config, task))}\n\nnothing was written (dry_run=true)")
        return None
    parent = Path(config.output_root) / "eval" / task.name / FOLDER
    known = facts(config) | {"label": FOLDER}
    with open_run(parent, identity_of_given(config, task), known, config.rerun) as run:
        if run.finished:
            logger.info("finished before; nothing to do (rerun=true runs it again)")
        else:
            _score(config, task, run)
        show = getattr(task, "given_shown", _show)
        show(json.loads((run.path / METRICS).read_text(encoding="utf-8")))
    return run.path


def _records(config: DictConfig, task: TaskOfGivenAnswers) -> list[Record]:
    records = task.given_records(config.limit)
    if not records:
        raise UserError("task.answers: the files hold no answer to any scenario")
    return records


def _score(config: DictConfig, task: TaskOfGivenAnswers, run: RunFolder) -> None:
    records = _records(config, task)
    metrics = task.given_metrics(records)  # first: it refuses counts by hand that do not fit
    with log_into(run.path):
        recorded = {record.id for record in settle(run.path)}
        run.append([record for record in records if record.id not in recorded])
        whole = {"metrics": metrics.metrics, "groups": metrics.groups, **metrics.extra}
        run.write(METRICS, pretty(whole))
        digest = file_sha256(run.path / RECORDS)
        run.finish(hardware=hardware(), records=len(records), records_sha256=digest)


def identity_of_given(config: DictConfig, task: TaskOfGivenAnswers) -> dict[str, Any]:
    """All that can change a record or a metric: no model, and no way to put items to one."""
    return {
        "stage": "eval",
        "version": __version__,
        "rules": task.rules_digest(),
        "task": {"class": type(task).__name__, **task.given_identity()},
        "limit": config.limit,
    }


def _show(values: Mapping[str, Any]) -> None:
    """Accuracy of each cell, and how far it is from the counts by hand, as metrics.json has it."""
    hand = values.get("hand_counts")
    rows = []
    for model, by_prompting in values["cells"].items():
        for prompting, found in by_prompting.items():
            accuracy, unparsed = (Metric(**found[name]) for name in ("accuracy", "unparsed"))
            by_hand = (hand or {"by_cell": {}})["by_cell"].get(model, {}).get(prompting)
            row = [model, prompting, interval_text(accuracy)]
            row += [f"{by_hand['by_hand']:.2f}"] if by_hand else ["–"] if hand else []
            rows.append([*row, interval_text(unparsed), str(accuracy.n)])
    header = ["Model", "Prompting", "accuracy", *(["by hand"] if hand else []), "unparsed", "n"]
    print_table("Answers that files hold", header, rows)
    if hand:
        print(
            f"  mean absolute difference to the counts by hand: "
            f"{hand['cells']['mean_absolute_difference']:.4f} over {hand['cells']['n']} cells, "
            f"{hand['scenarios']['mean_absolute_difference']:.2f} right answers over "
            f"{hand['scenarios']['n']} scenarios of cells"
        )
        worst = sorted(_apart(hand["by_scenario"]), key=lambda row: -row[0])[:WORST]
        if worst and worst[0][0] > 0:
            print("  furthest apart:")
            for apart, text in worst:
                if apart > 0:
                    print(f"    {text}")


def _apart(by_scenario: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
    """How far each scenario of each cell is from the count by hand, and that in words."""
    for model, by_prompting in by_scenario.items():
        for prompting, rows in by_prompting.items():
            for row in rows:
                counts = f"{row['ours']:g} of {row['answers']} right, by hand {row['by_hand']:g}"
                text = f"scenario {row['scenario']} of {model}, {prompting}: {counts}"
                yield abs(row["ours"] - row["by_hand"]), text
