"""Squared gradients by hand, and against one gradient at a time."""

import pytest
import torch
from bigrams import Bigrams
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM

from tombench.errors import UserError
from tombench.masking.squared_gradients import Sample, samples_digest, squared_gradients

ROWS = "rows.weight"


def llama(dropout: float = 0.0) -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=30, hidden_size=8, intermediate_size=12, num_hidden_layers=2,
        num_attention_heads=2, tie_word_embeddings=True, attention_dropout=dropout,
    )  # fmt: skip
    return LlamaForCausalLM(config)


@pytest.mark.parametrize(
    ("samples", "reduction", "expected"),
    [
        ([Sample((0, 1))], "sum", [[0.25, 0.25], [0, 0]]),
        # two samples whose gradients cancel: squares do not
        ([Sample((0, 1)), Sample((0, 0))], "sum", [[0.5, 0.5], [0, 0]]),
        ([Sample((0, 1)), Sample((0, 0))], "mean", [[0.25, 0.25], [0, 0]]),
        # within one sample they do: (-1/4, 1/4) and (1/4, -1/4)
        ([Sample((0, 0, 1))], "sum", [[0, 0], [0, 0]]),
        ([Sample((0, 1, 1))], "sum", [[0.0625, 0.0625], [0.0625, 0.0625]]),
        ([Sample((0, 1, 1), first=2)], "sum", [[0, 0], [0.25, 0.25]]),
        ([Sample.last_token((0, 0, 1))], "sum", [[0.25, 0.25], [0, 0]]),
        ([Sample((1, 0)), Sample((0, 1)), Sample((0, 1)), Sample((0, 0))], "mean",
         [[0.1875, 0.1875], [0.0625, 0.0625]]),
    ],
)  # fmt: skip
def test_by_hand(samples: list[Sample], reduction: str, expected: list[list[float]]) -> None:
    found = squared_gradients(Bigrams(), samples, reduction=reduction)
    assert found[ROWS].dtype == torch.float32
    assert found[ROWS].tolist() == expected
    assert found["unused"].tolist() == [0, 0, 0]


def test_those_of_a_llama_are_those_of_single_samples() -> None:
    model = llama()
    samples = [Sample((3, 4, 5, 6)), Sample((7, 8)), Sample((9, 3, 9, 3, 1), first=3)]
    expected = {name: torch.zeros_like(weight) for name, weight in model.named_parameters()}
    for sample in samples:
        ids = torch.tensor([sample.ids])
        labels = ids.clone()
        labels[:, : sample.first] = -100
        model.zero_grad()
        model(input_ids=ids, labels=labels).loss.backward()
        for name, weight in model.named_parameters():
            expected[name] += weight.grad**2
    found = squared_gradients(model, iter(samples), reduction="sum")
    assert list(found) == list(expected)  # the tied head is not a second weight
    for name, total in expected.items():
        assert total.abs().max() > 0
        torch.testing.assert_close(found[name], total, rtol=1e-5, atol=1e-12)


def test_the_same_bits_again_and_only_what_is_asked_for() -> None:
    model, samples = llama(), [Sample((3, 4, 5, 6)), Sample((7, 8, 1))]
    whole = squared_gradients(model, samples)
    wanted = ["model.layers.1.mlp.up_proj.weight", "model.layers.0.self_attn.q_proj.weight"]
    some = squared_gradients(model, samples, wanted)
    assert list(some) == wanted[::-1]  # the model's order
    assert all(torch.equal(some[name], whole[name]) for name in wanted)


def test_nothing_is_dropped_out() -> None:
    samples = [Sample((3, 4, 5, 6))]
    found = squared_gradients(llama(dropout=0.5).train(), samples)
    expected = squared_gradients(llama(), samples)
    assert all(torch.equal(found[name], gradient) for name, gradient in expected.items())


def test_the_model_is_left_as_it_was() -> None:
    model = Bigrams().train()
    model.unused.requires_grad_(False)
    gradient = torch.full((2, 2), 7.0)
    model.rows.weight.grad = gradient
    with torch.no_grad():
        found = squared_gradients(model, [Sample((0, 1))])
    assert found[ROWS].sum() == 0.5
    assert model.training and model.rows.weight.grad is gradient
    assert model.rows.weight.requires_grad and not model.unused.requires_grad
    model(input_ids=torch.tensor([0]), use_cache=False).logits.sum().backward()
    assert model.rows.weight.grad.tolist() == [[8, 8], [7, 7]]  # no hook is left


def test_it_is_left_as_it_was_after_a_mistake_too() -> None:
    model = Bigrams().train()
    with pytest.raises(UserError):
        squared_gradients(model, [Sample((0, 1)), Sample((0,))], ["unused"])
    assert model.training and model.rows.weight.requires_grad


def test_float16_loses_small_gradients() -> None:
    samples = [Sample((1, *[0] * 5000))]  # row 1 has a gradient of 0.5 / 5000 = 1e-4
    assert squared_gradients(Bigrams(), samples)[ROWS][1, 0].item() == pytest.approx(1e-8)
    found = squared_gradients(Bigrams(), samples, dtype=torch.float16)[ROWS]
    assert found.dtype == torch.float16 and found[1, 0].item() == 0


@pytest.mark.parametrize(
    ("samples", "line"),
    [
        ([], "there are no samples"),
        ([Sample((0, 1)), Sample((0,))], "sample 1 has 1 tokens"),
        ([Sample((0, 1), first=0)], "loss from token 0 on is asked for"),
    ],
)
def test_samples_that_cannot_be_taken(samples: list[Sample], line: str) -> None:
    with pytest.raises(UserError, match=line):
        squared_gradients(Bigrams(), samples)


def test_weights_that_cannot_be_taken() -> None:
    model = Bigrams()
    with pytest.raises(UserError, match=r"no weight row\.weight; it has unused, rows\.weight"):
        squared_gradients(model, [Sample((0, 1))], ["row.weight"])
    model.packed = nn.Parameter(torch.zeros(2, dtype=torch.uint8), requires_grad=False)
    with pytest.raises(UserError, match="packed is quantized"):
        squared_gradients(model, [Sample((0, 1))])
    assert list(squared_gradients(model, [Sample((0, 1))], [ROWS])) == [ROWS]


def test_a_loss_that_is_no_number_is_told() -> None:
    model = Bigrams()
    nn.init.constant_(model.rows.weight, float("nan"))
    with pytest.raises(UserError, match="loss of sample 0 is nan"):
        squared_gradients(model, [Sample((0, 1))])


def test_the_digest_holds_ids_order_and_what_counts() -> None:
    given = [Sample((1, 2)), Sample((3, 4, 5))]
    others = [
        given[::-1],
        [Sample((1, 2)), Sample((3, 4, 6))],
        [Sample((1, 2)), Sample((3, 4, 5), first=2)],
        [Sample((1, 2, 3, 4, 5))],
    ]
    assert samples_digest([Sample([1, 2]), Sample([3, 4, 5])]) == samples_digest(given)
    assert len({samples_digest(one) for one in [given, *others]}) == 5
