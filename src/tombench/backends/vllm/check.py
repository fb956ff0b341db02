"""What vLLM cannot do that transformers can, refused before anything loads."""

import json

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.check import adapter_kind
from tombench.models.hub import folder_of
from tombench.models.locate import Place, locate
from tombench.processes import place

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""Ranks that vLLM's `max_lora_rank` takes (vllm/config/lora.py)."""

NOT_LORA = (
    "use_dora",
    "modules_to_save",
    "lora_bias",
    "rank_pattern",
    "alpha_pattern",
    "layer_replication",
    "target_parameters",
    "trainable_token_indices",
)
"""Keys of adapter_config.json that ask for more than vLLM adds to a layer; some it overlooks."""


def check_model(model: Model) -> None:
    """Refuse (UserError) what vLLM cannot do; weights and tokenizer are not looked at."""
    if model.quantization != "none":
        raise UserError(
            f"model.quantization={model.quantization}: vLLM would quantize differently; set"
            " model.quantization=none, give weights that are saved quantized, or use backend=hf"
        )
    if place().world > 1:
        raise UserError(
            "backend=vllm runs in one process: start it without torchrun, and spread the weights by"
            " backend.tensor_parallel_size"
        )
    adapters = locate(model).adapters
    if len(adapters) > 1:
        raise UserError(
            f"model.adapter={model.adapter}: vLLM takes one adapter, and {model.path} is one;"
            " merge that into its base first, or use backend=hf"
        )
    for adapter in adapters:
        rank(adapter)


def rank(adapter: Place) -> int:
    """The `max_lora_rank` that an adapter needs; raises UserError where it is no plain LoRA."""
    folder = folder_of(adapter)
    kind = adapter_kind(folder, adapter.name)
    asked = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    extra = [key for key in NOT_LORA if asked.get(key)]
    if asked.get("bias", "none") != "none":
        extra.append("bias")
    if kind != "LORA" or extra:
        what = f"an adapter of kind {kind}" if kind != "LORA" else f"LoRA with {', '.join(extra)}"
        raise UserError(
            f"{adapter.name}: vLLM does not run {what}; merge it into its base, or use backend=hf"
        )
    fitting = [size for size in RANKS if size >= asked.get("r", 8)]
    if not fitting:
        raise UserError(
            f"{adapter.name}: LoRA of rank {asked['r']}, and vLLM takes at most {RANKS[-1]};"
            " merge it into its base, or use backend=hf"
        )
    return fitting[0]
