"""Small networks of random weights, samples of several lengths, and a plan to gather."""

import torch
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    GPTNeoXConfig,
    JambaConfig,
    LlamaConfig,
    MixtralConfig,
    PretrainedConfig,
    Qwen2Config,
    Qwen2MoeConfig,
)

from tombench.masking.files import Origin
from tombench.masking.gathering import Gathering
from tombench.masking.names import layer_matrices
from tombench.masking.squared_gradients import Sample, samples_digest

SAMPLES = (
    Sample(tuple(range(3, 12))),
    Sample.last_token((7, 8, 5)),
    Sample((9, 3, 9, 3, 1, 4), first=3),
    Sample((1, 2)),
    Sample.last_token(tuple(range(20))),
)
HEADS = {"num_attention_heads": 4, "num_key_value_heads": 2}
SIZE = {
    "vocab_size": 50, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
    "max_position_embeddings": 64, "bos_token_id": 0, "eos_token_id": 0,
}  # fmt: skip


def config(kind: str) -> PretrainedConfig:
    """Of a small network of this architecture."""
    if kind == "gpt2":  # its matrices lie transposed
        return GPT2Config(
            vocab_size=50, n_embd=16, n_layer=2, n_head=4, n_positions=64, bos_token_id=0,
            eos_token_id=0,
        )  # fmt: skip
    if kind == "gpt_neox":
        return GPTNeoXConfig(**SIZE, num_attention_heads=4)
    if kind == "qwen2":  # biases
        return Qwen2Config(**SIZE, **HEADS)
    if kind == "mixtral":  # its experts are no linear layers
        return MixtralConfig(**SIZE, **HEADS, num_local_experts=3)
    if kind == "qwen2_moe":  # a layer that sees all tokens of a batch as one list
        experts = {"num_experts": 4, "moe_intermediate_size": 8}
        return Qwen2MoeConfig(**SIZE, **HEADS, **experts, shared_expert_intermediate_size=8)
    if kind == "jamba":  # `dt_proj`'s matrix is used without a call
        return JambaConfig(
            **SIZE, **HEADS, num_experts=2, attn_layer_period=2, attn_layer_offset=1,
            mamba_d_state=4, mamba_dt_rank=4,
        )  # fmt: skip
    return LlamaConfig(**SIZE, **HEADS)


def network(kind: str = "llama") -> nn.Module:
    """The same weights at each call."""
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_config(config(kind))


def plan(model: nn.Module, tokens: int = 1, **changed: object) -> Gathering:
    """Sums of squared gradients of all samples, changed."""
    fields = {"samples": SAMPLES, "statistic": "squared_gradient", "reduction": "sum"}
    fields = {**fields, "dtype": "float32", "names": layer_matrices(model), **changed}
    of = {name: fields[name] for name in ("statistic", "reduction", "dtype")}
    origin = Origin(
        model="a" * 64, data=samples_digest(fields["samples"]), samples=len(fields["samples"]),
        sequence_length=20, objective="study", **of,
    )  # fmt: skip
    return Gathering(batch_tokens=tokens, origin=origin, **fields)
