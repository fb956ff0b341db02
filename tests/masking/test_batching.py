"""Samples side by side: what is padded, what is read at once, and which networks allow it."""

import pytest
import torch
from small_networks import network
from torch import nn

from tombench.errors import UserError
from tombench.masking.batching import (
    Batch,
    by_sample,
    head_over,
    linear_modules,
    spans,
    why_not_batched,
)
from tombench.masking.names import layer_matrices
from tombench.masking.squared_gradients import Sample

CPU = torch.device("cpu")


def matrices(model: nn.Module) -> dict[str, nn.Module]:
    modules = linear_modules(model)
    return {name: modules[name] for name in layer_matrices(model)}


def test_samples_are_padded_on_the_right() -> None:
    batch = Batch([Sample((5, 6, 7)), Sample((8, 9), first=1)], 0)
    inputs = batch.inputs(CPU)
    assert inputs["input_ids"].tolist() == [[5, 6, 7], [8, 9, 0]]
    assert inputs["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert "attention_mask" not in Batch([Sample((5, 6)), Sample((8, 9))], 0).inputs(CPU)


def test_counted_tokens_are_predicted_from_those_before_them() -> None:
    batch = Batch([Sample((5, 6, 7)), Sample.last_token((8, 9, 3, 4))], 0)
    rows, places = batch.predicting()
    assert rows.tolist() == [0, 0, 1]
    assert places.tolist() == [0, 1, 2]
    assert batch.targets().tolist() == [6, 7, 4]
    assert batch.counted == (2, 1)


def test_a_sample_that_is_too_short_is_told_by_its_number() -> None:
    with pytest.raises(UserError, match="sample 8 has 1 tokens"):
        Batch([Sample((5, 6)), Sample((7,))], 7)


@pytest.mark.parametrize(
    ("lengths", "tokens", "expected"),
    [
        ([3, 3, 3, 3], 6, [(0, 2), (2, 4)]),
        ([1, 4, 1, 1], 8, [(0, 2), (2, 4)]),  # padding counts: three of four are twelve
        ([9, 2, 2], 4, [(0, 1), (1, 3)]),  # too long for any batch: alone
        ([2, 2], 1, [(0, 1), (1, 2)]),
    ],
)
def test_batches_are_consecutive(lengths: list[int], tokens: int, expected: list) -> None:
    assert list(spans(lengths, 0, len(lengths), tokens)) == expected
    later = expected[1][0]
    assert list(spans(lengths, later, len(lengths), tokens)) == expected[1:]


def test_rows_of_tokens() -> None:
    flat = torch.arange(12.0).view(6, 2)
    assert torch.equal(by_sample(flat, (2, 3)), flat.view(2, 3, 2))
    assert by_sample(flat.view(2, 3, 2), (2, 3)).shape == (2, 3, 2)
    assert by_sample(flat.view(3, 2, 2), (2, 3)) is None
    assert by_sample(flat[:5], (2, 3)) is None


@pytest.mark.parametrize("kind", ["llama", "gpt2", "gpt_neox", "qwen2", "mixtral", "qwen2_moe"])
def test_these_can_be_batched(kind: str) -> None:
    model = network(kind).eval()
    assert why_not_batched(model, matrices(model)) is None


def test_a_matrix_that_is_used_without_a_call_is_told() -> None:
    model = network("jamba").eval()
    why = why_not_batched(model, matrices(model))
    assert why == "model.layers.0.mamba.dt_proj.weight is called 0 times a forward pass"


def test_layers_that_stand_twice_are_told() -> None:
    model = network().eval()
    model.model.layers[1] = model.model.layers[0]
    why = why_not_batched(model, matrices(model))
    assert why == "model.layers.0.self_attn.q_proj.weight is used in several layers"


def test_layers_that_are_called_twice_or_see_some_tokens_are_told() -> None:
    model = network().eval()
    layer = model.model.layers[0].mlp
    layer.register_forward_hook(lambda module, given, out: out + module.up_proj(given[0]).mean())
    why = why_not_batched(model, matrices(model))
    assert why == "model.layers.0.mlp.up_proj.weight is called 2 times a forward pass"
    layer = (model := network().eval()).model.layers[0].mlp
    layer.register_forward_pre_hook(lambda module, given: (given[0][:, :2],))
    layer.register_forward_hook(lambda module, given, out: out.repeat(1, 2, 1)[:, :3])
    why = why_not_batched(model, matrices(model))
    assert "mlp.gate_proj.weight is called once, but not with one row a token" in why


def test_layers_of_another_kind_are_told() -> None:
    class Scaled(nn.Linear):
        def forward(self, given: torch.Tensor) -> torch.Tensor:
            return 2 * super().forward(given)

    model = network().eval()
    model.model.layers[0].mlp.up_proj = Scaled(16, 24, bias=False)
    assert "up_proj.weight is of a Scaled" in why_not_batched(model, matrices(model))


def test_the_head_sees_the_tokens_that_are_asked_for() -> None:
    model = network().eval()
    ids = torch.tensor([[3, 4, 5], [6, 7, 8]])
    whole = model(input_ids=ids).logits
    with head_over(model, torch.tensor([0, 1, 1]), torch.tensor([2, 0, 1])) as cut:
        logits = model(input_ids=ids).logits
    assert cut and logits.shape == (1, 3, 50)
    torch.testing.assert_close(logits[0], whole[[0, 1, 1], [2, 0, 1]])
    assert model(input_ids=ids).logits.shape == (2, 3, 50)  # no hook is left
