"""One file that a training continues from: weights, optimizer state, step. Written atomically."""

import os
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from tombench.errors import UserError
from tombench.writing import sync_folder

Optimizers = Mapping[str, torch.optim.Optimizer]


def save(path: Path, model: nn.Module, optimizers: Optimizers, step: int, identity: str) -> None:
    """Write `path` after `step` finished steps: a kill leaves the old file or the new one."""
    tensors = {f"model/{name}": weight for name, weight in model.named_parameters()}
    for kind, optimizer in optimizers.items():
        for index, state in optimizer.state_dict()["state"].items():
            tensors |= {f"{kind}/{index}/{key}": value for key, value in state.items()}
    detached = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    save_file(detached, temporary, metadata={"step": str(step), "identity": identity})
    with temporary.open("rb") as written:
        os.fsync(written.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


def load(path: Path, model: nn.Module, optimizers: Optimizers, identity: str) -> int:
    """Restore everything in place and return the finished steps; 0 where there is no file.

    Raises UserError if the file belongs to another training.
    """
    if not path.exists():
        return 0
    with safe_open(path, framework="pt") as stored:
        metadata = stored.metadata()
        tensors = {name: stored.get_tensor(name).clone() for name in stored.keys()}  # noqa: SIM118
    if metadata["identity"] != identity:
        raise UserError(
            f"{path}: checkpoint of another training (recipe, architecture or seed differ); "
            "give the same settings again, or train into an empty folder"
        )
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(tensors[f"model/{name}"])
    for kind, optimizer in optimizers.items():
        optimizer.load_state_dict(_state_dict(kind, optimizer, tensors))
    return int(metadata["step"])


def _state_dict(
    kind: str, optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]
) -> dict[str, object]:
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        owner, _, rest = name.partition("/")
        if owner == kind:
            index, _, key = rest.partition("/")
            state.setdefault(int(index), {})[key] = tensor
    return {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
