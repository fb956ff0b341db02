"""stage=eval: put a task's items to a model, score the answers, keep every record.

tombench stage=eval task=vignettes model=tiny prompting=cot
"""

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass as checked

from tombench import processes
from tombench.backends.responses.server import cache_folder
from tombench.config import build, identity_hash
from tombench.errors import RunFailed, gathered
from tombench.provenance import facts, hardware
from tombench.records import RunFolder, open_run
from tombench.runs import METRICS, RECORDS
from tombench.schema import STRICT, Record
from tombench.stages.answering import Answered, Work, assist, lead
from tombench.stages.base import log_into
from tombench.stages.given import has_given_answers, refuse_without_answers, score_given
from tombench.stages.job import Job
from tombench.stages.plan import show_plan
from tombench.writing import file_sha256, pretty

logger = logging.getLogger("tombench")


@checked(frozen=True, config=STRICT)
class Evaluate:
    """Items, responses, scores, metrics: `run` reads in that order."""

    uses: ClassVar[tuple[str, ...]] = (
        "task",
        "model",
        "backend",
        "prompting",
        "policy",
        "large",
        "untuned",
        "generation",
        "limit",
        "cache",
    )
    several_processes: ClassVar[bool] = True  # shares its work over a launch of torchrun

    def run(self, config: DictConfig) -> Path | None:
        task = build(config, "task")
        refuse_without_answers(config, task)
        if has_given_answers(task):
            return score_given(config, task) if processes.place().leads else None
        team = None if config.dry_run else processes.team()  # first: the others listen for it
        job = Job.of(config)
        _, _, items = gathered(
            job.check,
            lambda: config.cache and job.pinned(),
            job.task.items,
        )
        items = items[: config.limit]
        requests = [job.task.requests(item, job.setting) for item in items]
        if team is None:
            show_plan(job.preview(), requests)
            return None
        identity = job.identity(config)
        load = partial(job.server, cache_folder(config.cache))
        work = Work(items, requests, load, job.score, identity_hash(identity))
        if not team.leads:
            return assist(work, team)
        parent = Path(config.output_root) / "eval" / job.task.name / job.folder
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
                job.conclude(run, answered.server)
                _conclude(job, run, answered)
            job.show(run.path)
        return run.path


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
    digest = file_sha256(run.path / RECORDS)
    run.finish(hardware=hardware(), **counts, usage=answered.usage, records_sha256=digest)
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
