"""PPO's clipped losses. Shapes: (answers, tokens), `mask` 1 on an answer's tokens."""

from dataclasses import dataclass

import torch
from torch import Tensor

from tombench.recipes.ppo.advantages import masked_mean


@dataclass(frozen=True)
class Loss:
    """A mean over tokens, and what it was clipped at."""

    value: Tensor  # scalar, differentiable
    clipped: float  # share of tokens at which clipping decided


def policy_loss(new: Tensor, old: Tensor, advantages: Tensor, mask: Tensor, clip: float) -> Loss:
    """Mean of -min(rho A, clamp(rho, 1 - clip, 1 + clip) A), rho = exp(new - old).

    Source: Schulman et al. 2017, "Proximal Policy Optimization Algorithms", equation 7.

    Args:
        new, old: log-probabilities in nats of the drawn tokens, now and when they were drawn.
    """
    ratio = (new - old).exp()
    free = -advantages * ratio
    held = -advantages * ratio.clamp(1 - clip, 1 + clip)
    share = masked_mean((held > free).float(), mask).item()
    return Loss(masked_mean(torch.maximum(free, held), mask), share)


def value_loss(new: Tensor, old: Tensor, returns: Tensor, mask: Tensor, clip: float) -> Loss:
    """Half the mean of the larger squared error of V and of V clipped to old ± clip.

    Source: Schulman et al. 2016, as OpenAI's baselines and trl clip it.
    """
    free = (new - returns).square()
    held = (new.clamp(old - clip, old + clip) - returns).square()
    share = masked_mean((held > free).float(), mask).item()
    return Loss(0.5 * masked_mean(torch.maximum(free, held), mask), share)
