"""Names of weights, with adapters around them and without."""

import torch
from peft import LoraConfig, get_peft_model
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from tombench.masking.names import bare_name, layer_matrices, layer_number, weights_by_name

SEVEN = {
    *("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"),
    *("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"),
}


def llama() -> LlamaForCausalLM:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=30, hidden_size=8, intermediate_size=12, num_hidden_layers=2,
            num_attention_heads=2, attention_bias=True, tie_word_embeddings=False,
        )
    )  # fmt: skip


def test_names_of_peft_become_the_models() -> None:
    wrapped = "base_model.model.model.layers.0.self_attn.q_proj.base_layer.weight"
    assert bare_name(wrapped) == "model.layers.0.self_attn.q_proj.weight"
    assert bare_name("base_model.model.lm_head") == "lm_head"
    assert bare_name("model.base_layers.0.weight") == "model.base_layers.0.weight"


def test_numbers_of_layers() -> None:
    assert layer_number("model.layers.12.mlp.up_proj.weight") == 12
    assert layer_number("transformer.h.3.attn.c_attn.weight") == 3
    assert layer_number("model.embed_tokens.weight") is None
    assert layer_number("model.layers2.weight") is None


def test_the_layers_matrices_of_a_llama_are_seven_a_layer() -> None:
    expected = {f"model.layers.{number}.{own}.weight" for number in (0, 1) for own in SEVEN}
    assert set(layer_matrices(llama())) == expected
    adapted = get_peft_model(llama(), LoraConfig(r=2, target_modules=["q_proj", "up_proj"]))
    assert layer_matrices(adapted) == layer_matrices(llama())


def test_weights_have_the_same_names_and_order_under_an_adapter() -> None:
    model = llama()
    plain = dict(model.named_parameters())
    adapted = get_peft_model(model, LoraConfig(r=2, target_modules="all-linear"))
    found = weights_by_name(adapted)
    assert list(found) == list(plain)
    assert all(found[name] is weight for name, weight in plain.items())


def test_gpt2_keeps_its_matrices_in_layers_of_its_own_kind() -> None:
    with torch.device("meta"):
        model = GPT2LMHeadModel(GPT2Config(n_embd=8, n_layer=1, n_head=2))
    inner = ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
    assert layer_matrices(model) == tuple(f"transformer.h.0.{name}.weight" for name in inner)
