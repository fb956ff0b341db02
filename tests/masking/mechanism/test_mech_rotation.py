"""Rotation of pairs: by hand, as transformers does it, and back."""

import math

import pytest
import torch
from transformers.models.gptj.modeling_gptj import apply_rotary_pos_emb as turn_interleaved
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb as turn_halves

from tombench.masking.mechanism.norms import dominant, pair_norms
from tombench.masking.mechanism.rotation import Rotary, rotate, to_pairs

INVERSE = (1.0, 0.1)
HALF, INTERLEAVED = Rotary("half", INVERSE), Rotary("interleaved", INVERSE)


def test_which_dimensions_turn_together() -> None:
    x = torch.tensor([0, 1, 2, 3, 4, 5])  # the last two do not turn
    assert to_pairs(x, 2, "half").tolist() == [[0, 2], [1, 3]]
    assert to_pairs(x, 2, "interleaved").tolist() == [[0, 1], [2, 3]]


def test_a_quarter_turn_by_hand() -> None:
    x = torch.tensor([[9.0, 9, 9], [1.0, 2.0, 5.0]])  # positions 0 and 1
    turned = rotate(x, Rotary("half", (math.pi / 2,)))
    assert turned[0].tolist() == [9, 9, 9]
    assert turned[1].tolist() == pytest.approx([-2, 1, 5], abs=1e-6)


def test_it_is_what_transformers_does() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 3, 5, 4)  # [batch, heads, tokens, head_dim]
    angle = torch.arange(5.0)[:, None] * torch.tensor(INVERSE)
    cos, sin = angle.cos()[None], angle.sin()[None]
    halves, _ = turn_halves(x, x, torch.cat((cos, cos), -1), torch.cat((sin, sin), -1))
    assert torch.allclose(rotate(x, HALF), halves, atol=1e-6)
    pairs = turn_interleaved(x.transpose(1, 2), sin, cos).transpose(1, 2)
    assert torch.allclose(rotate(x, INTERLEAVED), pairs, atol=1e-6)


@pytest.mark.parametrize("rotary", [HALF, INTERLEAVED], ids=lambda rotary: rotary.pairing)
def test_norms_are_kept_and_a_turn_is_undone(rotary: Rotary) -> None:
    torch.manual_seed(0)
    x = torch.randn(3, 7, 6)
    turned = rotate(x, rotary)
    assert not torch.allclose(turned, x, atol=0.1)
    assert torch.allclose(pair_norms(turned, rotary), pair_norms(x, rotary), atol=1e-6)
    assert torch.allclose(rotate(turned, rotary, back=True), x, atol=1e-6)


def test_norms_by_hand() -> None:
    x = torch.tensor([3.0, 5.0, 4.0, 12.0, 100.0])
    assert pair_norms(x, HALF).tolist() == [5, 13]
    assert pair_norms(x, INTERLEAVED).tolist() == pytest.approx([34**0.5, 160**0.5])
    assert pair_norms(x, None).shape == (0,)


def test_dominant_pairs_are_the_largest_of_each_head() -> None:
    norms = torch.tensor([[1.0, 3, 2, 3], [9, 1, 1, 1]])
    assert dominant(norms, 0.1).nonzero().tolist() == [[0, 1], [1, 0]]  # 0.4 of a pair, so one
    assert dominant(norms, 0.3).sum(1).tolist() == [2, 2]  # 1.2
    assert dominant(norms, 0.5).nonzero().tolist() == [[0, 1], [0, 3], [1, 0], [1, 1]]
