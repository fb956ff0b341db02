"""Gradients of several samples at once are those of each alone."""

import pytest
import torch
from small_networks import SAMPLES, network
from torch import Tensor, nn

from tombench.errors import UserError
from tombench.masking.batching import linear_modules
from tombench.masking.names import layer_matrices
from tombench.masking.per_sample import in_batches
from tombench.masking.squared_gradients import Sample, squared_gradients

KINDS = ["llama", "gpt2", "gpt_neox", "qwen2", "mixtral", "qwen2_moe"]


def batched(model: nn.Module, *batches: tuple[Sample, ...], signed: bool = False, dtype=None):
    modules = linear_modules(model)
    modules = {name: modules[name] for name in layer_matrices(model)}
    sums = {name: torch.zeros_like(one.weight, dtype=dtype) for name, one in modules.items()}
    with in_batches(model, modules, sums, signed) as add:
        done = 0
        for batch in batches:
            add(batch, done)
            done += len(batch)
    return sums


def assert_same(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        most = gradient.abs().max().item()
        assert most > 0
        torch.testing.assert_close(found[name], gradient, rtol=1e-5, atol=1e-6 * most)


@pytest.mark.parametrize("kind", KINDS)
def test_batched_or_one_by_one_the_numbers_are_the_same(kind: str) -> None:
    model = network(kind)
    expected = squared_gradients(model, SAMPLES, layer_matrices(model), "sum")
    assert_same(batched(model, SAMPLES), expected)
    assert_same(batched(model, *((sample,) for sample in SAMPLES)), expected)


def test_samples_do_not_mix() -> None:
    """The same text twice: twice the squares, not the square of twice."""
    model, sample = network(), SAMPLES[0]
    once, twice = batched(model, (sample,)), batched(model, (sample, sample))
    assert_same(twice, {name: 2 * gradient for name, gradient in once.items()})


def test_padding_changes_nothing() -> None:
    model, short = network("qwen2"), SAMPLES[3]
    long = Sample.last_token(tuple(range(30)))
    padded, alone = batched(model, (short, long)), batched(model, (long,))
    difference = {name: padded[name] - alone[name] for name in padded}
    for name, gradient in batched(model, (short,)).items():
        most = padded[name].max().item()
        torch.testing.assert_close(difference[name], gradient, rtol=1e-4, atol=1e-6 * most)


def test_signed_ones_are_those_of_the_summed_losses() -> None:
    model = network()
    for sample in SAMPLES:
        ids = torch.tensor([sample.ids])
        labels = ids.clone()
        labels[:, : sample.first] = -100
        model(input_ids=ids, labels=labels).loss.backward()
    weights = dict(model.named_parameters())
    expected = {name: weights[name].grad.clone() for name in layer_matrices(model)}
    assert_same(batched(model, SAMPLES, signed=True), expected)


def test_a_network_without_a_head_of_its_own_gives_all_logits() -> None:
    model = network()
    expected = batched(model, SAMPLES)
    model.get_output_embeddings = lambda: None
    assert_same(batched(model, SAMPLES), expected)


def test_sums_have_a_dtype_of_their_own() -> None:
    model = network().to(torch.bfloat16)
    expected = squared_gradients(model, SAMPLES, layer_matrices(model), "sum")
    for name, found in batched(model, SAMPLES, dtype=torch.float32).items():
        assert found.dtype == torch.float32
        gap = (found - expected[name].float()).abs().max() / expected[name].float().abs().max()
        assert gap < 0.1  # eight bits of each gradient


def test_the_network_is_left_as_it_was() -> None:
    model = network().train()
    weights = list(model.parameters())
    weights[0].grad = given = torch.ones_like(weights[0])
    weights[1].requires_grad_(False)
    with pytest.raises(UserError, match="sample 1 has 1 tokens"):
        batched(model, (SAMPLES[0], Sample((3,))))
    assert model.training and weights[0].grad is given
    assert [weight.requires_grad for weight in weights[:3]] == [True, False, True]
    assert not any(module._forward_hooks for module in model.modules())


def test_a_loss_that_is_no_number_is_told() -> None:
    model = network()
    with torch.no_grad():
        model.get_input_embeddings().weight[8] = float("nan")
    with pytest.raises(UserError, match="the loss of sample 1 is nan"):
        batched(model, (SAMPLES[3], SAMPLES[1]))


def test_a_layer_that_is_called_again_later_is_told() -> None:
    model = network()
    mlp = model.model.layers[0].mlp
    mlp.register_forward_hook(lambda module, given, out: out + module.up_proj(given[0]).mean())
    with pytest.raises(UserError, match=r"layers\.0\.mlp\.up_proj\.weight is not called once"):
        batched(model, SAMPLES)
