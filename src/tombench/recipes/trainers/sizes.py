"""What a fine-tuning takes, told from the model's configuration: memory by parts, and computing."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tombench.models.base import Model
from tombench.models.check import read_config
from tombench.models.hub import folder_of
from tombench.models.locate import locate
from tombench.recipes.tuning import Lora, TuningSettings

ADAMW = 16
"""Bytes of a weight that learns: itself, its gradient and two moments, in float32."""
STORED = {"none": 2.0, "int8": 1.06, "nf4": 0.56}
"""Bytes of a weight that does not, in bfloat16 or packed with its scales (QLoRA, section 3)."""
ACTIVATIONS = 34
"""Bytes a token, layer and hidden unit at 16 bits, attention's scores not kept (Korthikanti et al.
2022, "Reducing Activation Recomputation in Large Transformer Models", equation 2)."""
PEAKS = {"an H100": 989e12, "an A100": 312e12}  # FLOP/s in bfloat16, from their data sheets
REACHED = 0.4  # of the peak: usual for dense models of some billion parameters
WORTH_TELLING = 60  # seconds
GIB = 2**30


@dataclass(frozen=True)
class Shape:
    """What of a model counts here."""

    parameters: int
    outside: int  # of them in embeddings and head, which are not packed
    adapter: int  # parameters of a LoRA adapter; 0: none
    layers: int
    hidden: int


def parameters_of(model: Model) -> int | None:
    """How many weights a model has; None where its configuration does not say."""
    found = shape_of(model, None)
    return found.parameters if found else None


def shape_of(model: Model, lora: Lora | None) -> Shape | None:
    """Built on no device, so that nothing is loaded; None where the architecture cannot be."""
    folder = str(folder_of(locate(model).weights, code=model.trust_remote_code))
    network = _empty(folder, model.path, model.trust_remote_code)
    if network is None:
        return None
    config = network.config.get_text_config()
    ends = (network.get_input_embeddings(), network.get_output_embeddings())
    outside = {id(end.weight): end.weight.numel() for end in ends if end is not None}
    return Shape(
        network.num_parameters(),
        sum(outside.values()),
        adapter_parameters(network, lora) if lora else 0,
        getattr(config, "num_hidden_layers", 0),
        getattr(config, "hidden_size", 0),
    )


@lru_cache(maxsize=4)
def _empty(folder: str, name: str, code: bool) -> Any:
    import torch
    from transformers import AutoModelForCausalLM

    config = read_config(Path(folder), name, code)
    try:
        with torch.device("meta"):
            network = AutoModelForCausalLM.from_config(config, trust_remote_code=code)
    except Exception:  # an architecture may want a device, or not be of this kind
        return None
    network.tie_weights()
    return network


def adapter_parameters(network: Any, lora: Lora) -> int:
    """rank * (inputs + outputs) of each layer that gets one."""
    from torch import nn
    from transformers.pytorch_utils import Conv1D

    head, found = network.get_output_embeddings(), 0
    for name, module in network.named_modules():
        named = name.rpartition(".")[2] in (lora.targets or ())
        usual = lora.targets is None and isinstance(module, nn.Linear | Conv1D)
        matrix = isinstance(module, nn.Linear | nn.Embedding | Conv1D)
        if matrix and module is not head and (named or usual):
            found += lora.rank * sum(module.weight.shape)
    return found


def training_memory(
    settings: TuningSettings, model: Model, parameters: int | None = None
) -> list[str]:
    """A line on memory and one on computing; none where the model's shape is not known."""
    shape = shape_of(model, settings.lora)
    if shape is None:
        return []
    held, learns = weights_bytes(settings, model, shape)
    active = activation_bytes(settings, shape)
    parts = f"{_size(learns)} to learn, {_size(active)} of activations"
    if held:
        parts = f"{_size(held)} of weights, {parts}"
    return [f"memory {parts}: about {_size(held + learns + active)} a device, libraries aside"]


def weights_bytes(settings: TuningSettings, model: Model, shape: Shape) -> tuple[float, float]:
    """Bytes of weights that stay, and of those that learn with all that goes with them."""
    if settings.lora is None:
        copied = 4.0 * shape.parameters if settings.keeps_reference else 0.0
        return copied, float(ADAMW * shape.parameters)
    learns = float(ADAMW * shape.adapter)
    if model.quantization == "none":
        return shape.parameters * (4.0 if model.dtype == "float32" else STORED["none"]), learns
    inside = shape.parameters - shape.outside
    return inside * STORED[model.quantization] + shape.outside * STORED["none"], learns


def activation_bytes(settings: TuningSettings, shape: Shape) -> float:
    """Of one batch; checkpointing keeps what enters each layer, and one layer's insides."""
    tokens = settings.batch_size * settings.max_length * settings.texts
    layer = tokens * shape.hidden * ACTIVATIONS
    if settings.gradient_checkpointing:
        return float(tokens * shape.hidden * 2 * shape.layers + layer)
    return float(layer * shape.layers)


def computing(settings: TuningSettings, model: Model, tokens: int) -> list[str]:
    """Floating-point operations of a training, and what they take on two usual GPUs.

    6 a token and weight (Kaplan et al. 2020, section 2.1); an adapter spares the third that the
    gradients of the base's weights take. Nothing is told of trainings of seconds.
    """
    parameters = parameters_of(model)
    if parameters is None:
        return []
    done = (4 if settings.lora else 6) * parameters * tokens
    if done / REACHED < WORTH_TELLING * min(PEAKS.values()):
        return []
    took = ", ".join(f"{_time(done / peak / REACHED)} on {name}" for name, peak in PEAKS.items())
    return [f"work   {done:.2g} floating-point operations on {tokens:,} tokens: about {took}"]


def _size(count: float) -> str:
    return f"{count / GIB:.1f} GiB" if count >= GIB else f"{count / 2**20:.1f} MiB"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
