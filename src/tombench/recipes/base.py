"""How `finetune` trains: a recipe takes a job and leaves a model behind. Imports nothing heavy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Protocol

from tombench.models.base import Model
from tombench.stories.text import Text

Texts = Callable[[Random, float], Sequence[Text]]
"""A corpus as a function of a random stream and the progress of training in [0, 1).

It gives a group of texts that belong together, mostly a group of one: minimal pairs land in the
same batch. Equal states of the stream at equal progress give equal texts.
"""

Probe = Callable[[Any, Any], Mapping[str, float]]
"""Measures a causal language model and its tokenizer; numbers by name, such as `split/pairs`."""


def silent(done: int, total: int) -> None:
    """Progress for nobody."""


@dataclass(frozen=True)
class TrainingJob:
    """What is trained, on what, and where the result goes."""

    model: Model  # its architecture, or its weights, as the recipe needs
    folder: Path  # gets model/, log.csv, figures/, and checkpoints while it runs
    seed: int
    text: Texts | None = None  # the task's corpus for pretraining
    examples: Texts | None = None  # the task's prompts with their answers
    content_words: frozenset[str] = frozenset()  # lower case: names, things, places of the corpus
    probe: Probe | None = None
    progress: Callable[[int, int], None] = silent  # called after each step: steps done, in all


class Recipe(Protocol):
    """A way to train; its fields are what `configs/recipe/NAME.yaml` sets."""

    not_identity: ClassVar[frozenset[str]]  # its fields that cannot change the result

    def check(self, job: TrainingJob) -> None:
        """Refuse (UserError) a model or a task that lacks what this recipe needs."""
        ...

    def identity(self, model: Model) -> Mapping[str, Any]:
        """What of the model decides the result."""
        ...

    def plan(self, job: TrainingJob) -> list[str]:
        """What training would take, in lines for `dry_run=true`; an example after a blank one."""
        ...

    def train(self, job: TrainingJob) -> dict[str, float]:
        """Train, or continue an interrupted training, and write `job.folder/model/`.

        Returns measured numbers by name. Raises UserError where the job cannot be done.
        """
        ...
