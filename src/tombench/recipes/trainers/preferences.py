"""recipe=dpo and recipe=reward: learning from pairs of a better and a worse answer."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

from trl import DPOConfig, DPOTrainer, RewardConfig, RewardTrainer

from tombench.recipes.base import TrainingJob
from tombench.recipes.dpo import Dpo
from tombench.recipes.reward import Reward
from tombench.recipes.trainers.fit import Setup, fit
from tombench.recipes.trainers.material import material
from tombench.recipes.trainers.network import pupil
from tombench.recipes.trainers.steady import Steady
from tombench.recipes.trainers.tokens import Tokens


class PreferenceTrainer(Steady, DPOTrainer):
    """trl's DPO."""


class ComparisonTrainer(Steady, RewardTrainer):
    """trl's reward model."""


def compared(one: Tokens) -> dict[str, Any]:
    """What DPO reads of a pair."""
    return {"prompt_ids": one.prompt, "chosen_ids": one.chosen, "rejected_ids": one.rejected}


def scored(one: Tokens) -> dict[str, Any]:
    """What a reward model reads of a pair: two whole texts."""
    return {"chosen_ids": one.prompt + one.chosen, "rejected_ids": one.prompt + one.rejected}


def train_dpo(recipe: Dpo, job: TrainingJob) -> dict[str, float]:
    """The whole of it: load, train, keep."""
    learner = pupil(recipe, job)
    reference = None
    if learner.lora is None:
        reference = deepcopy(learner.network).requires_grad_(False).eval()
    setup = Setup(recipe, job, learner, material(recipe, job, learner.encoding, "preferences"))
    trainer = PreferenceTrainer(
        model=learner.network,
        ref_model=reference,
        args=DPOConfig(**setup.arguments, beta=recipe.beta, max_length=None),
        processing_class=learner.encoding.tokenizer,
        peft_config=learner.lora,
        **setup.datasets(compared),
    )
    return fit(setup, trainer)


def train_reward(recipe: Reward, job: TrainingJob) -> dict[str, float]:
    """The whole of it: load, put a new head on, train, keep; there is no text to probe."""
    job = replace(job, probe=None)
    learner = pupil(recipe, job, head="new_reward")
    setup = Setup(recipe, job, learner, material(recipe, job, learner.encoding, "preferences"))
    centre = recipe.centre or None
    trainer = ComparisonTrainer(
        model=learner.network,
        args=RewardConfig(**setup.arguments, center_rewards_coefficient=centre, max_length=None),
        processing_class=learner.encoding.tokenizer,
        peft_config=learner.lora,
        **setup.datasets(scored),
    )
    return fit(setup, trainer)
