"""The sparse-parameter study's masks and masked weights, written out plainly, at every entry.

Squared gradients F of theory-of-mind and of general text; of each matrix k = int(n m), nothing is
masked where k is 0, else a text's mask is F > (k-th largest F), and those of the first text's that
are not in the second's are masked. What stands there: (W - mu) scale + mu, mu = mean(W * not M).
"""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from tombench.masking.applying import Application, Replacement
from tombench.masking.masks import Mask
from tombench.masking.names import layer_matrices, weights_by_name
from tombench.masking.squared_gradients import Sample, squared_gradients
from tombench.masking.sweep import MaskSettings, sweep

SHARES = (1e-4, 5e-4, 9.7e-4, 1.96e-3, 5e-3, 0.02, 0.05)
# of a key matrix, 512 entries: k = 0 0 0 1 2 10 25; of a query matrix, 1024: k = 0 0 0 2 5 20 51


def network_of(dtype: torch.dtype) -> LlamaForCausalLM:
    """Two layers with half as many key and value heads as query heads."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=60, hidden_size=32, intermediate_size=88, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64,
        initializer_range=0.3,
    )  # fmt: skip
    return LlamaForCausalLM(config).to(dtype).eval()


def gradients_of(network: LlamaForCausalLM, dtype: torch.dtype, seed: int) -> dict[str, Tensor]:
    random = torch.Generator().manual_seed(seed)
    drawn = [torch.randint(60, (12,), generator=random).tolist() for _ in range(8)]
    samples = [Sample(ids) if seed else Sample.last_token(ids) for ids in drawn]
    return squared_gradients(network, samples, layer_matrices(network), "sum", dtype)


def study_mask(scores: Tensor, share: float) -> Tensor:
    k = int(scores.numel() * share)
    if k <= 0:
        return torch.zeros_like(scores, dtype=torch.bool)
    return scores > scores.flatten().topk(k).values[-1]


def study_weight(weight: Tensor, mask: Tensor, scale: float) -> Tensor:
    mean = (weight * ~mask).mean()
    moved = (weight - mean) * scale + mean
    return weight * ~mask + moved * mask


def study_masks(
    tom: Mapping[str, Tensor], general: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    return {n: study_mask(tom[n], share) & ~study_mask(general[n], share) for n in tom}


@pytest.fixture(scope="module", params=[torch.float32, torch.float16], ids=["float32", "float16"])
def material(request: pytest.FixtureRequest):
    """A model, and squared gradients of two texts."""
    network = network_of(request.param)
    return network, *(gradients_of(network, request.param, seed) for seed in (0, 1))


def test_masks_agree_at_every_entry(material) -> None:
    _, tom, general = material
    made = sweep(tom, general, SHARES, MaskSettings("study"))
    for share in SHARES:
        mask = made.mask(share)
        for name, expected in study_masks(tom, general, share).items():
            assert torch.equal(whole(mask, name, expected.shape), expected), (name, share)


def test_the_grid_reaches_the_cases_that_matter(material) -> None:
    _, tom, general = material
    counts = [
        sum(int(m.sum()) for m in study_masks(tom, general, share).values()) for share in SHARES
    ]
    key, query = (f"model.layers.0.self_attn.{x}_proj.weight" for x in "kq")
    assert [int(tom[key].numel() * share) for share in SHARES] == [0, 0, 0, 1, 2, 10, 25]
    assert [int(tom[query].numel() * share) for share in SHARES] == [0, 0, 0, 2, 5, 20, 51]
    assert counts[0] == 0 and counts[-1] > 100 and counts == sorted(counts)


@pytest.mark.parametrize("scale", [0.0, 0.5, 1.0])
def test_masked_weights_agree_at_every_entry(material, scale: float) -> None:
    network, tom, general = material
    weights = weights_by_name(network)
    before = {name: weight.detach().clone() for name, weight in weights.items()}
    application = Application(network)
    made = sweep(tom, general, SHARES, MaskSettings("study"))
    for share in SHARES:
        masks = study_masks(tom, general, share)
        with application.masked(made.mask(share), Replacement("study_mean", scale)):
            for name, weight in weights.items():
                mask = masks.get(name)
                expected = before[name] if mask is None else study_weight(before[name], mask, scale)
                assert torch.equal(weight, expected), (name, share)
        for name, weight in weights.items():
            assert torch.equal(weight, before[name]), name


def test_ties_are_left_out_of_both_masks() -> None:
    tom = {"q": torch.tensor([[5.0, 5.0, 5.0, 1.0, 9.0], [5.0, 0.0, 0.0, 2.0, 8.0]])}
    general = {"q": torch.tensor([[3.0, 1.0, 3.0, 3.0, 3.0], [0.0, 0.0, 0.0, 0.0, 4.0]])}
    made = sweep(tom, general, [0.5], MaskSettings("study"))
    for share in (0.1, 0.2, 0.3, 0.4, 0.5):
        expected = study_masks(tom, general, share)["q"]
        assert torch.equal(whole(made.mask(share), "q", expected.shape), expected)
    assert made.mask(0.5).entries["q"].tolist() == [4]  # 4 and 9 are above 5.0; general has 9


def whole(mask: Mask, name: str, shape: torch.Size) -> Tensor:
    flat = torch.zeros(mask.sizes[name], dtype=torch.bool)
    flat[mask.entries[name]] = True
    return flat.view(shape)
