"""policy=lm and policy=weak_to_strong: language models say how probable an action is.

A situation becomes a prompt, an action its continuation. Over the candidate set the models' scores
are normalised over all candidate actions; token by token they stand as they are, for the action
that was taken alone.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.backends.several.roles import ROLES
from tombench.planning.policies.base import PolicySettings
from tombench.schema import STRICT

PromptForm = Literal["short", "study"]
"""short: `planning.prompts`; study: the whole state in words, as the study trained models."""

Over = Literal["candidates", "tokens"]


@checked(frozen=True, config=STRICT)
class Lm(PolicySettings):
    """The settings of `configs/policy/lm.yaml`."""

    name: ClassVar[str] = "lm"
    asks_model: ClassVar[bool] = True
    roles: ClassVar[tuple[str, ...]] = ("",)  # which models answer a request

    prompt: PromptForm = "short"
    over: Over = "candidates"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.decision == "study" and self.prompt == "study":  # asks for what was done alone
            object.__setattr__(self, "over", "tokens")


@checked(frozen=True, config=STRICT)
class WeakToStrong(Lm):
    """The settings of `configs/policy/weak_to_strong.yaml`.

    log p = log_softmax(large + alpha * (tuned - untuned)): Liu et al. 2024, "Tuning language models
    by proxy", section 2, used to score. Over candidates each part is normalised over them first.
    """

    name: ClassVar[str] = "weak_to_strong"
    roles: ClassVar[tuple[str, ...]] = ROLES

    alpha: Annotated[float, Field(allow_inf_nan=False)] = 1.0
    sweep: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)  # told beside alpha


def alphas_of(policy: WeakToStrong) -> tuple[float, ...]:
    """The sweep and the policy's own alpha, rising."""
    return tuple(sorted({*policy.sweep, policy.alpha}))
