"""The run folder: take a number, append records, resume, finish.

    outputs/eval/vignettes/tiny/v0001/   run.json  records.jsonl  metrics.json  log.txt
    outputs/eval/vignettes/tiny/latest -> v0001

A run is found again by its identity: the hash of everything that can change its result. All that
is written is either appended and flushed to the disk, or written aside and renamed, so that a
kill at any point loses at most the batch at hand.
"""

import fcntl
import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from tombench.config import identity_hash, plain
from tombench.errors import RunFailed, UserError
from tombench.provenance import redacted
from tombench.schema import Record, Score

RUN, RECORDS, METRICS, LOCK = "run.json", "records.jsonl", "metrics.json", ".lock"


@dataclass(frozen=True)
class RunFolder:
    """One run's folder, held by this process while the run goes on."""

    path: Path
    finished: bool  # True: an earlier run of this identity stands here, complete
    lock: BinaryIO | None = None

    def records(self) -> list[Record]:
        """All records so far; a last line that a kill tore off is cut from the file.

        Raises:
            UserError: a line in the middle is no record (the file was changed by hand).
        """
        path = self.path / RECORDS
        if not path.exists():
            return []
        if self.lock is not None:
            _cut_torn_line(path)
        return read_records(self.path)

    def append(self, records: Sequence[Record]) -> None:
        """Write a batch's records and see them on the disk; all of them or none.

        Raises:
            RunFailed: the disk is full or gone. What was written before is kept.
        """
        lines = "".join(redacted(_record_line(record)) + "\n" for record in records).encode()
        path = self.path / RECORDS
        with path.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                written = 0
                while written < len(lines):
                    written += file.write(lines[written:])
                os.fsync(file.fileno())
            except OSError as error:
                with suppress(OSError):
                    file.truncate(before)
                raise RunFailed(
                    f"cannot write {path}: {error.strerror}; all earlier records are kept: "
                    "make room, then give the same command again"
                ) from error

    def write(self, name: str, text: str) -> Path:
        """Write a whole file of the run at once: aside, flushed, then renamed."""
        return write_whole(self.path / name, redacted(text))

    def finish(self, **results: Any) -> None:
        """Mark the run finished, point `latest` at it, and let it go."""
        run = json.loads((self.path / RUN).read_text()) | {
            "status": "finished", "ended": now(), **results
        }
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
    with _allocation(parent):  # one start at a time takes a number
        folder = _found(parent, identity_hash(identity), rerun) or _new(parent, identity, facts)
    try:
        yield folder
    except UserError:
        if folder.lock is not None and not (folder.path / RECORDS).exists():
            _discard(folder)
        raise
    finally:
        folder.release()


@contextmanager
def _allocation(parent: Path) -> Iterator[None]:
    """Hold `parent` while a number is taken in it."""
    while True:
        try:
            parent.mkdir(parents=True, exist_ok=True)
            lock = (parent / LOCK).open("ab")
        except FileNotFoundError:
            continue  # another process has just cleared the empty folder away
        except OSError as error:
            raise UserError(
                f"output_root: cannot write in {parent} ({error.strerror}); give another output_root=…"
            ) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (parent / LOCK).exists():
                yield
                return


def _discard(folder: RunFolder) -> None:
    """Take away a run that came to nothing, and the folders above it that are now empty."""
    for path in folder.path.iterdir():
        path.unlink()
    folder.path.rmdir()
    for parent in folder.path.parents[:4]:
        with suppress(OSError):
            if [path.name for path in parent.iterdir()] == [LOCK]:
                (parent / LOCK).unlink()
            parent.rmdir()


def run_folders(root: Path) -> list[Path]:
    """Every run folder at or under `root`, in the order of their paths; `latest` is not followed."""
    found = (Path(base) for base, _, files in os.walk(root) if RUN in files)
    return sorted(found)


def read_run(folder: Path) -> dict[str, Any]:
    """A run's run.json.

    Raises:
        UserError: `folder` is no run folder, or its run.json is not readable.
    """
    try:
        return json.loads((folder / RUN).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{folder}: no run folder (it holds no {RUN}); name one such as …/v0001") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{folder / RUN}: not readable ({error})") from error


def read_records(folder: Path) -> list[Record]:
    """The records of a run folder, as they stand there.

    Raises:
        UserError: a line is no record; says which.
    """
    path = folder / RECORDS
    if not path.exists():
        return []
    records = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            values = json.loads(line)
            records.append(Record(**{**values, "score": Score(**values["score"])}))
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{path} line {number}: not a record ({error}); the file was changed: "
                "mend or delete that line, or give rerun=true"
            ) from error
    return records


def write_whole(path: Path, text: str) -> Path:
    """Replace `path` by `text` at one stroke: a kill leaves the old file or the new one.

    Raises:
        RunFailed: it cannot be written; the old file stands.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise RunFailed(f"cannot write {path}: {error.strerror}; make room or mend the rights") from error
    return path


def pretty(value: Any) -> str:
    """JSON for people: indented, numbers with all their digits, one trailing newline."""
    return json.dumps(plain(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def now() -> str:
    """This moment in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _versions(parent: Path) -> list[Path]:
    return sorted(path for path in parent.glob("v[0-9]*") if path.is_dir())


def _found(parent: Path, wanted: str, rerun: bool) -> RunFolder | None:
    """The newest run of this identity: continued if unfinished, else left alone unless `rerun`."""
    for folder in reversed(_versions(parent)):
        if _status(folder, wanted) is None:
            continue
        if _status(folder, wanted) == "unfinished":
            lock = _hold(folder)
            if _status(folder, wanted) == "unfinished":  # asked again: it may have just ended
                return RunFolder(folder, finished=False, lock=lock)
            lock.close()
        if not rerun:
            return RunFolder(folder, finished=True)
    return None


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
    folder.mkdir()
    lock = _hold(folder)
    run = {
        "identity_hash": identity_hash(identity),
        "status": "unfinished",
        "started": now(),
        "ended": None,
        "identity": identity,
        **facts,
    }
    try:
        write_whole(folder / RUN, redacted(pretty(run)))
    except RunFailed:
        with suppress(OSError):
            (folder / LOCK).unlink()
            folder.rmdir()
        raise
    return RunFolder(folder, finished=False, lock=lock)


def _hold(folder: Path) -> BinaryIO:
    """Lock a run for this process; the system lets go of it when the process ends, however."""
    lock = (folder / LOCK).open("a+b")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        holder = lock.read().decode(errors="replace").strip() or "another process"
        lock.close()
        raise UserError(
            f"{folder} is being run by {holder}; wait for it, or stop it and give the command again"
        ) from error
    lock.truncate(0)
    lock.write(f"process {os.getpid()} on {socket.gethostname()} since {now()}".encode())
    lock.flush()
    return lock


def _cut_torn_line(path: Path) -> None:
    """Drop what follows the last newline: a record that a kill cut short."""
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole != len(data):
        with path.open("r+b") as file:
            file.truncate(whole)


def _point_latest(folder: Path) -> None:
    """`latest` in the parent points at the newest finished run; where links cannot be, nothing."""
    aside = folder.parent / f".latest.{os.getpid()}"
    with suppress(OSError):
        aside.symlink_to(folder.name)
        aside.replace(folder.parent / "latest")


def _record_line(record: Record) -> str:
    return json.dumps(plain(record), ensure_ascii=False, allow_nan=False)
