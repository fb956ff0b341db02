"""Marks that a sweep's jobs leave: one where a job begins, its outcome where it ends.

A job that ends, however badly, returns its outcome, also from another process or machine. One
that is killed returns nothing, and joblib then gives up the others with it: the marks tell which
had ended, and which had not begun.
"""

import hashlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from tombench.errors import UserError
from tombench.sweeps.outcome import Outcome

MARKS = "TOMBENCH_SWEEP"
"""Environment variable in which a sweep tells its jobs where they leave their marks."""

WAITS = (1.0, 2.0, 5.0, 10.0)
"""Seconds before a job looks again whether another process is still at its run; then the last."""

logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class Marks:
    """Those of one sweep."""

    folder: Path

    def begun(self, words: Sequence[str]) -> bool:
        """Has a job of these words begun?"""
        return self._of(words).exists()

    def begin(self, words: Sequence[str]) -> None:
        self._of(words).touch()

    def end(self, words: Sequence[str], outcome: Outcome) -> None:
        self._of(words).write_text(json.dumps(asdict(outcome)), encoding="utf-8")

    def outcome(self, words: Sequence[str]) -> Outcome | None:
        """What a job that has begun came to; None where it has not told."""
        text = self._of(words).read_text(encoding="utf-8")
        return Outcome(**json.loads(text)) if text else None

    def _of(self, words: Sequence[str]) -> Path:
        return self.folder / hashlib.sha256("\n".join(words).encode()).hexdigest()


def marked(job: Callable[[DictConfig], Outcome], config: DictConfig) -> Outcome:
    """The job's outcome; in a sweep on this machine it leaves its marks."""
    folder = os.environ.get(MARKS)
    if folder is None or not (in_sweep() and Path(folder).is_dir()):
        return job(config)
    marks, words = Marks(Path(folder)), HydraConfig.get().overrides.task
    marks.begin(words)
    outcome = job(config)
    marks.end(words, outcome)
    return outcome


def in_sweep() -> bool:
    """Is this job one of several?"""
    return HydraConfig.initialized() and HydraConfig.get().mode == RunMode.MULTIRUN


def patiently(run: Callable[[], Path | None]) -> Path | None:
    """Run; where another process is at the same run, wait for it: in a sweep that is another job.

    Words that a task does not read make jobs that do the same.
    """
    for turn in range(sys.maxsize):
        try:
            return run()
        except UserError as error:
            if not isinstance(error.__cause__, BlockingIOError):  # what a lock raises
                raise
            if turn == 0:
                logger.info("waiting: %s", error)
        time.sleep(WAITS[min(turn, len(WAITS) - 1)])
    return None
