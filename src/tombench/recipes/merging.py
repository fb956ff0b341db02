"""An adapter put into its base for good: weights that any program reads, without peft.

The base is read again unquantized: what is merged into 4-bit weights is rounded to 16 values a
block, and most of the adapter is lost.
"""

import json
from dataclasses import replace
from pathlib import Path

import torch

from tombench.models.base import Model
from tombench.models.check import read_config
from tombench.models.hub import folder_of
from tombench.models.load import Head, load_base, put_on, quiet
from tombench.models.locate import Place, adapter_place, locate
from tombench.recipes.trainers.saving import save_whole


def merge(model: Model, adapter: str | None, folder: Path) -> int:
    """Write base and adapters of a model, and then `adapter`, as one model to `folder`.

    Weights are of `model.dtype`, else as the base's are stored. Returns how many there are. Raises
    UserError where an adapter does not fit its base.
    """
    quiet()
    whole = replace(model, quantization="none", device_map=None)
    source = locate(whole)
    dtype = stored_dtype(whole)
    adapters = [*source.adapters, *([] if adapter is None else [adapter_place(adapter)])]
    name = str(dtype).removeprefix("torch.")
    base = load_base(replace(whole, dtype=name), torch.device("cpu"), head_of(adapters))
    network = base.network
    for place in adapters:
        first = source.weights if place is adapters[0] else None
        network = put_on(network, place, first).merge_and_unload()
    save_whole(network, base.encoding.tokenizer, folder, dtype)
    return network.num_parameters()


def head_of(adapters: list[Place]) -> Head:
    """A reward model's adapter brings its scalar head with it."""
    kinds = set()
    for place in adapters:
        file = folder_of(place) / "adapter_config.json"
        kinds.add(json.loads(file.read_text(encoding="utf-8")).get("task_type"))
    return "new_reward" if "SEQ_CLS" in kinds else "causal_lm"


def stored_dtype(model: Model) -> torch.dtype:
    """The one that `model.dtype` names, else the one that the weights are stored in."""
    if model.dtype != "auto":
        return getattr(torch, model.dtype)
    folder = folder_of(locate(model).weights)
    return read_config(folder, model.path, model.trust_remote_code).dtype or torch.float32
