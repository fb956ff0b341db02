"""Write files so that a kill leaves the old content or the new, and what stands in them."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from tombench.config import plain
from tombench.errors import RunFailed


def write_whole(path: Path, content: str | bytes) -> Path:
    """Replace `path` by `content` at one stroke: a kill leaves the old file or the new one.

    Raises:
        RunFailed: it cannot be written; the old file stands.
    """
    with open_whole(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)
    return path


@contextmanager
def open_whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write in parts that stands in `path`'s place once it is whole; as `write_whole`.

    Raises:
        RunFailed: it cannot be written; the old file stands.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise RunFailed(
            f"cannot write {path}: {error.strerror or error}; make room or mend the rights"
        ) from error
    finally:
        with suppress(OSError):
            aside.unlink()


def append_whole(path: Path, data: bytes) -> None:
    """Add lines to a file and see them on the disk: all of them or none.

    Raises:
        RunFailed: the disk is full or gone. What was written before is kept.
    """
    with path.open("ab", buffering=0) as file:
        before = file.tell()
        try:
            written = 0
            while written < len(data):
                written += file.write(data[written:])
            os.fsync(file.fileno())
            if before == 0:
                sync_folder(path.parent)
        except OSError as error:
            with suppress(OSError):
                file.truncate(before)
            raise RunFailed(
                f"cannot write {path}: {error.strerror}; all earlier records are kept: "
                "make room, then give the same command again"
            ) from error


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


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
