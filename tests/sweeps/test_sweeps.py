"""Sweeps: what failed is told, what was done is summarized, what is missing is done next time."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CONFIGS, TESTS, Outcome, end, names_in, results, run_json

from tombench.sweeps.marks import Marks
from tombench.sweeps.outcome import Ended, summary_words, tell_outcomes
from tombench.sweeps.outcome import Outcome as Came

Command = Callable[..., Outcome]

EVAL, SUMMARY = Path("outputs/eval"), Path("outputs/summarize/v0001")
QUICK = (CONFIGS, "--multirun", "quiet=true", "limit=2", "task.repetitions=1")
LAUNCHERS = {
    "basic": (),
    "joblib": ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2"),
    "submitit": ("hydra/launcher=submitit_local", "hydra.sweep.dir=jobs"),
}
KILLED = "failed with status 1: killed, or ended by one that was killed"


def summarized(root: Path) -> set[tuple[str, object]]:
    """Task and seed of each run that the sweep's summary is of."""
    runs = [Path(folder) for folder, *_ in run_json(root / SUMMARY)["identity"]["runs"]]
    about = [run_json(root / run)["identity"] for run in runs]
    return {(one["task"]["name"], one["seed"]) for one in about}


def test_what_failed_is_told_and_what_was_done_is_summarized(
    tombench: Command, command: Command, tmp_path: Path
) -> None:
    """With submitit, whose jobs print into files; test_cli.py has the other launchers."""
    submitit = LAUNCHERS["submitit"]
    said = tombench(*QUICK, *submitit, "backend=mock", "task=vignettes,broken", "seed=1,2")
    assert said.status == 1
    assert summarized(tmp_path) == {("vignettes", 1), ("vignettes", 2)}
    assert said.out.splitlines()[-1] == f"summary: {SUMMARY}"
    told = [line for line in said.lines if "failed with status 1" in line]
    bug = "ZeroDivisionError: a bug of the task; debug=true shows where"
    assert told == [f"tombench: failed with status 1: {bug}"] * 2
    assert said.lines[-1] == "sweep: 2 of 4 jobs done, 2 failed"
    alone = said.lines[said.lines.index(told[0]) + 1].strip()
    again = command(*shlex.split(alone)[1:])
    assert (again.status, again.lines) == (1, [f"tombench: {bug}"])


@pytest.mark.parametrize("launcher", ["joblib", pytest.param("submitit", marks=pytest.mark.slow)])
def test_a_killed_job_is_told_and_the_others_are_done(
    tombench: Command, tmp_path: Path, launcher: str
) -> None:
    """The job of the dying backend comes first and takes its worker with it."""
    words = ("task=dying", "backend=dying,mock", "seed=1,2")
    said = tombench(*QUICK, *LAUNCHERS[launcher], *words, DIE_AT="1")
    assert said.status == 1
    assert sum(KILLED in line for line in said.lines) == 2
    assert said.lines[-1] == "sweep: 2 of 4 jobs done, 2 failed"
    assert "backend=dying seed=1" in said.err and "backend=dying seed=2" in said.err
    assert summarized(tmp_path) == {("dying", 1), ("dying", 2)}
    again = tombench(*QUICK, *LAUNCHERS[launcher], *words)
    assert (again.status, again.lines[-1]) == (0, "sweep: 4 of 4 jobs done (2 of them before)")


def test_a_sweep_killed_half_way_goes_on_where_it_was(tombench: Command, tmp_path: Path) -> None:
    """Seed 1 was done, seed 2 has a batch recorded, seed 3 has not begun."""
    words = (CONFIGS, "quiet=true", "task=dying", "backend=dying", "limit=8")
    sweep = (*words, "--multirun", "seed=1,2,3")
    assert tombench(*words, "seed=1").status == 0
    assert tombench(*sweep, DIE_AT="2").status == -signal.SIGKILL
    runs = tmp_path / EVAL / "dying/tiny"
    kept = (runs / "v0002/records.jsonl").read_bytes()
    first = (runs / "v0001/run.json").stat().st_mtime_ns
    assert kept and run_json(runs / "v0002")["status"] == "unfinished"
    again = tombench(*sweep)
    assert (again.status, again.lines[-1]) == (0, "sweep: 3 of 3 jobs done (1 of them before)")
    assert names_in(runs) == {"v0001", "v0002", "v0003", "latest", ".lock"}
    assert (runs / "v0001/run.json").stat().st_mtime_ns == first
    assert (runs / "v0002/records.jsonl").read_bytes().startswith(kept)
    whole = tombench(*words, "seed=2", "output_root=whole")
    assert results(runs / "v0002") == results(tmp_path / whole.folder)


def test_a_sweep_whose_processes_are_all_killed_goes_on(tombench: Command, tmp_path: Path) -> None:
    """Two jobs at a time, both held with the model loaded when the whole group is killed."""
    words = (*QUICK, *LAUNCHERS["joblib"], "task=dying", "backend=dying", "seed=1,2,3")
    process = grouped(*words, cwd=tmp_path, HOLD=str(tmp_path / "never"))
    runs = tmp_path / EVAL / "dying/tiny"
    wait_for(lambda: len(list(runs.glob("v*/run.json"))) == 2)
    os.killpg(process.pid, signal.SIGKILL)
    end(process)
    assert {run_json(run)["status"] for run in runs.glob("v*")} == {"unfinished"}
    again = tombench(*words)
    assert (again.status, again.lines[-1]) == (0, "sweep: 3 of 3 jobs done")
    assert {run_json(runs / f"v000{n}")["status"] for n in (1, 2, 3)} == {"finished"}
    assert not (runs / "v0004").exists()
    assert summarized(tmp_path) == {("dying", 1), ("dying", 2), ("dying", 3)}


def test_jobs_that_do_the_same_wait_for_each_other(tombench: Command, tmp_path: Path) -> None:
    """The vignettes read no policy: both jobs are one run, and are at it at the same time."""
    words = (*QUICK, *LAUNCHERS["joblib"], "task=dying", "backend=dying", "policy=lm,observer")
    hold = tmp_path / "hold"
    process = grouped(*words[:2], "quiet=false", *words[3:], cwd=tmp_path, HOLD=str(hold))
    assert process.stderr is not None
    line = next(line for line in process.stderr if line.startswith("waiting: "))
    assert "is being run by process" in line
    hold.touch()
    said = end(process)
    assert said.status == 0, said.err
    assert said.lines[-1] == "sweep: 2 of 2 jobs done"
    assert names_in(tmp_path / EVAL / "dying/tiny") == {"v0001", "latest", ".lock"}


def test_the_same_job_twice(command: Command, tmp_path: Path) -> None:
    said = command(*QUICK, "backend=mock", "model=tiny,tiny")
    assert (said.status, said.lines[-1]) == (0, "sweep: 2 of 2 jobs done")
    assert names_in(tmp_path / EVAL / "vignettes/tiny") == {"v0001", "latest", ".lock"}


def test_a_sweep_over_tasks_promptings_and_seeds(command: Command, tmp_path: Path) -> None:
    """mmtom reads no prompting: its jobs of one seed are one run."""
    said = command(
        *(CONFIGS, "--multirun", "backend=mock", "limit=2", "policy=observer", "quiet=true"),
        *("task=vignettes,mmtom", "prompting=base,cot", "seed=0,1"),
    )
    assert said.status == 0, said.err
    assert said.lines[-1] == "sweep: 8 of 8 jobs done"
    assert len(list((tmp_path / EVAL / "vignettes").glob("*/v*"))) == 4
    assert len(list((tmp_path / EVAL / "mmtom").glob("*/v*"))) == 2
    assert len(run_json(tmp_path / SUMMARY)["identity"]["runs"]) == 6


def test_a_finished_sweep_given_again_loads_no_weights(command: Command, tmp_path: Path) -> None:
    words = (*QUICK, "model=tiny", "seed=1,2", "task.repetitions=0", "backend.device=cpu")
    assert command(*words).status == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tombench.models.load.load", lambda *_: pytest.fail("weights were loaded"))
        said = command(*words)
    assert (said.status, said.lines[-1]) == (0, "sweep: 2 of 2 jobs done (2 of them before)")


def test_where_no_job_came_to_anything_nothing_is_summarized(
    command: Command, tmp_path: Path
) -> None:
    said = command(*QUICK, "backend=mock", "task=broken", "seed=1,2")
    assert (said.status, said.lines[-1]) == (1, "sweep: 0 of 2 jobs done, 2 failed")
    assert not (tmp_path / "outputs/summarize").exists()


def test_a_dry_sweep_writes_nothing(command: Command, tmp_path: Path) -> None:
    said = command(*QUICK, "backend=mock", "seed=1,2", "dry_run=true")
    assert (said.status, said.lines[-1]) == (0, "sweep: 2 of 2 jobs done")
    assert names_in(tmp_path) == set()


def test_the_words_of_the_summary() -> None:
    """Each run once, in the order of the jobs; common words where all jobs have them."""
    words = ("output_root=o", "quiet=true", "seed=1")
    jobs = [
        Ended(words, Came(0, "o/eval/a b/v0001", evaluated=True)),
        Ended(words, Came(2, reason="a mistake", evaluated=False)),
        Ended(("output_root=o", "quiet=false"), Came(0, "o/it's,/v0001", evaluated=True)),
        Ended(words, Came(0, "o/eval/a b/v0001", evaluated=True)),
    ]
    listed = r"run=['o/eval/a b/v0001','o/it\'s,/v0001']"
    assert summary_words(jobs) == ["output_root=o", "stage=summarize", listed]
    assert summary_words(jobs[1:2]) == []
    assert summary_words([Ended((), Came(0, "outputs/finetune/x/v0001"))]) == []


def test_the_last_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The worst status; reasons as visible text; commands quoted for a shell."""
    monkeypatch.delenv("TOMBENCH_CONFIG_DIR", raising=False)
    failed = Ended(("task.data='a b'", "seed=1"), Came(2, reason="no\x1b such file"))
    done = [Ended((), Came(0, str(tmp_path / f"v{n:04d}"))) for n in range(14)]
    for number, one in enumerate(done):
        Path(str(one.outcome.folder)).mkdir()
        (Path(str(one.outcome.folder)) / "run.json").touch()
        os.utime(Path(str(one.outcome.folder)) / "run.json", (1_000 + number, 1_000 + number))
    assert tell_outcomes([failed, *done, Ended(("seed=2",), Came(1, reason="a bug"))], 1_003) == 2
    quoted = shlex.quote("task.data='a b'")
    assert capsys.readouterr().err.splitlines() == [
        r"tombench: failed with status 2: no\x1b such file",
        f"  tombench {quoted} seed=1",
        "tombench: failed with status 1: a bug",
        "  tombench seed=2",
        "sweep: 14 of 16 jobs done (3 of them before), 2 failed",
    ]
    assert tell_outcomes(done[:1], 0) == 0
    assert capsys.readouterr().err == ""


def test_marks(tmp_path: Path) -> None:
    """Begun, and ended with what it came to; other words are another job."""
    marks, words = Marks(tmp_path), ("seed=1", "task=mmtom")
    assert not marks.begun(words)
    marks.begin(words)
    assert marks.begun(words) and marks.outcome(words) is None
    assert not marks.begun(("seed=2", "task=mmtom"))
    came = Came(1, None, "why", evaluated=True)
    marks.end(words, came)
    assert marks.outcome(list(words)) == came


def grouped(*words: str, cwd: Path, **environment: str) -> subprocess.Popen[str]:
    """The real command as the head of a process group of its own."""
    known = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(TESTS)}
    return subprocess.Popen(
        [sys.executable, "-m", "tombench", *words],
        cwd=cwd,
        env=known | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(done: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if done():
            return
        time.sleep(0.02)
    pytest.fail("waited for a minute")
