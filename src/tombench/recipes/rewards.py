"""Rewards of what a policy says: the task's own, or a function of the user's."""

import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tombench.config import imported
from tombench.errors import UserError
from tombench.recipes.base import Reward, TrainingJob
from tombench.recipes.tuning import TuningSettings


class Rewarded(Protocol):
    """Settings of a recipe that learns from rewards."""

    data: tuple[str, ...] | None
    reward: str | None


def check_without_loss(name: str, settings: TuningSettings) -> None:
    """Refuse (UserError) keys of an evaluation loss, which learning from rewards does not have."""
    for key in ("validation", "early_stopping"):
        if getattr(settings, key):
            raise UserError(
                f"recipe.{key}: recipe={name} learns from rewards and has no evaluation loss; "
                "leave it out, and watch the task's probe by recipe.evaluate_every=N"
            )


def check_rewarded(name: str, settings: Rewarded, job: TrainingJob) -> None:
    """Refuse (UserError) where there are no prompts, or nothing rewards what is said to them."""
    if settings.data is None and job.examples is None:
        raise UserError(
            f"recipe={name}: this task has no prompts to train on; give recipe.data=FILE with a "
            "column prompt"
        )
    reward_of(name, settings, job)


def reward_of(name: str, settings: Rewarded, job: TrainingJob) -> Reward:
    """The function that rewards; called with prompts, completions and right answers.

    Raises UserError where there is none, or the named one cannot be imported or called.
    """
    if settings.reward is not None:
        return _imported(settings.reward)
    if job.reward is None:
        raise UserError(
            f"recipe={name}: this task does not reward answers; give "
            "recipe.reward=package.module.function"
        )
    return job.reward


def pay(
    reward: Reward,
    prompts: Sequence[str],
    completions: Sequence[str],
    answers: Sequence[str | None],
) -> list[float]:
    """What a function gives for answers. Raises UserError where it fails, or gives not as many
    numbers."""
    try:
        paid = reward(prompts, completions, answers)
    except UserError:
        raise
    except Exception as error:  # the user's code
        raise UserError(
            f"recipe.reward: the function raised {type(error).__name__}: {error}; mend it, or give "
            "another"
        ) from error
    try:
        numbers = [float(one) for one in paid]
    except (TypeError, ValueError) as error:
        raise UserError(
            f"recipe.reward: it must return a list of numbers, one an answer ({error})"
        ) from error
    if len(numbers) != len(completions):
        raise UserError(
            f"recipe.reward: it returned {len(numbers)} numbers for {len(completions)} answers"
        )
    return numbers


def function_identity(path: str | None) -> dict[str, str]:
    """The user's function by its module's bytes: another one is another training."""
    if path is None:
        return {}
    file = getattr(sys.modules[_imported(path).__module__], "__file__", None)
    return {"reward_source": hashlib.sha256(Path(file).read_bytes()).hexdigest()} if file else {}


def _imported(path: str) -> Reward:
    """A function of an installed module, or of one beside the command or in --config-dir."""
    module, _, function = path.rpartition(".")
    try:
        found = getattr(imported(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(
            f"recipe.reward={path}: cannot be imported ({error}); give package.module.function"
        ) from error
    if not callable(found):
        raise UserError(f"recipe.reward={path}: it is no function")
    return found
