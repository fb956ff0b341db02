"""A reward model: a scalar head that scores the better of two answers higher: recipe=reward.

Loss: -log sigmoid(r(chosen) - r(rejected)) (Ouyang et al. 2022, equation 1).
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.models.base import Model
from tombench.recipes.base import TrainingJob
from tombench.recipes.dpo import check_preferences
from tombench.recipes.tuning import TuningSettings
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Reward(TuningSettings):
    """The settings of `configs/recipe/reward.yaml`."""

    name: ClassVar[str] = "reward"
    texts: ClassVar[int] = 2
    centre: Annotated[float, Field(ge=0)] = 0.0  # times the mean squared sum of a pair's rewards

    def check(self, job: TrainingJob) -> None:
        """Raises UserError where data or weights lack what this recipe needs."""
        from tombench.recipes.trainers.check import check_tuning

        check_preferences("reward", self, job)
        check_tuning(self, job, "preferences")

    def identity(self, model: Model) -> Mapping[str, Any]:
        """The weights and the chat template, wherever they lie, and how they are loaded."""
        from tombench.recipes.trainers.check import model_identity

        return model_identity(model)

    def plan(self, job: TrainingJob) -> list[str]:
        """Updates, examples, learning rate, and pairs with what is compared."""
        from tombench.recipes.trainers.plan import plan_tuning

        return plan_tuning(self, job, "preferences")

    def train(self, job: TrainingJob) -> dict[str, float]:
        """Train to the end, from the folder's checkpoint if there is one; `adapter/` (with the
        head) or `model/` is a sequence classifier with one label, for `recipe.reward_model`."""
        from tombench.recipes.trainers.preferences import train_reward

        self.check(job)
        return train_reward(self, job)
