"""A real model killed in the middle ends with the bytes of a run that nobody killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

WORDS = (
    "model=tiny",
    "prompting=sbs",
    "task.repetitions=4",
    "generation.max_new_tokens=24",
    "backend.batch_tokens=1500",
    "backend.device=cpu",
)
PATIENCE = 120  # seconds until the first batch is on the disk


def _start(root: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "tombench", *WORDS, f"output_root={root}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, **quiet)


def _bytes(root: Path) -> tuple[list[bytes], bytes]:
    folder = root / "eval" / "vignettes" / "tiny" / "v0001"
    records = sorted((folder / "records.jsonl").read_bytes().splitlines())
    return records, (folder / "metrics.json").read_bytes()


def test_killed_and_continued_is_the_same_as_uninterrupted(tmp_path):
    assert _start(tmp_path / "whole").wait() == 0
    process = _start(tmp_path / "killed")
    records = tmp_path / "killed" / "eval" / "vignettes" / "tiny" / "v0001" / "records.jsonl"
    end = time.monotonic() + PATIENCE
    while not records.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"
    assert not records.with_name("metrics.json").exists()
    before = records.read_bytes()
    before = before[: before.rfind(b"\n") + 1]
    assert 0 < before.count(b"\n") < 64
    assert _start(tmp_path / "killed").wait() == 0
    assert records.read_bytes().startswith(before)  # nothing that was there was written again
    assert _bytes(tmp_path / "killed") == _bytes(tmp_path / "whole")
