"""A batch's loss: packed texts count as they do alone, and what has no weight is not computed."""

from collections.abc import Callable
from functools import partial
from random import Random

import pytest
import torch
from torch.nn.functional import cross_entropy
from toy_texts import CONTENT_WORDS, draw_text, toy_tokenizer
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, PreTrainedModel

from tombench.models.encoding import Encoding
from tombench.recipes import forward
from tombench.recipes.forward import Forward
from tombench.recipes.packing import Batch, Packer
from tombench.recipes.weights import LossWeights, Vocabulary

IDS = 500


def llama(attention: str = "sdpa") -> PreTrainedModel:
    config = LlamaConfig(
        vocab_size=IDS, hidden_size=16, intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=2, attn_implementation=attention,
    )  # fmt: skip
    return LlamaForCausalLM(config)


def gpt2() -> PreTrainedModel:
    return GPT2LMHeadModel(GPT2Config(vocab_size=IDS, n_embd=16, n_layer=2, n_head=2))


@pytest.fixture(scope="module")
def batch() -> Batch:
    tokenizer = toy_tokenizer()
    weigh = partial(LossWeights(verdict=0).of, vocabulary=Vocabulary.of(tokenizer, CONTENT_WORDS))
    packer = Packer(draw_text, Encoding(tokenizer, None), weigh, 100)
    return Batch.of([packer.rows(Random(0), 0.0, 3)])


def loss_by_text(model: PreTrainedModel, batch: Batch) -> torch.Tensor:
    """The same loss, each text read alone."""
    total = torch.zeros(())
    for row in range(len(batch.inputs)):
        for number in batch.texts[row].unique():
            own = batch.texts[row] == number
            logits = model(batch.inputs[row][own][None]).logits[0]
            each = cross_entropy(logits, batch.targets[row][own], reduction="none")
            total = total + (each * batch.weights[row][own]).sum()
    return total / batch.weights.sum()


@pytest.mark.parametrize("make", [llama, partial(llama, "eager"), gpt2])
def test_a_text_counts_what_it_counts_alone(make: Callable, batch: Batch) -> None:
    torch.manual_seed(0)
    model = make().eval()
    assert (batch.weights == 0).sum() > 3
    loss = Forward(model, "float32").learn(batch)
    assert loss == pytest.approx(loss_by_text(model, batch).item(), rel=1e-4)


@pytest.mark.parametrize("piece", [100, 200, 2048])
def test_gradients_are_those_of_the_texts_alone(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(forward, "PIECE", piece)
    torch.manual_seed(0)
    model = llama()
    loss = Forward(model, "float32").learn(batch)
    packed = [weight.grad.clone() for weight in model.parameters()]
    model.zero_grad()
    alone = loss_by_text(model, batch)
    alone.backward()
    assert loss == pytest.approx(alone.item(), rel=1e-5)
    for one, other in zip(packed, model.parameters(), strict=True):
        assert torch.allclose(one, other.grad, atol=1e-5)


def test_bfloat16_is_near_and_leaves_weights_and_attention_alone(batch: Batch) -> None:
    torch.manual_seed(0)
    model = llama()
    exact = Forward(model, "float32").learn(batch)
    model.zero_grad()
    loss = Forward(model, "bfloat16").learn(batch)
    assert 0 < abs(loss - exact) < 0.02
    assert {weight.grad.dtype for weight in model.parameters()} == {torch.float32}
    assert model.config._attn_implementation == "sdpa"


def test_a_batch_without_any_weight_teaches_nothing(batch: Batch) -> None:
    nothing = Batch(**(vars(batch) | {"weights": torch.zeros_like(batch.weights)}))
    model = llama()
    assert Forward(model, "float32").learn(nothing) == 0.0
    assert all((weight.grad == 0).all() for weight in model.parameters())
