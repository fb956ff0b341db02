"""Weights by the names that the bare model gives them, also where adapters lie around it."""

import re

from torch import nn

PEFT = re.compile(r"^base_model\.model\.|\.base_layer(?=\.|$)")
"""What peft puts into names: before all of them, and before a layer that it wraps."""
NUMBER = re.compile(r"(?:^|\.)(\d+)\.")
ADAPTER = ".lora_"


def bare_name(name: str) -> str:
    """A weight's or layer's name in the model without adapters."""
    return PEFT.sub("", name)


def weights_by_name(network: nn.Module) -> dict[str, nn.Parameter]:
    """All weights but an adapter's own; one that is used twice stands under its first name."""
    return {
        bare_name(name): weight
        for name, weight in network.named_parameters()
        if ADAPTER not in name
    }


def layer_number(name: str) -> int | None:
    """The number of the layer that a weight stands in; None: in none that is numbered."""
    found = NUMBER.search(name)
    return int(found[1]) if found else None


def layer_matrices(network: nn.Module) -> tuple[str, ...]:
    """Names of the linear layers' matrices inside the numbered layers, without adapters.

    In a Llama these are the seven a layer that the sparse-parameter study masks: query, key, value,
    output, gate, up, down. Embeddings, head, norms and biases are not among them.
    """
    from transformers.pytorch_utils import Conv1D

    linear = {
        f"{bare_name(name)}.weight"
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Linear | Conv1D) and ADAPTER not in name
    }
    numbered = (name for name in weights_by_name(network) if layer_number(name) is not None)
    return tuple(name for name in numbered if name in linear)
