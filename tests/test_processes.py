"""Several processes under torchrun: the same bytes as one, and an orderly end whoever dies."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CONFIGS, TESTS, Outcome, names_in, results, run_json

from tombench import cli, processes
from tombench.errors import RunFailed, UserError
from tombench.models.device import resolve_device
from tombench.processes import Elsewhere, Place, Team, place
from tombench.shards import CHUNK, _cut_torn_line, gather, settle

Command = Callable[..., Outcome]

WORDS = (CONFIGS, "backend=dying", "task=dying", "prompting=cot", "quiet=true")
FOLDER = Path("outputs/eval/dying/tiny/v0001")
FILES = {"run.json", "records.jsonl", "metrics.json", "log.txt"}
BATCH = 4 * 3  # records
OF_TWO = {"WORLD_SIZE": "2", "LOCAL_RANK": "0", "MASTER_ADDR": "localhost", "MASTER_PORT": "1"}


def torchrun(*words: str, cwd: Path, **environment: str) -> Outcome:
    """Two processes of the real command."""
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [sys.executable, *launch, "-m", "tombench", *words],
        cwd=cwd,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(TESTS)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def told(outcome: Outcome) -> list[str]:
    """What the command itself says; the other lines are torchrun's."""
    return [line for line in outcome.lines if line.startswith("tombench: ")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of one process."""
    root = tmp_path_factory.mktemp("whole")
    assert cli.run([*WORDS, f"output_root={root}/outputs"]) == 0
    return root / FOLDER


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """Where a run stands whose process 1 was killed at its second batch."""
    root = tmp_path_factory.mktemp("killed")
    return root, torchrun(*WORDS, cwd=root, DIE_AT="2", DIE_RANK="1")


def test_two_processes_give_the_bytes_of_one(tmp_path: Path, whole: Path) -> None:
    done = torchrun(*WORDS, cwd=tmp_path)
    assert done.status == 0
    assert (done.out.count("accuracy"), done.out.count("results: ")) == (1, 1)
    assert names_in(tmp_path / FOLDER) == FILES
    assert results(tmp_path / FOLDER) == results(whole)
    written = [folder / "records.jsonl" for folder in (tmp_path / FOLDER, whole)]
    assert written[0].read_bytes() != written[1].read_bytes()  # both had a share
    assert run_json(tmp_path / FOLDER)["processes"] == 2
    again = torchrun(*WORDS, cwd=tmp_path)
    assert (again.status, again.folder) == (0, FOLDER)
    assert names_in(tmp_path / FOLDER.parent) == {"v0001", "latest", ".lock"}


def test_a_killed_process_ends_the_run_in_order(killed: tuple[Path, Outcome]) -> None:
    root, ended = killed
    assert ended.status != 0
    (line,) = told(ended)
    assert "another process of the launch ended" in line
    assert "the same command goes on" in line
    assert run_json(root / FOLDER)["status"] == "unfinished"
    shard = (root / FOLDER / "records.rank1.jsonl").read_bytes()
    assert shard.count(b"\n") == BATCH


@pytest.mark.parametrize("again", ["one", "two"])
def test_a_killed_run_goes_on(
    killed: tuple[Path, Outcome], command: Command, tmp_path: Path, whole: Path, again: str
) -> None:
    shutil.copytree(killed[0] / "outputs", tmp_path / "outputs", symlinks=True)
    done = command(*WORDS) if again == "one" else torchrun(*WORDS, cwd=tmp_path)
    assert (done.status, done.folder) == (0, FOLDER)
    assert names_in(tmp_path / FOLDER) == FILES
    assert results(tmp_path / FOLDER) == results(whole)


def test_process_0_is_killed_and_one_process_goes_on(
    command: Command, tmp_path: Path, whole: Path
) -> None:
    ended = torchrun(*WORDS, cwd=tmp_path, DIE_AT="metrics")
    assert ended.status != 0
    assert told(ended) == []
    assert command(*WORDS).status == 0
    assert results(tmp_path / FOLDER) == results(whole)


def test_an_error_in_process_1_is_told_once(tmp_path: Path) -> None:
    ended = torchrun(*WORDS, cwd=tmp_path, DIE_AT="1", DIE_RANK="1", DIE_BY="error")
    assert ended.status != 0
    assert told(ended) == [
        "tombench: process 1: MemoryError: no more of it; debug=true shows where"
    ]


def test_a_mistake_is_told_once(tmp_path: Path) -> None:
    refused = torchrun("backend=mock", "task.repetitons=2", cwd=tmp_path)
    assert refused.status != 0
    (line,) = told(refused)
    assert "did you mean 'repetitions'?" in line
    assert "exitcode  : 2" in refused.err
    assert names_in(tmp_path) == set()


def test_a_model_over_two_processes(command: Command, tmp_path: Path) -> None:
    words = ("limit=4", "task.repetitions=2", "generation.max_new_tokens=8")
    words += ("backend.device=cpu", "backend.batch_tokens=600", "quiet=true")
    done = torchrun(*words, cwd=tmp_path)
    assert done.status == 0, done.err
    alone = command(*words, "output_root=alone")
    assert results(tmp_path / done.folder) == results(alone.folder)


@pytest.mark.parametrize("rank", ["0", "1"])
def test_what_is_not_shared_is_done_by_process_0(
    tombench: Command, tmp_path: Path, rank: str
) -> None:
    done = tombench("backend=mock", "dry_run=true", "limit=1", **OF_TWO, RANK=rank)
    assert done.status == 0
    assert ("nothing was written" in done.out) == (rank == "0")
    assert (
        done.lines == ["note: one process does this; the others have nothing to do"][: rank == "0"]
    )
    assert names_in(tmp_path) == set()


def test_a_sweep_is_refused(tombench: Command) -> None:
    refused = tombench("backend=mock", "seed=1,2", "--multirun", **OF_TWO, RANK="0")
    assert refused.status == 2
    assert refused.lines == [
        "tombench: --multirun: torchrun starts one job; give it one job after the other"
    ]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Place(0, 1, 0)),
        (OF_TWO | {"RANK": "1", "LOCAL_RANK": "1"}, Place(1, 2, 1)),
        (OF_TWO | {"RANK": "0", "WORLD_SIZE": "1"}, Place(0, 1, 0)),
        ({"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1"}, Place(0, 1, 0)),  # nobody to meet
        (OF_TWO | {"RANK": ""}, Place(0, 1, 0)),
    ],
)
def test_place(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: Place
) -> None:
    for name in ("RANK", *OF_TWO):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert place() == expected


@pytest.mark.parametrize(
    ("name", "local", "devices", "expected"),
    [
        ("auto", "1", 2, "cuda:1"),
        ("cuda", "1", 2, "cuda:1"),
        ("auto", "3", 2, "cuda:1"),
        ("cuda:0", "1", 2, "cuda:0"),
        ("cpu", "1", 2, "cpu"),
        ("auto", "1", 0, "cpu"),
    ],
)
def test_each_process_takes_a_device_of_its_own(
    monkeypatch: pytest.MonkeyPatch, name: str, local: str, devices: int, expected: str
) -> None:
    for key, value in (OF_TWO | {"RANK": local, "LOCAL_RANK": local}).items():
        monkeypatch.setenv(key, value)
    monkeypatch.setattr("torch.cuda.is_available", lambda: devices > 0)
    monkeypatch.setattr("torch.cuda.device_count", lambda: devices)
    assert str(resolve_device(name)) == expected


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> tuple[Team, Team]:
    """Two processes of a launch, both in this one, without signs of life."""
    from torch.distributed import HashStore

    monkeypatch.setattr(processes, "BEAT", 3600.0)
    monkeypatch.setattr(processes, "PATIENCE", 0.2)
    store = HashStore()
    return Team(Place(0, 2, 0), store), Team(Place(1, 2, 1), store)


def test_numbers_of_all_are_added_up(pair: tuple[Team, Team]) -> None:
    first, second = pair
    assert second.advance(3) == 3
    assert first.advance(4) == 7
    first.report({"tokens": 1, "calls": 2})
    second.report({"tokens": 5})
    assert first.reports(lambda done: None) == {"tokens": 6, "calls": 2}


def test_who_is_not_heard_of_ends_the_run(pair: tuple[Team, Team]) -> None:
    with pytest.raises(RunFailed, match=r"process 1 of the launch has not been heard of"):
        pair[0].hear("report/1", rank=1)


def test_a_failure_is_met_by_the_others_with_its_status(pair: tuple[Team, Team]) -> None:
    first, second = pair
    second.fail(UserError("one", "two"))
    second.fail(UserError("late"))
    with pytest.raises(Elsewhere) as met:
        first.advance(1)
    assert met.value.status == 2
    assert met.value.mistakes == ("process 1: one", "process 1: two")


def test_a_store_that_is_gone_is_told(pair: tuple[Team, Team]) -> None:
    class Gone:
        def check(self, keys: list[str]) -> bool:
            raise RuntimeError("Broken pipe")

    team = Team(Place(), Gone())
    with pytest.raises(RunFailed, match="lost touch"):
        team.advance(1)


LINE = (
    '{"id": "%s", "item": "%s", "repetition": 0, "cluster": "c", "condition": {}, "prompt": "p",'
    ' "response": "%s", "target": null, "score": {"value": 1.0, "answer": "a", "reason": "r"}}\n'
)


def lines(*ids: str) -> str:
    return "".join(LINE % (name, name.split("/")[0], "said") for name in ids)


def test_settle_cuts_what_may_not_be_whole_off_every_file(tmp_path: Path) -> None:
    (tmp_path / "records.jsonl").write_text(lines("a/0", "a/1", "b/0") + '{"torn')
    (tmp_path / "records.rank1.jsonl").write_text(lines("c/0", "c/1", "d/0", "d/1"))
    (tmp_path / "records.rank10.jsonl").write_text("")
    records = settle(tmp_path)
    assert [record.id for record in records] == ["a/0", "a/1", "c/0", "c/1"]
    assert (tmp_path / "records.jsonl").read_text() == lines("a/0", "a/1", "c/0", "c/1")
    assert names_in(tmp_path) == {"records.jsonl"}
    assert {(r.prompt, r.response, r.score.reason) for r in records} == {("", "", "")}


def test_gather_after_a_kill_adds_nothing_twice(tmp_path: Path) -> None:
    (tmp_path / "records.jsonl").write_text(lines("a/0", "c/0", "c/1"))
    (tmp_path / "records.rank1.jsonl").write_text(lines("c/0", "c/1", "d/0"))
    records = settle(tmp_path)
    assert [record.id for record in records] == ["a/0", "c/0", "c/1"]
    (tmp_path / "records.rank1.jsonl").write_text(lines("c/1", "d/0"))
    assert [record.id for record in gather(tmp_path, records)] == ["d/0"]
    assert (tmp_path / "records.jsonl").read_text() == lines("a/0", "c/0", "c/1", "d/0")


@pytest.mark.parametrize("tail", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 5])
@pytest.mark.parametrize("head", [b"", b"\n", b"a\nb\n", b"x" * CHUNK + b"\n"])
def test_a_torn_line_of_any_length(tmp_path: Path, head: bytes, tail: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(head + b"y" * tail)
    _cut_torn_line(path)
    assert path.read_bytes() == head


def test_a_process_that_outlived_its_launch_is_waited_for(
    command: Command, tmp_path: Path, killed: tuple[Path, Outcome]
) -> None:
    shutil.copytree(killed[0] / "outputs", tmp_path / "outputs", symlinks=True)
    part = tmp_path / FOLDER / "records.rank1.jsonl"
    code = (
        "import sys, time; from pathlib import Path; from tombench.locks import claim\n"
        "file = claim(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, part], stdout=subprocess.PIPE)
    assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
    refused = command(*WORDS)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert refused.status == 2
    assert "a process of an earlier launch is still writing it" in refused.lines[-1]
    assert json.loads((tmp_path / FOLDER / "run.json").read_text())["status"] == "unfinished"
    assert part.exists()
    assert command(*WORDS).status == 0
