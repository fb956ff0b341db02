"""Squares of what enters linear layers, by hand and batched."""

import pytest
import torch
from small_networks import SAMPLES, network
from torch import Tensor, nn

from tombench.masking.activations import input_features, squared_inputs
from tombench.masking.batching import linear_modules
from tombench.masking.names import layer_matrices
from tombench.masking.squared_gradients import Sample


def summed(
    model: nn.Module, *batches: tuple[Sample, ...], alone: bool = False
) -> dict[str, Tensor]:
    modules = linear_modules(model)
    modules = {name: modules[name] for name in layer_matrices(model)}
    sums = {name: torch.zeros(input_features(one)) for name, one in modules.items()}
    with squared_inputs(model, modules, sums, alone) as add:
        for batch in batches:
            add(batch, 0)
    return sums


def test_the_first_layer_sees_normed_embeddings() -> None:
    model = network()
    sample, other = Sample((3, 4, 5)), Sample((6, 7))
    layer = model.model.layers[0]
    rows = torch.cat([model.get_input_embeddings().weight[list(s.ids)] for s in (sample, other)])
    normed = rows / (rows.square().mean(1, keepdim=True) + model.config.rms_norm_eps).sqrt()
    expected = (normed * layer.input_layernorm.weight).square().sum(0)
    found = summed(model, (sample, other))["model.layers.0.self_attn.q_proj.weight"]
    torch.testing.assert_close(found, expected.detach())


@pytest.mark.parametrize("kind", ["llama", "gpt2", "qwen2_moe"])
def test_batched_or_one_by_one_the_numbers_are_the_same(kind: str) -> None:
    model = network(kind)
    found = summed(model, SAMPLES)
    alone = summed(model, *((sample,) for sample in SAMPLES))
    assert found.keys() == alone.keys() == set(layer_matrices(model))
    for name, total in alone.items():
        assert total.min() > 0
        torch.testing.assert_close(found[name], total, rtol=1e-5, atol=1e-6)
    together = summed(model, SAMPLES, alone=True)
    assert all(torch.equal(together[name], total) for name, total in alone.items())


def test_a_layer_that_is_not_called_adds_nothing() -> None:
    model = network("jamba")
    found = summed(model, SAMPLES, alone=True)
    assert found["model.layers.0.mamba.dt_proj.weight"].tolist() == [0] * 4
    assert found["model.layers.0.mamba.in_proj.weight"].min() > 0
