"""Who may write where: file locks, which the system lets go of when a process ends, however."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from tombench.errors import UserError

LOCK = ".lock"
_TRIES = 100  # others may clear an empty folder away just when it is taken; not that often


@contextmanager
def alone_in(parent: Path) -> Iterator[None]:
    """Make `parent` and hold it: one process at a time takes or gives back a number in it.

    Raises:
        UserError: it cannot be made, written or locked.
    """
    problem = OSError(0, "other processes keep clearing it away")
    for _ in range(_TRIES):
        try:
            parent.mkdir(parents=True, exist_ok=True)
            lock = (parent / LOCK).open("ab")
            fcntl.flock(lock, fcntl.LOCK_EX)
        except FileNotFoundError as error:
            problem = error
            continue
        except OSError as error:
            problem = error
            break
        with lock:
            if _still_there(lock, parent / LOCK):
                yield
                return
    raise UserError(
        f"output_root: cannot write in {parent} ({problem.strerror}); give another output_root=…"
    ) from problem


def hold(folder: Path) -> BinaryIO:
    """Lock a run for this process, which may write what it likes in it.

    Raises:
        UserError: another process is at it (says which), or it cannot be locked.
    """
    try:
        lock = (folder / LOCK).open("a+b", buffering=0)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        holder = lock.read().decode(errors="replace").strip() or "another process"
        lock.close()
        raise UserError(
            f"{folder} is being run by {holder}; wait for it, or stop it and give the command again"
        ) from error
    except OSError as error:
        raise UserError(
            f"{folder}: cannot be locked ({error.strerror}); give another output_root=…"
        ) from error
    with suppress(OSError):  # a full disk: the lock holds without its note
        lock.truncate(0)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        lock.write(f"process {os.getpid()} on {socket.gethostname()} since {since}".encode())
    return lock


def claim(path: Path) -> BinaryIO:
    """Lock a file that one process of a launch appends to; made where it is not there.

    Raises:
        UserError: a process that outlived its launch is still at it, or it cannot be locked.
    """
    try:
        file = path.open("ab")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise UserError(
            f"{path}: a process of an earlier launch is still writing it; "
            "wait for it, or stop it and give the command again"
        ) from error
    except OSError as error:
        raise UserError(
            f"{path}: cannot be locked ({error.strerror}); give another output_root=…"
        ) from error
    return file


def _still_there(lock: BinaryIO, path: Path) -> bool:
    """Is the locked file the one at `path`, and not one that was cleared away meanwhile?"""
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except FileNotFoundError:
        return False
