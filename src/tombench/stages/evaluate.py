"""stage=eval: put a task's items to a model, score the answers, keep every record.

tombench stage=eval task=vignettes model=tiny prompting=cot
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass as checked

from tombench import __version__
from tombench.backends.base import Backend, Server, answer
from tombench.config import build, plain
from tombench.errors import RunFailed, gathered
from tombench.models.base import Model
from tombench.progress import progress
from tombench.provenance import facts, hardware
from tombench.records import RunFolder, open_run
from tombench.runs import METRICS
from tombench.schema import STRICT, Item, Metric, Record, Request
from tombench.stages.base import log_into
from tombench.stages.plan import show_plan
from tombench.summary.tables import interval_text
from tombench.tasks.base import Setting, Task
from tombench.writing import pretty

logger = logging.getLogger("tombench")


@checked(frozen=True, config=STRICT)
class Evaluate:
    """Items, responses, scores, metrics: `run` reads in that order."""

    uses: ClassVar[tuple[str, ...]] = (
        "task",
        "model",
        "backend",
        "prompting",
        "generation",
        "limit",
    )

    def run(self, config: DictConfig) -> Path | None:
        job = Job.of(config)
        _, items = gathered(lambda: job.backend.check(job.model), job.task.items)
        items = items[: config.limit]
        requests = [job.task.requests(item, job.setting) for item in items]
        if config.dry_run:
            show_plan(job.backend.preview(job.model), requests)
            return None
        parent = Path(config.output_root) / "eval" / job.task.name / job.model.name
        known = facts(config) | {"label": job.setting.model}
        with open_run(parent, job.identity(config), known, config.rerun) as run:
            if run.finished:
                logger.info("finished before; nothing to do (rerun=true runs it again)")
                _headline(job, run.path)
                return run.path
            with log_into(run.path):
                records = _answer(job, run, items, requests, config.quiet)
                _refuse_if_none_was_asked(records)
                records.sort(key=lambda record: record.id)  # sums round alike after a resume
                metrics = job.task.metrics(records, job.setting)
                run.write(METRICS, pretty(metrics_file(metrics)))
                run.finish(hardware=hardware(), records=len(records))
                logger.debug("finished: %d records", len(records))
                _log_outcome(records)
            _headline(job, run.path)
        return run.path


@dataclass(frozen=True)
class Job:
    """The components of one evaluation."""

    task: Task
    model: Model
    backend: Backend
    setting: Setting

    @classmethod
    def of(cls, config: DictConfig) -> "Job":
        task, model, backend = (build(config, key) for key in ("task", "model", "backend"))
        setting = Setting(
            prompting=build(config, "prompting"),
            sampling=build(config, "generation").over(task.sampling),
            seed=config.seed,
            model=backend.label(model),
        )
        return cls(task, model, backend, setting)

    def identity(self, config: DictConfig) -> dict[str, Any]:
        """Everything that can change a record or a metric, and nothing else."""
        fixed = {
            key: value
            for key, value in plain(self.backend).items()
            if key not in self.backend.not_identity
        }
        return {
            "stage": "eval",
            "version": __version__,
            "task": {"class": type(self.task).__name__}
            | plain(self.task)
            | {"data": self.task.data_digest()},
            "backend": {"class": type(self.backend).__name__} | fixed,
            "model": self.backend.model_identity(self.model),
            "prompting": plain(self.setting.prompting),
            "generation": plain(self.setting.sampling),
            "seed": self.setting.seed,
            "limit": config.limit,
        }


def metrics_file(metrics: Any) -> dict[str, Any]:
    """What metrics.json holds: metrics, groups, and what the task adds at the top level."""
    return {"metrics": metrics.metrics, "groups": metrics.groups, **metrics.extra}


def _answer(
    job: Job,
    run: RunFolder,
    items: Sequence[Item],
    requests: Sequence[Sequence[Request]],
    quiet: bool,
) -> list[Record]:
    """Answer every batch that is not yet recorded; all records of the run.

    The batches are planned from all items, so a resumed run replays the same plan. A batch is
    written at one stroke; whether the last one of a killed run is whole cannot be told, so it is
    answered again and only what is missing is added.
    """
    records = run.records()
    recorded = {record.id for record in records}
    whole = {record.item for record in records} - {record.item for record in records[-1:]}
    logger.debug("%d items; %d records were there", len(items), len(records))
    server = job.backend.load(job.model)
    with progress(f"{job.task.name} · {job.setting.model}", len(items), quiet=quiet) as bar:
        for batch in server.batches(requests):
            if not {items[i].id for i in batch} <= whole:
                fresh = _score_batch(
                    job, server, [items[i] for i in batch], [requests[i] for i in batch]
                )
                missing = [record for record in fresh if record.id not in recorded]
                run.append(missing)
                records += missing
            bar.advance(len(batch))
    return records


def _score_batch(
    job: Job, server: Server, items: Sequence[Item], requests: Sequence[Sequence[Request]]
) -> list[Record]:
    responses = answer(server, requests)
    return [
        record
        for item, asked, answered in zip(items, requests, responses, strict=True)
        for record in job.task.score(item, asked, answered)
    ]


def _refuse_if_none_was_asked(records: Sequence[Record]) -> None:
    if records and all(record.error for record in records):
        raise RunFailed(f"none of {len(records)} records could be asked: {records[0].error}")


def _headline(job: Job, folder: Path) -> None:
    """Who was asked how, and the score, in one line; where the task has an accuracy."""
    metrics = json.loads((folder / METRICS).read_text(encoding="utf-8"))["metrics"]
    if "accuracy" in metrics:
        score = f"accuracy {interval_text(Metric(**metrics['accuracy']))}"
        constant = metrics.get("baseline/majority")
        beside = f", best constant answer {constant['value']:.2f}" if constant else ""
        print(f"{job.setting.model}, {job.setting.prompting.name}: {score}{beside}")


def _log_outcome(records: Sequence[Record]) -> None:
    failed = [record for record in records if record.error]
    if failed:
        logger.warning(
            "%d of %d records could not be asked and count as wrong; the first: %s",
            len(failed),
            len(records),
            failed[0].error,
        )
