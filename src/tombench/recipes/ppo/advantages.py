"""What each token of an answer earns, and how much better than expected it did.

Shapes: (answers, tokens), an answer's tokens to the left and `mask` 1 on them, 0 on what follows.
"""

import torch
from torch import Tensor


def token_rewards(
    scores: Tensor, log_probs: Tensor, reference: Tensor, mask: Tensor, coefficient: float
) -> Tensor:
    """The score at an answer's last token, less what each token leaves the reference by.

    r_t = [t = T] score - coefficient * (log pi(a_t) - log pi_ref(a_t)) (Ouyang et al. 2022,
    equation 2; Ziegler et al. 2019, equation 2).

    Args:
        scores: (answers,) of whole answers.
        log_probs, reference: (answers, tokens) nats, of the drawn tokens.

    Returns:
        (answers, tokens); 0 outside the mask.
    """
    rewards = -coefficient * (log_probs - reference) * mask
    last = mask.sum(dim=1).long() - 1
    return rewards.scatter_add(1, last[:, None], scores[:, None].to(rewards.dtype))


def advantages_and_returns(
    rewards: Tensor, values: Tensor, mask: Tensor, gamma: float, lam: float
) -> tuple[Tensor, Tensor]:
    """Generalised advantage estimation (Schulman et al. 2016, equations 11 and 16).

    delta_t = r_t + gamma V_{t+1} - V_t, A_t = delta_t + gamma lam A_{t+1}; after the last token
    V and A are 0. Returns are A_t + V_t.

    Args:
        rewards, values: (answers, tokens).

    Returns:
        Advantages and returns, (answers, tokens) each; 0 outside the mask.
    """
    following = torch.zeros_like(values[:, 0])
    later = torch.zeros_like(following)
    found = []
    for step in reversed(range(values.shape[1])):
        inside = mask[:, step]
        delta = rewards[:, step] + gamma * following - values[:, step]
        later = (delta + gamma * lam * later) * inside
        following = values[:, step] * inside
        found.append(later)
    advantages = torch.stack(found[::-1], dim=1)
    return advantages, (advantages + values) * mask


def whitened(values: Tensor, mask: Tensor) -> Tensor:
    """To mean 0 and variance 1 over the mask, as trl's PPO does; 0 outside it."""
    mean = masked_mean(values, mask)
    variance = masked_mean((values - mean).square(), mask)
    count = mask.sum()
    if count > 1:
        variance = variance * count / (count - 1)  # unbiased
    return (values - mean) * torch.rsqrt(variance + 1e-8) * mask


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """The mean where the mask is 1: a scalar."""
    return (values * mask).sum() / mask.sum().clamp(min=1)
