"""Tiny networks with random weights, one an architecture of attention."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import torch
import transformers
from torch import nn

from tombench.masking.masks import Mask
from tombench.masking.names import layer_matrices, weights_by_name

LLAMA = {
    "vocab_size": 50, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 64,
    "pad_token_id": 0,
}  # fmt: skip
GPT = {"vocab_size": 50, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64}
LLAMA3 = {
    "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
    "high_freq_factor": 4.0, "original_max_position_embeddings": 16,
}  # fmt: skip
YARN = {
    "rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0,
    "original_max_position_embeddings": 16,
}  # fmt: skip
MAMBA = {
    "attn_layer_period": 2, "attn_layer_offset": 1, "num_experts": 2, "mamba_d_state": 4,
    "use_mamba_kernels": False,
}  # fmt: skip
SOFT = {"head_dim": 16, "attn_logit_softcapping": 0.05, "sliding_window": 4}
NETWORKS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "llama": ("LlamaForCausalLM", "LlamaConfig", LLAMA),
    "llama3": ("LlamaForCausalLM", "LlamaConfig", {**LLAMA, "rope_parameters": LLAMA3}),
    "yarn": ("LlamaForCausalLM", "LlamaConfig", {**LLAMA, "rope_parameters": YARN}),
    "qwen2": ("Qwen2ForCausalLM", "Qwen2Config", LLAMA),
    "qwen3": ("Qwen3ForCausalLM", "Qwen3Config", {**LLAMA, "head_dim": 16}),
    "gemma2": ("Gemma2ForCausalLM", "Gemma2Config", {**LLAMA, **SOFT}),
    "phi3": ("Phi3ForCausalLM", "Phi3Config", LLAMA),
    "cohere": ("CohereForCausalLM", "CohereConfig", LLAMA),
    "neox": ("GPTNeoXForCausalLM", "GPTNeoXConfig", {**LLAMA, "rotary_pct": 0.5}),
    "gptj": ("GPTJForCausalLM", "GPTJConfig", {**GPT, "rotary_dim": 4}),
    "gpt2": ("GPT2LMHeadModel", "GPT2Config", GPT),
    "jamba": ("JambaForCausalLM", "JambaConfig", {**LLAMA, **MAMBA}),
}


@cache
def network(name: str) -> nn.Module:
    """In float32, evaluation mode; weights large enough that heads differ. Leave it as it is."""
    model, config, settings = NETWORKS[name]
    torch.manual_seed(0)
    made = getattr(transformers, model)(getattr(transformers, config)(**settings)).eval()
    with torch.no_grad():
        for weight in made.parameters():
            if weight.ndim == 2:
                weight.normal_(std=0.3)
    return made


def mask_of(network: nn.Module, entries: Mapping[str, list[int]]) -> Mask:
    """A mask of these entries; all other matrices have none."""
    weights = weights_by_name(network)
    names = layer_matrices(network)
    assert set(entries) <= set(names)
    return Mask(
        {name: torch.tensor(entries.get(name, []), dtype=torch.int64) for name in names},
        {name: weights[name].numel() for name in names},
    )
