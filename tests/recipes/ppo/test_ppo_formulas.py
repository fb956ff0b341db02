"""PPO's formulas against hand calculations, to 1e-6."""

import math

import pytest
import torch

from tombench.recipes.ppo.advantages import (
    advantages_and_returns,
    masked_mean,
    token_rewards,
    whitened,
)
from tombench.recipes.ppo.kl import Kl
from tombench.recipes.ppo.losses import policy_loss, value_loss

MASK = torch.tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])


def close(found: torch.Tensor, expected: list[list[float]]) -> None:
    assert torch.allclose(found, torch.tensor(expected), atol=1e-6), found


def test_the_score_comes_at_the_last_token_less_what_each_leaves_the_reference_by() -> None:
    log_probs = torch.tensor([[-1.0, -2.0, -0.5], [-0.7, -0.2, 9.0]])
    reference = torch.tensor([[-1.5, -1.0, -0.5], [-0.7, -0.6, -9.0]])
    found = token_rewards(torch.tensor([2.0, -1.0]), log_probs, reference, MASK, 0.2)
    # -0.2 * (0.5, -1, 0) and 2 at the third; -0.2 * (0, 0.4) and -1 at the second
    close(found, [[-0.1, 0.2, 2.0], [0.0, -1.08, 0.0]])


def test_generalised_advantages_and_returns() -> None:
    """gamma .9, lambda .8: delta = r + .9 V' - V, A = delta + .72 A'."""
    rewards = torch.tensor([[0.0, 0.5, 1.0], [0.1, -1.0, 0.0]])
    values = torch.tensor([[0.2, 0.4, 0.6], [0.5, 0.3, 7.0]])
    advantages, returns = advantages_and_returns(rewards, values, MASK, 0.9, 0.8)
    # row 1: A3 = 1 - .6 = .4; A2 = .5 + .54 - .4 + .72 * .4 = .928
    #        A1 = 0 + .36 - .2 + .72 * .928 = .82816
    # row 2: A2 = -1 - .3 = -1.3 (nothing follows); A1 = .1 + .27 - .5 + .72 * -1.3 = -1.066
    close(advantages, [[0.82816, 0.928, 0.4], [-1.066, -1.3, 0.0]])
    close(returns, [[1.02816, 1.328, 1.0], [-0.566, -1.0, 0.0]])


def test_with_lambda_one_returns_are_what_is_earned_from_there_on() -> None:
    rewards = torch.tensor([[0.0, 0.5, 1.0], [0.1, -1.0, 0.0]])
    _, returns = advantages_and_returns(rewards, torch.rand(2, 3) * MASK, MASK, 1.0, 1.0)
    close(returns, [[1.5, 1.5, 1.0], [-0.9, -1.0, 0.0]])


def test_whitening_counts_the_masked_tokens_alone() -> None:
    values = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 1000.0]])
    root = math.sqrt(2.5)  # unbiased variance of 1..5
    expected = [[-2 / root, -1 / root, 0.0], [1 / root, 2 / root, 0.0]]
    close(whitened(values, MASK), expected)
    assert masked_mean(values, MASK).item() == pytest.approx(3.0)


def test_the_clipped_policy_loss() -> None:
    """Ratios 1.5, 0.5, 1.1 with advantages 1, 1, -1; 1.5 and 0.5 with -1: clip .2."""
    old = torch.zeros(2, 3)
    new = torch.tensor([[1.5, 0.5, 1.1], [1.5, 0.5, 3.0]]).log()
    advantages = torch.tensor([[1.0, 1.0, -1.0], [-1.0, -1.0, 5.0]])
    found = policy_loss(new, old, advantages, MASK, 0.2)
    # -min(1.5, 1.2) = -1.2; -min(.5, .8) = -.5; 1.1; max(1.5, 1.2) = 1.5; max(.5, .8) = .8
    assert found.value.item() == pytest.approx((-1.2 - 0.5 + 1.1 + 1.5 + 0.8) / 5, abs=1e-6)
    assert found.clipped == pytest.approx(2 / 5)  # the first and the last


def test_no_gradient_where_clipping_decides() -> None:
    new = torch.tensor([[math.log(1.5), math.log(1.1)]], requires_grad=True)
    mask = torch.ones(1, 2)
    policy_loss(new, torch.zeros(1, 2), torch.ones(1, 2), mask, 0.2).value.backward()
    close(new.grad, [[0.0, -1.1 / 2]])


def test_the_clipped_value_loss() -> None:
    """Old 0, clip .2: V = .5 is held to .2; the larger of both squared errors counts, halved."""
    new = torch.tensor([[0.5, 0.1, -0.5], [0.5, 0.0, 9.0]])
    returns = torch.tensor([[1.0, 1.0, 0.0], [0.4, 0.0, 0.0]])
    found = value_loss(new, torch.zeros(2, 3), returns, MASK, 0.2)
    # (.2-1)^2 = .64 over .25; (.1-1)^2 = .81; (-.5)^2 = .25 over .04; (.2-.4)^2 = .04 over .01; 0
    assert found.value.item() == pytest.approx(0.5 * (0.64 + 0.81 + 0.25 + 0.04) / 5, abs=1e-6)
    assert found.clipped == pytest.approx(2 / 5)


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        (6.0, 0.2),  # on target
        (6.6, 0.2 * (1 + 0.1 * 256 / 10_000)),
        (60.0, 0.2 * (1 + 0.2 * 256 / 10_000)),  # the error is held to 0.2
        (0.0, 0.2 * (1 - 0.2 * 256 / 10_000)),
    ],
)
def test_the_adaptive_coefficient(measured: float, expected: float) -> None:
    found = Kl(0.2, target=6.0, horizon=10_000).after(measured, 256)
    assert found.coefficient == pytest.approx(expected, abs=1e-9)


def test_a_fixed_coefficient_stays() -> None:
    assert Kl(0.2).after(60.0, 256) == Kl(0.2)


def test_an_adaptive_coefficient_brings_kl_to_its_target() -> None:
    """A policy that leaves the reference the further, the cheaper it is: KL = 1 / coefficient."""
    kl = Kl(1.0, target=4.0, horizon=1_000)
    for _ in range(400):
        kl = kl.after(1 / kl.coefficient, 64)
    assert 1 / kl.coefficient == pytest.approx(4.0, rel=0.02)
