"""What a stage is: the groups that it reads, and a run from a composed configuration."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar, Protocol

from omegaconf import DictConfig

from tombench.provenance import redacted


class Stage(Protocol):
    """One of finetune, eval, summarize, prepare, show."""

    uses: ClassVar[tuple[str, ...]]  # groups and top-level keys that change what it does

    def run(self, config: DictConfig) -> Path | None:
        """Do it; the folder of the results, or None where nothing was written."""
        ...


@contextmanager
def log_into(folder: Path) -> Iterator[None]:
    """Copy our log to log.txt while a run goes on; a full disk does not stop the run here."""
    logging.raiseExceptions = False
    logger = logging.getLogger("tombench")
    handler = logging.FileHandler(folder / "log.txt", encoding="utf-8", delay=True)
    handler.setFormatter(_WithoutSecrets("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        with suppress(OSError):
            handler.close()


def log_to_stderr(quiet: bool) -> None:
    """Warnings (and notes, unless quiet) of ours as plain lines on standard error."""
    logger = logging.getLogger("tombench")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
        logger.propagate = False
    logger.setLevel(logging.DEBUG)  # log.txt takes it all
    logger.handlers[0].setLevel(logging.WARNING if quiet else logging.INFO)


class _WithoutSecrets(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))
