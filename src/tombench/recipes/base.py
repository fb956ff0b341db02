"""How `finetune` trains: a recipe takes a job and leaves a model behind. Imports nothing heavy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Protocol

from tombench.models.base import Model
from tombench.stories.examples import Preference
from tombench.stories.text import Text

Texts = Callable[[Random, float], Sequence[Text]]
"""A corpus as a function of a random stream and the progress of training in [0, 1).

It gives a group of texts that belong together, mostly a group of one: minimal pairs land in the
same batch. Equal states of the stream at equal progress give equal texts.
"""

Preferences = Callable[[Random], Sequence[Preference]]
"""Prompts with a better and a worse answer, as groups that belong together."""

Reward = Callable[[Sequence[str], Sequence[str], Sequence[str | None]], list[float]]
"""Rewards of completions, from prompts as the task wrote them, completions, right answers."""

Probe = Callable[[Any, Any], Mapping[str, float]]
"""Measures a causal language model and its tokenizer; numbers by name, such as `split/pairs`."""


def silent(done: int, total: int) -> None:
    """Progress for nobody."""


def unheard(line: str) -> None:
    """A log that nobody reads."""


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
    preferences: Preferences | None = None
    reward: Reward | None = None  # of what a policy says to the prompts of `examples`
    progress: Callable[[int, int], None] = silent  # called after each step: steps done, in all
    log: Callable[[str], None] = unheard  # takes lines for the user


class Recipe(Protocol):
    """A way to train; its fields are what `configs/recipe/NAME.yaml` sets."""

    name: ClassVar[str]  # as in configs/recipe/NAME.yaml
    not_identity: ClassVar[frozenset[str]]  # its fields that cannot change the result
    several_processes: ClassVar[bool]  # whether torchrun's processes train it together

    def check(self, job: TrainingJob) -> None:
        """Refuse (UserError) a model or a task that lacks what this recipe needs."""
        ...

    def identity(self, model: Model) -> Mapping[str, Any]:
        """What of the model decides the result."""
        ...

    def data_identity(self) -> Any:
        """What of the user's data decides the result; None where the task's own is learnt from."""
        ...

    def plan(self, job: TrainingJob) -> list[str]:
        """What training would take, in lines for `dry_run=true`; an example after a blank one."""
        ...

    def train(self, job: TrainingJob) -> dict[str, float]:
        """Train, or continue an interrupted training, and write `job.folder/model/`.

        Returns measured numbers by name. Raises UserError where the job cannot be done.
        """
        ...
