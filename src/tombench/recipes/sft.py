"""Supervised fine-tuning on prompts and completions, by an adapter or of all weights: recipe=sft.

What is tuned on answers alone forgets how to copy words that the examples never hold. `replay` and
`frozen_embeddings` are against that, and so is elastic weight consolidation (`ewc_lambda`).
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.recipes.base import TrainingJob
from tombench.recipes.tuning import TuningSettings
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Sft(TuningSettings):
    """The settings of `configs/recipe/sft.yaml`."""

    name: ClassVar[str] = "sft"
    not_identity: ClassVar[frozenset[str]] = TuningSettings.not_identity | {"fisher"}
    usual_steps: ClassVar[int] = 400
    optimizer: Literal["adamw", "muon"] = "adamw"  # muon: matrices of a model that learns whole
    embedding_learning_rate: Annotated[float, Field(gt=0, le=1)] = 3e-3  # of muon's other weights
    replay: Annotated[float, Field(ge=0, lt=1)] = 0.0  # share of rows and loss: the task's text
    frozen_embeddings: bool = False  # the vectors of the words stay as they are
    ewc_lambda: Annotated[float, Field(ge=0)] = 0.0  # strength of elastic weight consolidation
    fisher: str | None = None  # a run or folder with squared gradients; None: computed and saved
    fisher_samples: Annotated[int, Field(ge=1)] = 200  # texts that it is computed on

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.optimizer == "muon" and self.lora is not None:
            raise UserError(
                "recipe.optimizer=muon: it is for the matrices of a model that learns whole; give "
                "recipe.lora=null"
            )

    def check(self, job: TrainingJob) -> None:
        """Raises UserError where data or weights lack what this recipe needs."""
        from tombench.recipes.trainers.check import check_tuning

        if self.data is None and job.examples is None:
            raise UserError(
                "recipe=sft: this task has no training examples; give recipe.data=FILE, or take "
                "another task"
            )
        if self.replay and job.text is None:
            raise UserError(
                f"recipe.replay={self.replay:g}: this task has no training text to replay; "
                "give recipe.replay=0"
            )
        if self.ewc_lambda and self.fisher is None and job.text is None:
            raise UserError(
                f"recipe.ewc_lambda={self.ewc_lambda:g}: this task has no training text to take "
                "squared gradients of; give recipe.fisher=RUN or a folder that holds some"
            )
        if self.ewc_lambda and self.fsdp:
            raise UserError(
                "recipe.ewc_lambda: sharded weights cannot be held to where they were; give "
                "recipe.fsdp=null or recipe.ewc_lambda=0"
            )
        check_tuning(self, job, "completions")

    def identity(self, model: Model) -> Mapping[str, Any]:
        """Weights, chat template and squared gradients, wherever they lie; how weights load."""
        from tombench.recipes.trainers.check import fisher_identity, model_identity

        return model_identity(model) | fisher_identity(self.fisher)

    def plan(self, job: TrainingJob) -> list[str]:
        """Updates, examples, learning rate, and examples with their loss mask."""
        from tombench.recipes.trainers.plan import plan_tuning

        return plan_tuning(self, job, "completions")

    def train(self, job: TrainingJob) -> dict[str, float]:
        """Train to the end, from the folder's checkpoint if there is one; writes `adapter/` or,
        where all weights learn, `model/`; `merged/` where it is asked for.

        Returns loss, tokens, seconds, parameters and what was measured last. Raises UserError as
        `check`, on a loss that is not a number and on a checkpoint of another training.
        """
        from tombench.recipes.trainers.sft import train_sft

        self.check(job)
        return train_sft(self, job)
