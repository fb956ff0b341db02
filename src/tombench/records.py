"""The run folder: take a number, append records, resume, finish.

    outputs/eval/vignettes/tiny/v0001/   run.json  records.jsonl  metrics.json  log.txt
    outputs/eval/vignettes/tiny/latest -> v0001

A run is found again by its identity: the hash of everything that can change its result. All that
is written is either appended and flushed to the disk, or written aside and renamed, so that a
kill at any point loses at most the batch at hand.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tombench.config import identity_hash, plain
from tombench.errors import RunFailed, UserError
from tombench.locks import LOCK, alone_in, hold
from tombench.provenance import redacted, without_secrets
from tombench.runs import RECORDS, RUN, read_run
from tombench.schema import Record
from tombench.writing import append_whole, now, open_whole, pretty, write_whole

_NUMBERED = re.compile(r"v\d+", re.ASCII)


@dataclass(frozen=True)
class RunFolder:
    """One run's folder, held by this process while the run goes on."""

    path: Path
    finished: bool  # True: an earlier run of this identity stands here, complete
    lock: BinaryIO | None = None
    part: str = RECORDS  # the file in it that this process appends to

    def append(self, records: Sequence[Record]) -> None:
        """Write a batch's records and see them on the disk; all of them or none.

        Raises:
            RunFailed: the disk is full or gone. What was written before is kept.
        """
        lines = "".join(_line(record) + "\n" for record in redacted(plain(records)))
        append_whole(self.path / self.part, lines.encode())

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a whole file of the run at once: aside, flushed, then renamed."""
        return write_whole(self._inside(name), redacted(content))

    def writing(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file of the run to write in parts, put in its place once it is whole.

        What is written is not looked through for secrets: who writes gives texts without them.
        """
        return open_whole(self._inside(name))

    def _inside(self, name: str) -> Path:
        """The place of a file of the run, never outside its folder.

        Raises:
            RunFailed: `name` leads out of it, as one that a run.json from elsewhere names may.
        """
        parts = Path(name).parts
        if Path(name).is_absolute() or ".." in parts or not parts:
            raise RunFailed(
                f"{name!r}: not a name of a file inside {self.path}; nothing is written"
            )
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def finish(self, **results: Any) -> None:
        """Mark the run finished, point `latest` at it, and let it go."""
        run = read_run(self.path) | {"status": "finished", "ended": now(), **results}
        self.write(RUN, pretty(run))
        _point_latest(self.path)
        (self.path / LOCK).unlink(missing_ok=True)
        if self.lock is not None:
            self.lock.close()

    def release(self) -> None:
        """Let the run go unfinished: the same command continues it."""
        if self.lock is not None and not self.lock.closed:
            self.lock.close()


@contextmanager
def open_run(
    parent: Path, identity: Mapping[str, Any], facts: Mapping[str, Any], rerun: bool = False
) -> Iterator[RunFolder]:
    """The folder for a run of this identity under `parent`: finished, unfinished, or new.

    Args:
        parent: such as outputs/eval/vignettes/tiny.
        identity: everything that can change the result; its hash finds the run again.
        facts: what else run.json records (configuration, argv, versions, hardware).
        rerun: take the next number although a finished run stands there.

    Raises:
        UserError: another process is at this run now, or `parent` cannot be written.
    """
    made = [path for path in (parent, *parent.parents) if not path.exists()]
    with alone_in(parent):
        folder = _found(parent, identity_hash(identity), rerun) or _new(parent, identity, facts)
    try:
        yield folder
    except UserError:
        if folder.lock is not None and _holds_nothing(folder.path):
            _discard(folder.path, made)
        raise
    finally:
        folder.release()


def finished_run(parent: Path, identity: Mapping[str, Any]) -> Path | None:
    """The newest finished run of this identity under `parent`; None where there is none yet."""
    if not parent.is_dir():
        return None
    wanted = identity_hash(identity)
    done = (f for f in reversed(_versions(parent)) if _status(f, wanted) == "finished")
    return next(done, None)


def _holds_nothing(folder: Path) -> bool:
    """No record, no checkpoint: nothing that would be lost."""
    named = {path.name for path in folder.iterdir() if path.stat().st_size}
    return named <= {RUN, LOCK, "log.txt"}


def _discard(folder: Path, made: Sequence[Path]) -> None:
    """Take away a run that came to nothing, and the folders above it that were `made` for it."""
    parent = folder.parent
    with alone_in(parent):
        for path in folder.iterdir():
            path.unlink()
        with suppress(OSError):  # another process of the launch has just put its log there
            folder.rmdir()
        if parent in made and [path.name for path in parent.iterdir()] == [LOCK]:
            (parent / LOCK).unlink()
    with suppress(OSError):  # another run has come into one of them
        for path in made:
            path.rmdir()


def _versions(parent: Path) -> list[Path]:
    """v0001, v0002, …, v10000 in the order of their numbers; not a user's v0001-old."""
    found = (path for path in parent.iterdir() if _NUMBERED.fullmatch(path.name) and path.is_dir())
    return sorted(found, key=lambda path: int(path.name[1:]))


def _found(parent: Path, wanted: str, rerun: bool) -> RunFolder | None:
    """The newest run of this identity: continued if unfinished, else left alone unless `rerun`."""
    for folder in reversed(_versions(parent)):
        if _status(folder, wanted) is None:
            continue
        if _status(folder, wanted) == "unfinished":
            lock = hold(folder)
            if _status(folder, wanted) == "unfinished":  # asked again: it may have just ended
                _clear_asides(folder)
                return RunFolder(folder, finished=False, lock=lock)
            (folder / LOCK).unlink(missing_ok=True)
            lock.close()
        if not rerun:
            _mend_latest(parent)
            return RunFolder(folder, finished=True)
    return None


def _mend_latest(parent: Path) -> None:
    """A kill may have come between the end of a run and its `latest`."""
    ended = {path: _ended(path) for path in reversed(_versions(parent))}
    newest = max(ended, key=lambda path: ended[path])  # of equals the first here
    if ended[newest] and (parent / "latest").resolve() != newest.resolve():
        _point_latest(newest)


def _ended(folder: Path) -> str:
    """When a finished run ended; "" of any other folder."""
    try:
        run = read_run(folder)
    except UserError:
        return ""
    return run["ended"] if run.get("status") == "finished" else ""


def _status(folder: Path, wanted: str) -> str | None:
    """The status of a run of the wanted identity; None for another run or a broken folder."""
    try:
        run = read_run(folder)
    except UserError:
        return None
    return run.get("status") if run.get("identity_hash") == wanted else None


def _new(parent: Path, identity: Mapping[str, Any], facts: Mapping[str, Any]) -> RunFolder:
    number = max((int(path.name[1:]) for path in _versions(parent)), default=0) + 1
    folder = parent / f"v{number:04d}"
    run = {
        "identity_hash": identity_hash(identity),
        "status": "unfinished",
        "started": now(),
        "ended": None,
        "identity": without_secrets(identity),
        **facts,
    }
    text = pretty(redacted(run))
    try:
        folder.mkdir()
    except OSError as error:
        raise RunFailed(
            f"cannot make {folder}: {error.strerror}; give another output_root=…"
        ) from error
    try:
        lock = hold(folder)
        write_whole(folder / RUN, text)
    except UserError:
        with suppress(OSError):
            (folder / LOCK).unlink()
            folder.rmdir()
        raise
    return RunFolder(folder, finished=False, lock=lock)


def _clear_asides(folder: Path) -> None:
    """Files written aside that a kill kept from their place."""
    for path in folder.glob(".*.*.[0-9]*"):
        path.unlink(missing_ok=True)


def _point_latest(folder: Path) -> None:
    """`latest` in the parent points at the newest finished run; where links cannot be, nothing."""
    aside = folder.parent / f".latest.{os.getpid()}"
    with suppress(OSError):
        aside.symlink_to(folder.name)
        aside.replace(folder.parent / "latest")


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, allow_nan=False)
