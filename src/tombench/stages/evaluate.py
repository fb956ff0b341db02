"""stage=eval: put a task's items to a model, score the answers, keep every record.

tombench stage=eval task=vignettes model=tiny prompting=cot
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass as checked

from tombench import __version__, processes
from tombench.backends.base import Backend, Server
from tombench.backends.responses.key import responder
from tombench.backends.responses.server import cache_folder, with_cache
from tombench.config import build, identity_hash, plain
from tombench.errors import RunFailed, gathered
from tombench.models.base import Model
from tombench.provenance import facts, hardware
from tombench.records import RunFolder, open_run
from tombench.runs import METRICS
from tombench.schema import STRICT, Metric, Record
from tombench.stages.answering import Answered, Work, assist, lead
from tombench.stages.base import log_into
from tombench.stages.given import has_given_answers, score_given
from tombench.stages.headline import headline
from tombench.stages.plan import show_plan
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
        "cache",
    )
    several_processes: ClassVar[bool] = True  # shares its work over a launch of torchrun

    def run(self, config: DictConfig) -> Path | None:
        task = build(config, "task")
        if has_given_answers(task):
            return score_given(config, task) if processes.place().leads else None
        team = None if config.dry_run else processes.team()  # first: the others listen for it
        job = Job.of(config)
        _, _, items = gathered(
            lambda: job.backend.check(job.model),
            lambda: config.cache and responder(job.backend, job.model),
            job.task.items,
        )
        items = items[: config.limit]
        requests = [job.task.requests(item, job.setting) for item in items]
        if team is None:
            show_plan(job.backend.preview(job.model), requests)
            return None
        identity = job.identity(config)
        load = partial(job.server, cache_folder(config.cache))
        work = Work(items, requests, load, job.task.score, identity_hash(identity))
        if not team.leads:
            return assist(work, team)
        parent = Path(config.output_root) / "eval" / job.task.name / job.model.name
        known = facts(config) | {"label": job.setting.model, "processes": team.here.world}
        with open_run(parent, identity, known, config.rerun) as run:
            if run.finished:
                team.tell("run", None)
                logger.info("finished before; nothing to do (rerun=true runs it again)")
                job.show(run.path)
                return run.path
            with log_into(run.path):
                label = f"{job.task.name} · {job.setting.model}"
                answered = lead(work, run, team, label, config.quiet)
                _conclude(job, run, answered)
            job.show(run.path)
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

    def server(self, cache: Path | None) -> Server:
        """The model, ready to answer; behind a cache, loaded only where that lacks something."""
        if cache is None:
            return self.backend.load(self.model)
        return with_cache(self.backend, self.model, cache)

    def identity(self, config: DictConfig) -> dict[str, Any]:
        """Everything that can change a record or a metric, and nothing else."""
        fixed = {
            key: value
            for key, value in plain(self.backend).items()
            if key not in self.backend.not_identity
        }
        unread = getattr(self.task, "not_identity", frozenset())
        unused = getattr(self.task, "unused", frozenset())
        rules = getattr(self.task, "rules_digest", None)  # of a task that reads free text
        return {
            "stage": "eval",
            "version": __version__,
            "rules": rules() if rules else None,
            "task": {"class": type(self.task).__name__}
            | {k: v for k, v in plain(self.task).items() if k not in unread}
            | {"data": self.task.data_digest()},
            "backend": {"class": type(self.backend).__name__} | fixed,
            "model": self.backend.model_identity(self.model),
            "prompting": None if "prompting" in unused else plain(self.setting.prompting),
            "generation": plain(self.setting.sampling),
            "seed": self.setting.seed,
            "limit": config.limit,
        }

    def show(self, folder: Path) -> None:
        """Who was asked how, and what came of it."""
        found = json.loads((folder / METRICS).read_text(encoding="utf-8"))["metrics"]
        metrics = {name: Metric(**metric) for name, metric in found.items()}
        drawn = getattr(self.task, "repetitions", None) != 0
        if lines := headline(metrics, drawn):
            print(f"{self.setting.model}, {self.asked}: " + "\n  ".join(lines))

    @property
    def asked(self) -> str:
        """How, or what where the task reads no prompting."""
        if "prompting" in getattr(self.task, "unused", ()):
            return f"{getattr(self.task, 'suite', self.task.name)} stories"
        return self.setting.prompting.name


def metrics_file(metrics: Any) -> dict[str, Any]:
    """What metrics.json holds: metrics, groups, and what the task adds at the top level."""
    return {"metrics": metrics.metrics, "groups": metrics.groups, **metrics.extra}


def _conclude(job: Job, run: RunFolder, answered: Answered) -> None:
    """From records to metrics; the run is finished."""
    _refuse_if_none_was_asked(answered.records)
    records = sorted(answered.records, key=lambda r: r.id)  # sums round alike after a resume
    metrics = job.task.metrics(records, job.setting)
    run.write(METRICS, pretty(metrics_file(metrics)))
    counts = {"records": len(records), "drawn": _drawn(records)}
    run.finish(hardware=hardware(), **counts, usage=answered.usage)
    logger.debug("finished: %d records", len(records))
    _log_outcome(records)


def _drawn(records: Sequence[Record]) -> dict[str, int]:
    """Tokens that the answers of all records took, and the thinking before them."""
    return {
        "answer_tokens": sum(record.tokens for record in records),
        "thinking_tokens": sum(record.thinking_tokens for record in records),
    }


def _refuse_if_none_was_asked(records: Sequence[Record]) -> None:
    if records and all(record.error for record in records):
        raise RunFailed(f"none of {len(records)} records could be asked: {records[0].error}")


def _log_outcome(records: Sequence[Record]) -> None:
    failed = [record for record in records if record.error]
    if failed:
        logger.warning(
            "%d of %d records could not be asked and count as wrong; the first: %s",
            len(failed),
            len(records),
            failed[0].error,
        )
