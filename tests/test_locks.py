"""Several starts at once: numbers are taken one at a time, and a running run is held."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CONFIGS, Outcome, end, names_in, run_json, start

from tombench.errors import UserError
from tombench.locks import LOCK, alone_in, hold
from tombench.records import open_run
from tombench.runs import read_records

WORDS = (CONFIGS, "backend=dying", "task.repetitions=2")
PARENT = Path("outputs/eval/vignettes/tiny")


def wait_for(path: Path) -> None:
    """Until a process has put something there."""
    for _ in range(1_000):
        if path.exists() and path.stat().st_size:
            return
        time.sleep(0.05)
    raise TimeoutError(path)


def test_a_running_run_is_held_and_says_by_whom(
    command: Callable[..., Outcome], tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    running = start(*WORDS, cwd=tmp_path, HOLD=str(gate))
    wait_for(tmp_path / PARENT / "v0001" / LOCK)
    refused = command(*WORDS)
    other = command(*WORDS, "seed=1")
    gate.touch()
    done = end(running)
    assert refused.status == 2
    (line,) = refused.lines
    assert f"v0001 is being run by process {running.pid} on {os.uname().nodename}" in line
    assert (other.status, other.folder) == (0, PARENT / "v0002")
    assert (done.status, done.folder) == (0, PARENT / "v0001")


def test_equal_and_different_starts_at_once(tmp_path: Path) -> None:
    seeds = [0, 1, 2, 0, 1, 2]
    processes = [start(*WORDS, f"seed={seed}", cwd=tmp_path) for seed in seeds]
    outcomes = [end(process) for process in processes]
    assert {outcome.status for outcome in outcomes} <= {0, 2}
    folders = sorted((tmp_path / PARENT).glob("v*"))
    assert [folder.name for folder in folders] == ["v0001", "v0002", "v0003"]
    runs = [run_json(folder) for folder in folders]
    assert {run["identity"]["seed"] for run in runs} == {0, 1, 2}
    assert {run["status"] for run in runs} == {"finished"}
    assert all(len({r.id for r in read_records(folder)}) == 16 * 2 for folder in folders)
    for seed in (0, 1, 2):  # one of the two did it; the other found it done, or held
        told = [o for o, s in zip(outcomes, seeds, strict=True) if s == seed]
        assert 0 in {outcome.status for outcome in told}
        assert all("is being run by" in o.err for o in told if o.status == 2)


def test_a_run_that_ended_meanwhile_keeps_no_lock(tmp_path: Path) -> None:
    with open_run(tmp_path, {}, {}) as run:
        run.finish()
    with open_run(tmp_path, {}, {}) as again:
        assert again.finished
    assert names_in(again.path) == {"run.json"}


def test_who_holds_a_run_is_told(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(UserError, match=f"process {os.getpid()} on"):
        hold(tmp_path)
    hold(tmp_path).close()  # let go of, it can be had again


@pytest.mark.parametrize("root", ["/proc/nowhere", "/dev/null/below", "file/below"])
def test_a_root_that_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    told = pytest.raises(UserError, match=r"output_root: cannot write in .*; give another")
    with told, alone_in(Path(root)):
        pass
    assert names_in(tmp_path) == {"file"}
