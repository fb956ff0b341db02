"""PPO's formulas where they meet their limits: gradients, constants, lam 0 and 1, a slow policy."""

from math import exp

import pytest
import torch
from torch import Tensor

from tombench.recipes.ppo.advantages import advantages_and_returns, token_rewards, whitened
from tombench.recipes.ppo.kl import Kl
from tombench.recipes.ppo.losses import policy_loss, value_loss

MASK = torch.tensor([[1, 1], [1, 1], [1, 0]])


def close(found: Tensor, expected: list[list[float]]) -> None:
    assert torch.allclose(found, torch.tensor(expected), rtol=0, atol=1e-6), found


def test_without_a_coefficient_the_reference_does_not_matter() -> None:
    far = torch.full((3, 2), -50.0)
    rewards = token_rewards(torch.tensor([2.0, -1.0, 3.0]), torch.zeros(3, 2), far, MASK, 0.0)
    close(rewards, [[0.0, 2.0], [0.0, -1.0], [3.0, 0.0]])


def test_lam_one_gives_discounted_sums_and_lam_zero_one_step_errors() -> None:
    """Schulman et al. 2016, equations 17 and 18; returns 1 + 0.5 * 2 + 0.25 * 4 = 3, 4, 4."""
    rewards = torch.tensor([[1.0, 2.0, 4.0]])
    values = torch.tensor([[0.5, 0.25, 1.0]])
    whole = torch.ones(1, 3)
    advantages, returns = advantages_and_returns(rewards, values, whole, gamma=0.5, lam=1.0)
    close(returns, [[3.0, 4.0, 4.0]])
    close(advantages, [[2.5, 3.75, 3.0]])
    advantages, _ = advantages_and_returns(rewards, values, whole, gamma=0.5, lam=0.0)
    close(advantages, [[0.625, 2.25, 3.0]])  # 1 + 0.125 - 0.5; 2 + 0.5 - 0.25; 4 - 1


def test_what_does_not_vary_whitens_to_zero() -> None:
    close(whitened(torch.full((3, 2), 4.0), MASK), [[0.0, 0.0]] * 3)
    close(whitened(torch.tensor([[4.0, 9.0]]), torch.tensor([[1, 0]])), [[0.0, 0.0]])  # one token


def test_the_policy_is_pulled_both_ways_where_it_is_not_clipped() -> None:
    """d loss / d new = -A ratio / n where free, 0 where clipping decided; n = 5 tokens."""
    new = torch.tensor([[1.5, 0.5], [0.5, 1.5], [1.1, 99.0]]).log().requires_grad_()
    advantages = torch.tensor([[1.0, 1.0], [-2.0, -2.0], [1.0, -50.0]])
    policy_loss(new, torch.zeros(3, 2), advantages, MASK, clip=0.2).value.backward()
    close(new.grad, [[0.0, -0.1], [0.0, 0.6], [-0.22, 0.0]])


def test_values_are_held_to_what_they_were_and_pulled_where_they_are_free() -> None:
    """Of V - R squared and of V clipped to old ± 0.2, the larger: (0.2 - 2)^2 = 3.24 over 1;
    1.9^2 = 3.61; 1 over 0.04; (-0.2 + 1)^2 = 0.64 over 0; (0.6 - 2)^2 = 1.96 over 1, as old is
    0.4. d loss / d V = (V - R) / n where free, 0 where the clipped value decided; n = 5 tokens.
    """
    new = torch.tensor([[1.0, 0.1], [1.0, -1.0], [1.0, 33.0]], requires_grad=True)
    old = torch.tensor([[0.0, 0.0], [0.0, 0.0], [0.4, 0.0]])
    returns = torch.tensor([[2.0, 2.0], [0.0, -1.0], [2.0, 0.0]])
    found = value_loss(new, old, returns, MASK, clip=0.2)
    assert found.value.item() == pytest.approx(0.5 * 10.45 / 5, abs=1e-6)
    found.value.backward()
    close(new.grad, [[0.0, -0.38], [0.2, 0.0], [0.0, 0.0]])


def test_an_estimate_below_zero_makes_leaving_cheaper() -> None:
    found = Kl(0.2, target=6.0, horizon=100).after(-1.0, answers=32)
    assert found.coefficient == pytest.approx(0.2 * (1 - 0.2 * 32 / 100), abs=1e-9)


@pytest.mark.parametrize("start", [0.001, 20.0])
def test_the_kl_of_a_policy_that_follows_slowly_stays_near_its_target(start: float) -> None:
    """Its KL goes a tenth of the way to 1 / (2 c^2) a step: that of exp(score / c), for scores
    that are normal with variance 1 under the reference, is its variance halved."""
    kl, measured, seen = Kl(start, target=6.0, horizon=640), 0.0, []
    for step in range(2000):
        optimum = min(1 / (2 * kl.coefficient**2), exp(6))
        measured += 0.1 * (optimum - measured)
        kl = kl.after(measured, answers=64)
        if step >= 1500:
            seen.append(measured)
    assert sum(seen) / len(seen) == pytest.approx(6.0, rel=0.05)
    assert 4.5 < min(seen) <= max(seen) < 7.5
