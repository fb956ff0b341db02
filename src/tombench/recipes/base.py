"""How `finetune` trains: a recipe takes a job and leaves a model behind. Imports nothing heavy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import ClassVar, Protocol

from tombench.stories.layouts import Text

Texts = Callable[[Random], Text]
"""A corpus as a function: the same state of the random stream gives the same text."""


def silent(done: int, total: int) -> None:
    """Progress for nobody."""


@dataclass(frozen=True)
class TrainingJob:
    """What is trained, on what, and where the result goes."""

    texts: Texts
    architecture: Mapping[str, int]  # of a model from scratch: fields of transformers' LlamaConfig
    folder: Path  # gets model/, log.csv, figures/, and checkpoints while it runs
    seed: int
    progress: Callable[[int, int], None] = silent  # called after each step: steps done, in all


class Recipe(Protocol):
    """A way to train; its fields are what `configs/recipe/NAME.yaml` sets."""

    not_identity: ClassVar[frozenset[str]]  # its fields that cannot change the weights

    def plan(self, architecture: Mapping[str, int]) -> list[str]:
        """What training would take, in lines for `dry_run=true`."""
        ...

    def train(self, job: TrainingJob) -> dict[str, float]:
        """Train, or continue an interrupted training, and write `job.folder/model/`.

        Returns measured numbers by name. Raises UserError where the job cannot be done.
        """
        ...
