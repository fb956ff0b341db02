"""One file that a training continues from: weights, optimizer state, step. Written atomically."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from tombench.errors import RunFailed, UserError
from tombench.writing import sync_folder

Optimizers = Mapping[str, torch.optim.Optimizer]


Weights = Mapping[str, nn.Parameter]
"""What learns, by name."""


@dataclass(frozen=True)
class State:
    """Where a training stands."""

    step: int  # finished steps
    identity: str  # of the training
    numbers: Mapping[str, float] = field(default_factory=dict)  # what else it goes on from


def save(path: Path, weights: Weights, optimizers: Optimizers, state: State) -> None:
    """Write `path`: a kill leaves the old file or the new one.

    Raises RunFailed where it cannot be written; the old file stays.
    """
    tensors = {f"model/{name}": weight for name, weight in weights.items()}
    for kind, optimizer in optimizers.items():
        for index, own in optimizer.state_dict()["state"].items():
            tensors |= {f"{kind}/{index}/{key}": value for key, value in own.items()}
    detached = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    metadata = {"step": str(state.step), "identity": state.identity}
    metadata["numbers"] = json.dumps(dict(state.numbers))
    temporary = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(detached, temporary, metadata=metadata)
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except (OSError, SafetensorError) as error:
        temporary.unlink(missing_ok=True)
        raise RunFailed(
            f"step {state.step}: the checkpoint cannot be written ({error}); the one before it is "
            "kept: make room, then give the same command again"
        ) from error


def load(path: Path, weights: Weights, optimizers: Optimizers, identity: str) -> State:
    """Restore everything in place; step 0 where there is no file.

    Raises UserError if the file belongs to another training.
    """
    if not path.exists():
        return State(0, identity)
    with safe_open(path, framework="pt") as stored:
        metadata = stored.metadata()
        tensors = {name: stored.get_tensor(name).clone() for name in stored.keys()}  # noqa: SIM118
    if metadata["identity"] != identity:
        raise UserError(
            f"{path}: checkpoint of another training (recipe, architecture or seed differ); "
            "give the same settings again, or train into an empty folder"
        )
    with torch.no_grad():
        for name, weight in weights.items():
            weight.copy_(tensors[f"model/{name}"])
    for kind, optimizer in optimizers.items():
        optimizer.load_state_dict(_state_dict(kind, optimizer, tensors))
    return State(int(metadata["step"]), identity, json.loads(metadata.get("numbers", "{}")))


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
