"""Muon against the singular value decomposition, and the schedule against hand values."""

import pytest
import torch

from tombench.recipes.muon import Muon, orthogonalised
from tombench.recipes.schedule import learning_rate_factor


@pytest.mark.parametrize("shape", [(16, 16), (24, 8), (8, 24)])
def test_singular_values_come_near_one_and_directions_stay(shape: tuple[int, int]) -> None:
    matrix = torch.randn(1, *shape, generator=torch.Generator().manual_seed(0))
    left, values, right = torch.linalg.svd(matrix[0], full_matrices=False)
    result = orthogonalised(matrix)[0]
    assert values.max() / values.min() > 1.5
    new = torch.linalg.svdvals(result)
    assert new.min() > 0.5 and new.max() < 1.3
    aligned = left.T @ result @ right.T
    assert torch.allclose(aligned, torch.diag(torch.diag(aligned)), atol=1e-3)


def test_matrices_of_a_batch_do_not_mix() -> None:
    batch = torch.randn(3, 8, 8, generator=torch.Generator().manual_seed(0))
    alone = torch.cat([orthogonalised(matrix[None]) for matrix in batch])
    assert torch.allclose(orthogonalised(batch), alone, atol=1e-5)


def test_step_goes_down_the_gradient_and_decays() -> None:
    weight = torch.nn.Parameter(torch.eye(4))
    weight.grad = torch.diag(torch.tensor([1.0, 1.0, 1.0, 1.0]))
    Muon([weight], lr=0.1, weight_decay=0.5).step()
    assert (weight.diagonal() < 1 - 0.1 * 0.5 - 0.1 * 0.5).all()
    assert torch.allclose(weight, torch.diag(weight.diagonal()), atol=1e-6)


def test_iteration_in_bfloat16_is_near_and_leaves_the_weights_in_float32() -> None:
    gradient = torch.randn(16, 8, generator=torch.Generator().manual_seed(0))
    moved = []
    for dtype in (torch.float32, torch.bfloat16):
        weight = torch.nn.Parameter(torch.zeros(16, 8))
        weight.grad = gradient.clone()
        Muon([weight], lr=1.0, weight_decay=0.0, dtype=dtype).step()
        moved.append(weight.detach())
    assert moved[1].dtype == torch.float32
    assert 0 < (moved[0] - moved[1]).abs().max() < 0.06  # of entries up to 0.8


def test_learning_rate_rises_stays_and_falls_to_zero() -> None:
    factors = [learning_rate_factor(step, steps=100, warmup=4, decay=0.5) for step in range(100)]
    assert factors[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert factors[50] == 1.0
    assert factors[75] == pytest.approx(0.5)
    assert factors[99] == pytest.approx(0.02)
    assert learning_rate_factor(99, steps=100, warmup=0, decay=0.0) == 1.0
