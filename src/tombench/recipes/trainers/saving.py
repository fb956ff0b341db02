"""Write a model's folder at one stroke: a kill leaves none or a whole one."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def save_whole(
    network: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    folder: Path,
    dtype: torch.dtype,
    state: Mapping[str, torch.Tensor] | None = None,
) -> None:
    """Weights in `dtype`, configuration and tokenizer, as transformers reads them.

    The network itself is rounded: nothing is to be trained or measured after this. `state` holds
    its weights where the network has shards of them alone.
    """
    partial = aside(folder)
    if state is None:
        network.to(dtype).save_pretrained(partial)
    else:
        rounded = {name: weight.to(dtype) for name, weight in state.items()}
        network.save_pretrained(partial, state_dict=rounded)
    tokenizer.save_pretrained(partial)
    partial.rename(folder)


def aside(folder: Path) -> Path:
    """Where a folder is written before it takes its name; what stood in its place is removed."""
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    return partial
