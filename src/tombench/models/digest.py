"""What a model is, as a hash: the identity of a run rests on it."""

import hashlib
from functools import lru_cache
from pathlib import Path

from tombench.models.base import Model
from tombench.models.encoding import read_template
from tombench.models.hub import folder_of
from tombench.models.locate import Place, locate

RELEVANT = (
    "*.safetensors",
    "*.safetensors.index.json",
    "config.json",
    "generation_config.json",
    "adapter_config.json",
    "tokenizer*",
    "tekken.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    "*.model",
    "*.jinja",
    "*.py",
)
BLOCK = 1 << 22  # bytes read at a time


def model_digest(model: Model) -> str:
    """SHA-256 (hex) of what can change a model's answers, wherever it lies.

    A folder counts by its files' names and bytes, a Hub repository by its commit; then adapters
    and chat template. Raises UserError where the model cannot be found.
    """
    source = locate(model)
    template = model.template
    if template not in ("auto", "none"):
        template = read_template(template)
    parts = [
        place_digest(source.weights),
        *(place_digest(place) for place in source.adapters),
        f"template {template}",
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def place_digest(place: Place) -> str:
    """A folder's content hash, or a Hub repository's commit."""
    if place.folder is None:
        return f"{place.name}@{folder_of(place).name}"  # snapshots are named by their commit
    found = {file for pattern in RELEVANT for file in place.folder.glob(pattern) if file.is_file()}
    digest = hashlib.sha256()
    for file in sorted(found, key=lambda file: file.name):
        state = file.stat()
        written = (state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
        digest.update(f"{file.name} {_hash(file, written)}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=256)
def _hash(file: Path, written: tuple[int, ...]) -> str:
    """A file's SHA-256; size, times and inode make a rewritten file a new entry.

    The time of modification can be put back; that of the inode's change cannot.
    """
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
