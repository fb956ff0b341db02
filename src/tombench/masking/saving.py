"""A model under a mask, saved as a folder that transformers loads."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from tombench.errors import RunFailed
from tombench.writing import sync_folder

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def save_masked(
    network: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", folder: Path
) -> Path:
    """Save the network as it is now, in its dtype; a kill leaves no folder or a whole one.

    A folder that stands there already is replaced.

    Returns:
        `folder`.

    Raises:
        RunFailed: the disk is full or cannot be written; nothing half-written is left.
    """
    aside = folder.with_name(f".{folder.name}.partial")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(aside, ignore_errors=True)
        network.save_pretrained(aside)
        tokenizer.save_pretrained(aside)
        for file in aside.iterdir():
            _flush(file)
        if folder.exists():
            shutil.rmtree(folder)
        aside.rename(folder)
        sync_folder(folder.parent)
    except (OSError, SafetensorError) as error:
        raise RunFailed(f"cannot write {folder}: {error}; make room or mend the rights") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def _flush(file: Path) -> None:
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
