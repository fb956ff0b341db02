"""A full disk: one plain line, nothing lost, and the same bytes when there is room again."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Outcome, results, run_json

from tombench.errors import RunFailed
from tombench.records import RunFolder
from tombench.runs import read_records
from tombench.schema import Record, Score

Command = Callable[..., Outcome]

WORDS = ("backend=mock", "task.repetitions=10", "quiet=true")
RECORD = Record("a/00", "a", 0, "a", {}, "asked", "said", "yes", Score(1, "yes", "it is"))


def run_within(size: int, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process that may write no file longer than `size` bytes."""
    return subprocess.run(
        [sys.executable, "-m", "tombench", *WORDS],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


def test_the_records_no_longer_fit(command: Command, tmp_path: Path) -> None:
    stopped = run_within(60_000, tmp_path)
    assert stopped.returncode == 1
    assert stopped.stdout == ""
    assert stopped.stderr.count("\n") == 1
    assert "cannot write outputs/eval/vignettes/tiny/v0001/records.jsonl" in stopped.stderr
    folder = tmp_path / "outputs/eval/vignettes/tiny/v0001"
    kept = (folder / "records.jsonl").read_bytes()
    assert kept.count(b"\n") in (40, 80, 120)  # whole batches of four items
    assert kept.endswith(b"\n")
    assert command(*WORDS).status == 0
    assert (folder / "records.jsonl").read_bytes().startswith(kept)
    assert results(folder) == results(command(*WORDS, "output_root=whole").folder)


def test_not_even_the_beginning_fits(command: Command, tmp_path: Path) -> None:
    stopped = run_within(100, tmp_path)
    assert stopped.returncode == 1
    assert stopped.stderr.count("\n") == 1
    assert "run.json" in stopped.stderr
    assert command(*WORDS).folder.name == "v0001"


def test_a_device_without_room(tmp_path: Path) -> None:
    (tmp_path / "records.jsonl").symlink_to("/dev/full")
    with pytest.raises(RunFailed, match=r"No space left on device; all earlier records are kept"):
        RunFolder(tmp_path, finished=False).append([RECORD])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 128 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small tmpfs needs rights that this process has not")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_file_system_that_fills_up(command: Command, small_disk: Path) -> None:
    stopped = command(*WORDS, f"output_root={small_disk}")
    assert stopped.status == 1
    assert "No space left on device" in stopped.lines[-1]
    (folder,) = (small_disk / "eval/vignettes/tiny").glob("v*")
    assert run_json(folder)["status"] == "unfinished"
    assert len(read_records(folder)) % 40 == 0
