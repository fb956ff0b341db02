"""stage=prepare: make what a task needs beside its evaluations: label sheets, data, gradients.

tombench stage=prepare task=vignettes task.label_sheet=outputs/eval/vignettes/tiny/v0001
"""

import logging
from pathlib import Path
from typing import ClassVar

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass as checked

from tombench.config import build
from tombench.provenance import facts, hardware
from tombench.records import open_run
from tombench.schema import STRICT
from tombench.stages.base import log_into
from tombench.stages.job import Job
from tombench.tasks.preparation import Preparable, Preparation, preparation_identity

logger = logging.getLogger("tombench")


@checked(frozen=True, config=STRICT)
class Prepare:
    """Ask the task what it has to prepare, and make that in a run folder."""

    uses: ClassVar[tuple[str, ...]] = ("task",)

    def run(self, config: DictConfig) -> Path | None:
        task = build(config, "task")
        hint = task.prepares if isinstance(task, Preparable) else ""
        preparation = _preparation(config, task) if hint else None
        if preparation is None:
            print(f"task={task.name}: nothing to prepare{hint and f'; {hint}'}")
            return None
        identity = preparation_identity(task.name, preparation.identity(), config.seed)
        if config.dry_run:
            print("\n".join([*preparation.plan(), "nothing was written (dry_run=true)"]))
            return None
        parent = Path(config.output_root) / "prepare" / task.name
        with open_run(parent, identity, facts(config), config.rerun) as run:
            if run.finished:
                logger.info("finished before; nothing to do (rerun=true runs it again)")
            else:
                with log_into(run.path):
                    preparation.make(run)
                    run.finish(hardware=hardware())
        preparation.show(run)
        return run.path


def _preparation(config: DictConfig, task: Preparable) -> Preparation | None:
    """What the task prepares; of a model where it reads one."""
    if not getattr(task, "prepares_with", ()):
        return task.preparation(config.seed)
    job = Job.of(config)
    job.check()
    return job.task.preparation_for(job.backend, job.model, config.seed)
