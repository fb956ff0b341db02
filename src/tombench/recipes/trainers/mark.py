"""Which checkpoints are whole: a trainer writes many files, and a kill may come between them."""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from tombench.errors import UserError
from tombench.writing import write_whole

NAME = "whole.json"


@dataclass(frozen=True)
class Mark:
    """What a finished checkpoint says of itself; it is written last."""

    step: int = 0  # finished updates
    tokens: int = 0  # read so far
    seconds: float = 0.0  # of training so far
    identity: str = ""  # of the training that it belongs to
    stopped: bool = False  # the training ended here, before its last update


def put_mark(folder: Path, mark: Mark) -> None:
    """Every file of the checkpoint is on the disk; then it is marked as whole."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    write_whole(folder / NAME, json.dumps(asdict(mark)))


def newest(folder: Path, identity: str) -> tuple[Path, Mark] | None:
    """The latest whole checkpoint under `folder`; None where there is none.

    Torn ones are removed. Raises UserError where the checkpoint is of another training.
    """
    found: list[tuple[Path, Mark]] = []
    for path in folder.glob("checkpoint-*"):
        try:
            mark = Mark(**json.loads((path / NAME).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            shutil.rmtree(path, ignore_errors=True)
            continue
        if mark.identity != identity:
            raise UserError(
                f"{path}: checkpoint of another training (model, data, recipe or seed differ); "
                "give the same settings again, or remove that folder"
            )
        found.append((path, mark))
    return max(found, key=lambda one: one[1].step, default=None)
