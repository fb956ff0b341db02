"""Pickled weights to safetensors, once, without running what a pickle may hold.

    python -m tombench.models.convert nomic-ai/gpt4all-j gpt4all-j --revision v1.3-groovy
    tombench model=gpt4all-j model.path=gpt4all-j

torch's restricted unpickler (`weights_only=True`) builds tensors and plain containers and refuses
every other name, so that nothing in the file is executed.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

from tombench.errors import UserError

ORIGIN = "converted_from.json"
"""Which repository, or folder, and which revision of it the weights are."""
KEPT = ("*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken")
INDEXES = ("pytorch_model.bin.index.json", "model.safetensors.index.json")


def convert(source: Path, target: Path) -> list[Path]:
    """Write the `*.bin` weights of `source` as safetensors into the new folder `target`.

    Raises:
        UserError: `target` is there already, or a file is no pickle of plain tensors.
    """
    import torch
    from safetensors.torch import save_file

    shards = sorted(source.glob("pytorch_model*.bin"))
    if not shards:
        raise UserError(f"{source}: no pytorch_model*.bin to convert")
    if target.exists():
        raise UserError(f"{target}: is there already; name a new folder")
    target.mkdir(parents=True)
    written, places, size = [], {}, 0
    for number, shard in enumerate(shards, start=1):
        try:
            tensors = torch.load(shard, map_location="cpu", weights_only=True)
        except Exception as error:  # UnpicklingError, EOFError, RuntimeError of a cut file
            shutil.rmtree(target)
            first = str(error).splitlines()[0]
            raise UserError(f"{shard}: refused, not plain tensors ({first})") from error
        whole = {name: tensor.clone().contiguous() for name, tensor in tensors.items()}
        path = target / _shard_name(number, len(shards))
        save_file(whole, path, metadata={"format": "pt"})
        places |= dict.fromkeys(whole, path.name)
        size += path.stat().st_size
        written.append(path)
    if len(shards) > 1:
        index = {"metadata": {"total_size": size}, "weight_map": places}
        (target / INDEXES[1]).write_text(json.dumps(index, indent=1))
    for file in {file for pattern in KEPT for file in source.glob(pattern)}:
        if file.name not in INDEXES:
            shutil.copy(file, target / file.name)
    return written


def _shard_name(number: int, count: int) -> str:
    return "model.safetensors" if count == 1 else f"model-{number:05d}-of-{count:05d}.safetensors"


def main() -> int:
    """The command; exit status 0, or 2 with one line."""
    parser = argparse.ArgumentParser(prog="python -m tombench.models.convert", description=__doc__)
    parser.add_argument("source", help="a folder, or a Hub id OWNER/NAME")
    parser.add_argument("target", type=Path, help="a new folder")
    parser.add_argument("--revision", help="Hub branch, tag or commit")
    args = parser.parse_args()
    folder = Path(args.source).expanduser()
    try:
        if not folder.is_dir():
            from tombench.models.hub import fetched
            from tombench.models.locate import Place

            place = Place(args.source, None, args.revision)
            folder = fetched(place, args.revision, [*KEPT, "pytorch_model*.bin"])
        for path in convert(folder, args.target):
            print(path)
        origin = {"path": args.source, "revision": args.revision}
        (args.target / ORIGIN).write_text(json.dumps(origin) + "\n", encoding="utf-8")
    except UserError as error:
        print(f"tombench: {error}", file=sys.stderr)
        return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main())
