"""Direct preference optimisation (Rafailov et al. 2023): recipe=dpo.

The reference is the same network with its adapter switched off; where all weights learn, a copy.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.recipes.base import TrainingJob
from tombench.recipes.tuning import TuningSettings
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Dpo(TuningSettings):
    """The settings of `configs/recipe/dpo.yaml`."""

    name: ClassVar[str] = "dpo"
    texts: ClassVar[int] = 2
    keeps_reference: ClassVar[bool] = True
    beta: Annotated[float, Field(gt=0)] = 0.1  # equation 7: how dear leaving the reference is

    def check(self, job: TrainingJob) -> None:
        """Raises UserError where data or weights lack what this recipe needs."""
        from tombench.recipes.trainers.check import check_tuning

        check_preferences("dpo", self, job)
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
        """Train to the end, from the folder's checkpoint if there is one; as recipe=sft."""
        from tombench.recipes.trainers.preferences import train_dpo

        self.check(job)
        return train_dpo(self, job)


def check_preferences(name: str, settings: TuningSettings, job: TrainingJob) -> None:
    """Refuse (UserError) a task without pairs where no file brings some."""
    if settings.data is None and job.preferences is None:
        raise UserError(
            f"recipe={name}: this task has no pairs of a better and a worse answer; give "
            "recipe.data=FILE with columns prompt, chosen and rejected, or take task=vignettes"
        )
