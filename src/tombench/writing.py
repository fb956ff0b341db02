"""Write whole files so that a kill leaves the old one or the new one, and what stands in them."""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tombench.config import plain
from tombench.errors import RunFailed


def write_whole(path: Path, content: str | bytes) -> Path:
    """Replace `path` by `content` at one stroke: a kill leaves the old file or the new one.

    Raises:
        RunFailed: it cannot be written; the old file stands.
    """
    data = content.encode() if isinstance(content, str) else content
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise RunFailed(
            f"cannot write {path}: {error.strerror}; make room or mend the rights"
        ) from error
    return path


def sync_folder(folder: Path) -> None:
    """Make new names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def pretty(value: Any) -> str:
    """JSON for people: indented, numbers with all their digits, one trailing newline."""
    return json.dumps(plain(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def now() -> str:
    """This moment in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
