"""Weight files on disk: safetensors alone, whole, and what tensors they hold."""

import json
from collections.abc import Mapping
from pathlib import Path

from tombench.errors import UserError
from tombench.models.listing import pickled_on_hub

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
ADAPTER = "adapter_model.safetensors"
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")
LENGTH_BYTES = 8  # a safetensors file opens with its header's length, little endian


def weight_files(folder: Path, name: str) -> list[Path]:
    """The safetensors files of a model folder: one, or the shards that its index lists.

    `name` is what error lines call the model. Raises UserError where there are none.
    """
    if (folder / SINGLE).is_file():
        return [folder / SINGLE]
    if (folder / INDEX).is_file():
        try:
            shards = set(
                json.loads((folder / INDEX).read_text(encoding="utf-8"))["weight_map"].values()
            )
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise UserError(f"{folder / INDEX}: not an index of shards; fetch it again") from error
        return [folder / shard for shard in sorted(shards)]
    raise _no_weights(folder, name, SINGLE)


def adapter_file(folder: Path, name: str) -> Path:
    """An adapter's safetensors file; raises UserError where there is none."""
    if (folder / ADAPTER).is_file():
        return folder / ADAPTER
    raise _no_weights(folder, name, ADAPTER)


def shapes_in(file: Path) -> Mapping[str, tuple[int, ...]]:
    """Tensor names and shapes in a safetensors file, read from its header alone.

    Raises UserError where the file is missing, cut off, or no safetensors file.
    """
    if not file.is_file():
        raise UserError(f"{file}: missing; its index lists it: fetch the model again")
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(LENGTH_BYTES), "little")
        if length > size:
            raise UserError(f"{file}: not a whole safetensors file; fetch it again")
        header = stream.read(length)
    try:
        tensors = {k: v for k, v in json.loads(header).items() if k != "__metadata__"}
        shapes = {name: tuple(tensor["shape"]) for name, tensor in tensors.items()}
        end = max((tensor["data_offsets"][1] for tensor in tensors.values()), default=0)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{file}: its header cannot be read; fetch the file again") from error
    if LENGTH_BYTES + length + end != size:
        raise UserError(
            f"{file}: cut off or damaged: {size} bytes where its header says"
            f" {LENGTH_BYTES + length + end}; fetch the file again"
        )
    return shapes


def _no_weights(folder: Path, name: str, wanted: str) -> UserError:
    pickled = sorted(file.name for pattern in PICKLED for file in folder.glob(pattern))
    pickled = pickled or pickled_on_hub(folder, name)
    if pickled:
        return UserError(
            f"{name}: only pickled weights ({pickled[0]}), which can run code when read and are"
            f" refused; convert them safely once: python -m tombench.models.convert {name} FOLDER"
        )
    return UserError(f"{name}: no weights in {folder} (looked for {wanted})")
