"""Heads, matrices and rotation of many architectures, none of them known by name."""

from copy import deepcopy

import pytest
import torch
from attention_networks import LLAMA, network
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM

from tombench.masking.mechanism.attention_layout import AttentionLayer, attention_layout

THETA = 10000.0


def layer(name: str, place: int = 0) -> AttentionLayer:
    return attention_layout(network(name))[place]


def plain(dimensions: int, theta: float = THETA) -> list[float]:
    """theta^(-2 j / d)."""
    return [theta ** (-2 * j / dimensions) for j in range(dimensions // 2)]


@pytest.mark.parametrize(
    ("name", "heads", "key_heads", "head_dim", "pairing", "frequencies"),
    [
        ("llama", 4, 2, 8, "half", plain(8)),
        ("qwen2", 4, 2, 8, "half", plain(8)),
        ("qwen3", 4, 2, 16, "half", plain(16)),
        ("gemma2", 4, 2, 16, "half", plain(16)),
        ("phi3", 4, 2, 8, "half", plain(8)),
        ("cohere", 4, 2, 8, "interleaved", plain(8, 500000.0)),
        ("neox", 4, 4, 8, "half", plain(4)),
        ("gptj", 4, 4, 8, "interleaved", plain(4)),
    ],
)
def test_heads_and_rotation(
    name: str, heads: int, key_heads: int, head_dim: int, pairing: str, frequencies: list[float]
) -> None:
    layers = attention_layout(network(name))
    assert [one.number for one in layers] == [0, 1]
    for one in layers:
        assert (one.heads, one.key_heads, one.head_dim) == (heads, key_heads, head_dim)
        assert one.rotary.pairing == pairing
        assert one.rotary.inverse_frequencies == pytest.approx(frequencies, rel=1e-5)


def test_frequencies_are_as_the_model_scales_them() -> None:
    for name in ("llama3", "yarn"):
        own = network(name).model.rotary_emb.inv_freq.tolist()
        assert own != pytest.approx(plain(8), rel=0.1)
        assert layer(name).rotary.inverse_frequencies == pytest.approx(own)


def test_layers_without_rotation_have_none() -> None:
    assert [one.rotary for one in attention_layout(network("gpt2"))] == [None, None]
    (only,) = attention_layout(network("jamba"))  # layer 0 is Mamba's
    assert (only.number, only.heads, only.key_heads, only.rotary) == (1, 4, 2, None)


def test_each_part_has_a_matrix_or_rows_of_one() -> None:
    parts = layer("llama").parts
    assert {name: part.matrix for name, part in parts.items()} == {
        name: f"model.layers.0.self_attn.{name[0]}_proj.weight"
        for name in ("query", "key", "value", "output")
    }
    assert parts["key"].places.tolist() == [list(range(8)), list(range(8, 16))]
    assert parts["output"].places.shape == (4, 8)


def test_rows_of_a_fused_matrix() -> None:
    # NeoX: query, key, value of head 0, then of head 1, …
    neox = layer("neox").parts
    assert neox["output"].matrix == "gpt_neox.layers.0.attention.dense.weight"
    for offset, name in ((0, "query"), (8, "key"), (16, "value")):
        rows = [[24 * head + offset + i for i in range(8)] for head in range(4)]
        assert neox[name].places.tolist() == rows
    # GPT-2: all queries, all keys, all values
    gpt2 = layer("gpt2").parts
    for offset, name in ((0, "query"), (32, "key"), (64, "value")):
        assert gpt2[name].matrix == "transformer.h.0.attn.c_attn.weight"
        assert gpt2[name].places.flatten().tolist() == list(range(offset, offset + 32))
    # Phi3: as GPT-2, with two heads of keys and values for four of queries
    phi3 = layer("phi3").parts
    assert phi3["key"].places.flatten().tolist() == list(range(32, 48))
    assert phi3["value"].places.flatten().tolist() == list(range(48, 64))


def test_half_precision_is_laid_out_the_same() -> None:
    torch.manual_seed(0)
    made = LlamaForCausalLM(LlamaConfig(**LLAMA)).eval()
    inverse = made.model.rotary_emb.inv_freq.clone()
    made.to(torch.bfloat16).model.rotary_emb.inv_freq = inverse  # kept in float32 when loaded
    first = attention_layout(made)[0]
    assert first.rotary.inverse_frequencies == pytest.approx(plain(8))


def test_adapters_inside_do_not_change_names_or_rows() -> None:
    from peft import LoraConfig, get_peft_model

    bare = attention_layout(network("neox"))[0]
    settings = LoraConfig(target_modules=["query_key_value", "dense"], init_lora_weights=False)
    wrapped = get_peft_model(deepcopy(network("neox")), settings).eval().get_base_model()
    found = attention_layout(wrapped)[0]
    assert (found.module, found.rotary) == (bare.module, bare.rotary)
    for name, part in bare.parts.items():
        assert found.parts[name].matrix == part.matrix
        assert torch.equal(found.parts[name].places, part.places)


def hooks_of(made: nn.Module) -> list[int]:
    return [len(m._forward_pre_hooks) + len(m._forward_hooks) for m in made.modules()]


def test_the_network_is_left_as_it_was() -> None:
    for name in ("llama", "neox", "gptj"):
        made, ids = network(name), torch.tensor([[3, 1, 4]])
        implementation = made.config._attn_implementation
        before, hooks = made(input_ids=ids).logits, hooks_of(made)
        attention_layout(made)
        assert made.config._attn_implementation == implementation
        assert hooks_of(made) == hooks
        assert not any("_attn" in vars(module) for module in made.modules())
        assert torch.equal(made(input_ids=ids).logits, before)
