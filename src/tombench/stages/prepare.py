"""stage=prepare: make what a task needs beside its evaluations: label sheets, data, gradients.

tombench stage=prepare task=vignettes task.label_sheet=outputs/eval/vignettes/tiny/v0001
"""

import logging
from pathlib import Path
from typing import ClassVar

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass as checked

from tombench import __version__
from tombench.config import build
from tombench.provenance import facts, hardware
from tombench.records import open_run
from tombench.schema import STRICT
from tombench.stages.base import log_into
from tombench.tasks.preparation import Preparable

logger = logging.getLogger("tombench")


@checked(frozen=True, config=STRICT)
class Prepare:
    """Ask the task what it has to prepare, and make that in a run folder."""

    uses: ClassVar[tuple[str, ...]] = ("task",)

    def run(self, config: DictConfig) -> Path | None:
        task = build(config, "task")
        hint = task.prepares if isinstance(task, Preparable) else ""
        preparation = task.preparation(config.seed) if hint else None
        if preparation is None:
            print(f"task={task.name}: nothing to prepare{hint and f'; {hint}'}")
            return None
        identity = {
            "stage": "prepare",
            "version": __version__,
            "task": {"name": task.name} | dict(preparation.identity()),
            "seed": config.seed,
        }
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
