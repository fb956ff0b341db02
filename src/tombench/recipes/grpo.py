"""Group-relative policy optimisation (Shao et al. 2024, "DeepSeekMath", section 4.1): recipe=grpo.

Several answers to one prompt are drawn and rewarded; each learns from how far it is above the rest.
The task's own reward compares an answer with the one that the story oracles prove.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.recipes.base import TrainingJob
from tombench.recipes.rewards import check_rewarded, check_without_loss, function_identity
from tombench.recipes.tuning import TuningSettings
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Grpo(TuningSettings):
    """The settings of `configs/recipe/grpo.yaml`; `batch_size` counts answers."""

    name: ClassVar[str] = "grpo"
    reward: str | None = None  # package.module.function; None: the task's own
    generations: Annotated[int, Field(ge=2)] = 8  # answers to a prompt
    max_new_tokens: Annotated[int, Field(ge=1)] = 64
    temperature: Annotated[float, Field(gt=0)] = 1.0
    top_k: Annotated[int, Field(ge=0)] = 0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    beta: Annotated[float, Field(ge=0)] = 0.0  # of the KL to the reference; 0: none is kept
    clip: Annotated[float, Field(gt=0)] = 0.2  # of the probability ratio
    iterations: Annotated[int, Field(ge=1)] = 1  # updates from the same answers

    def __post_init__(self) -> None:
        super().__post_init__()
        check_without_loss("grpo", self)
        if self.batch_size * self.accumulation % self.generations:
            raise UserError(
                f"recipe.batch_size={self.batch_size}: with recipe.accumulation="
                f"{self.accumulation} it must be a multiple of recipe.generations="
                f"{self.generations}; it counts answers"
            )

    def check(self, job: TrainingJob) -> None:
        """Raises UserError where prompts, rewards or weights are lacking."""
        from tombench.recipes.trainers.check import check_tuning

        check_rewarded("grpo", self, job)
        check_tuning(self, job, "questions")

    def identity(self, model: Model) -> Mapping[str, Any]:
        """The weights and the chat template, wherever they lie, and how they are loaded."""
        from tombench.recipes.trainers.check import model_identity

        return model_identity(model) | function_identity(self.reward)

    def plan(self, job: TrainingJob) -> list[str]:
        """Updates, answers, learning rate, and prompts with their right answers."""
        from tombench.recipes.trainers.plan import plan_questions

        return plan_questions(self, job, self.generations, reuse=self.iterations)

    def train(self, job: TrainingJob) -> dict[str, float]:
        """Train to the end, from the folder's checkpoint if there is one; as recipe=sft."""
        from tombench.recipes.trainers.grpo import train_grpo

        self.check(job)
        return train_grpo(self, job)
