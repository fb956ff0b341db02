"""What a stage is: the groups that it reads, and a run from a composed configuration."""

from pathlib import Path
from typing import ClassVar, Protocol

from omegaconf import DictConfig


class Stage(Protocol):
    """One of finetune, eval, summarize, prepare, show."""

    uses: ClassVar[tuple[str, ...]]  # groups and top-level keys that change what it does

    def run(self, config: DictConfig) -> Path | None:
        """Do it; the folder of the results, or None where nothing was written."""
        ...
