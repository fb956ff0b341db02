"""Proximal policy optimisation (Schulman et al. 2017) against a model or function that pays.

As the vignettes study trained with trl 0.4: one value head on the policy, a penalty for each token
that leaves the reference, whose coefficient adapts.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.recipes.base import TrainingJob
from tombench.recipes.rewards import check_rewarded, check_without_loss, function_identity
from tombench.recipes.tuning import TuningSettings
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Ppo(TuningSettings):
    """The settings of `configs/recipe/ppo.yaml`; an update is a step: rollout, then epochs."""

    name: ClassVar[str] = "ppo"
    keeps_reference: ClassVar[bool] = True
    not_identity: ClassVar[frozenset[str]] = TuningSettings.not_identity | {"reward_model"}
    several_processes: ClassVar[bool] = False
    usual_steps: ClassVar[int] = 100

    reward_model: str | None = None  # run folder, model folder or Hub id
    reward: str | None = None  # package.module.function; neither: the task's own reward
    rollout: Annotated[int, Field(ge=1)] = 64  # answers a step; learnt from in smaller batches
    max_new_tokens: Annotated[int, Field(ge=1)] = 64
    temperature: Annotated[float, Field(gt=0)] = 1.0
    top_k: Annotated[int, Field(ge=0)] = 0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    ppo_epochs: Annotated[int, Field(ge=1)] = 4  # passes over the answers of a step
    kl: Literal["adaptive", "fixed"] = "adaptive"
    kl_coefficient: Annotated[float, Field(ge=0)] = 0.2
    kl_target: Annotated[float, Field(gt=0)] = 6.0  # nats an answer
    kl_horizon: Annotated[int, Field(ge=1)] = 10_000  # answers
    clip: Annotated[float, Field(gt=0)] = 0.2  # of the probability ratio
    value_clip: Annotated[float, Field(gt=0)] = 0.2
    value_weight: Annotated[float, Field(ge=0)] = 0.1
    gamma: Annotated[float, Field(gt=0, le=1)] = 1.0
    lam: Annotated[float, Field(ge=0, le=1)] = 0.95  # of generalised advantage estimation
    score_clip: Annotated[float, Field(gt=0)] | None = None
    missing_eos_penalty: Annotated[float, Field(ge=0)] = 0.0  # off an answer that does not end

    def __post_init__(self) -> None:
        super().__post_init__()
        check_without_loss("ppo", self)
        if self.fsdp:
            raise UserError("recipe.fsdp: recipe=ppo runs in one process; give recipe.fsdp=null")
        update = self.batch_size * self.accumulation
        if self.rollout % update:
            raise UserError(
                f"recipe.rollout={self.rollout}: it must be a multiple of recipe.batch_size x "
                f"recipe.accumulation={update}, the answers of one update"
            )

    def check(self, job: TrainingJob) -> None:
        """Raises UserError where prompts, rewards or weights are lacking."""
        from tombench.recipes.ppo.judge import check_reward_model
        from tombench.recipes.trainers.check import check_tuning

        if self.reward_model is not None and self.reward is not None:
            raise UserError("recipe.reward_model and recipe.reward both pay answers; give one")
        if self.reward_model is None:
            check_rewarded("ppo", self, job)
        else:
            check_reward_model(self.reward_model)
        check_tuning(self, job, "questions")

    def identity(self, model: Model) -> Mapping[str, Any]:
        """Policy and reward model by content, chat template, and how weights are loaded."""
        from tombench.recipes.ppo.judge import reward_identity
        from tombench.recipes.trainers.check import model_identity

        paid = reward_identity(self.reward_model) | function_identity(self.reward)
        return model_identity(model) | paid

    def plan(self, job: TrainingJob) -> list[str]:
        """Steps, answers, learning rate, and prompts with their right answers."""
        from tombench.recipes.trainers.plan import plan_questions

        return plan_questions(self, job, size=self.rollout)

    def train(self, job: TrainingJob) -> dict[str, float]:
        """Train to the end, from the folder's checkpoint if there is one; as recipe=sft.

        Returns loss, tokens, seconds, and the last rewards and KL.
        """
        from tombench.recipes.ppo.loop import train_ppo

        self.check(job)
        return train_ppo(self, job)
