"""Kill a run anywhere, give the same command again: the same bytes as an uninterrupted run."""

import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CONFIGS, Outcome, names_in, results, run_json

from tombench import cli

Command = Callable[..., Outcome]

WORDS = (CONFIGS, "backend=dying", "task=dying", "prompting=cot")
FOLDER = Path("outputs/eval/dying/tiny/v0001")
ITEMS, REPETITIONS, BATCH = 16, 3, 4


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run's folder."""
    root = tmp_path_factory.mktemp("whole")
    assert cli.run([*WORDS, f"output_root={root}/outputs"]) == 0
    return root / FOLDER


@pytest.fixture
def records(command: Command, whole: Path) -> Path:
    """The records of a copy of that run, where `command` finds it."""
    shutil.copytree(whole, FOLDER)
    return FOLDER / "records.jsonl"


def unfinish(records: Path, kept: bytes) -> None:
    """Put a finished run back to where it had written `kept` and nothing after."""
    run = run_json(FOLDER) | {"status": "unfinished", "ended": None}
    (FOLDER / "run.json").write_text(json.dumps(run))
    (FOLDER / "metrics.json").unlink()
    records.write_bytes(kept)


@pytest.mark.parametrize(("point", "batches"), [("1", 0), ("2", 1), ("4", 3), ("metrics", 4)])
def test_killed_and_given_again(
    command: Command, tombench: Command, whole: Path, point: str, batches: int
) -> None:
    killed = tombench(*WORDS, DIE_AT=point)
    assert killed.status == -signal.SIGKILL
    records = FOLDER / "records.jsonl"
    kept = records.read_bytes() if batches else b""
    assert kept.count(b"\n") == batches * BATCH * REPETITIONS
    assert run_json(FOLDER)["status"] == "unfinished"
    again = command(*WORDS)
    assert (again.status, again.folder) == (0, FOLDER)
    assert records.read_bytes().startswith(kept)
    assert results(FOLDER) == results(whole)
    assert names_in(FOLDER) == {"run.json", "records.jsonl", "metrics.json", "log.txt"}


def test_interrupted_by_the_user(command: Command, tombench: Command, whole: Path) -> None:
    stopped = tombench(*WORDS, DIE_AT="3", DIE_BY=str(int(signal.SIGINT)))
    assert stopped.status == 130
    assert stopped.err == (
        "tombench: interrupted; what was finished is kept, the same command goes on\n"
    )
    lines = (FOLDER / "records.jsonl").read_bytes().count(b"\n")
    assert lines == 2 * BATCH * REPETITIONS
    assert command(*WORDS).status == 0
    assert results(FOLDER) == results(whole)


def test_an_interrupt_ends_a_sweep(tombench: Command, tmp_path: Path) -> None:
    interrupt = str(int(signal.SIGINT))
    stopped = tombench(*WORDS, "--multirun", "seed=1,2", DIE_AT="1", DIE_BY=interrupt)
    assert stopped.status == 130
    assert names_in(tmp_path / FOLDER.parent) == {"v0001", ".lock"}


@pytest.mark.parametrize("cut", [1, 400, 3_000, -1, -300])
def test_a_torn_last_line(command: Command, whole: Path, records: Path, cut: int) -> None:
    """A batch that reached the disk in part, cut at some byte, is made whole."""
    data = records.read_bytes()
    unfinish(records, data[:cut])
    assert command(*WORDS).folder == FOLDER
    assert records.read_bytes() == data
    assert results(FOLDER) == results(whole)


@pytest.mark.parametrize("lines", [1, 3, 11, 13, 47])
def test_torn_between_lines_of_a_batch(command: Command, records: Path, lines: int) -> None:
    data = records.read_bytes()
    unfinish(records, b"".join(data.splitlines(keepends=True)[:lines]))
    assert command(*WORDS).status == 0
    assert records.read_bytes() == data


@pytest.mark.parametrize("put", [b"not JSON\n", b"{}\n", b"[]\n", b"\xff\n"])
def test_a_changed_line_in_the_middle_is_told(command: Command, records: Path, put: bytes) -> None:
    data = records.read_bytes()
    lines = data.splitlines(keepends=True)
    unfinish(records, b"".join([*lines[:6], put, *lines[7:]]))
    told = command(*WORDS)
    assert told.status == 2
    (line,) = told.lines
    assert f"{records} line 7: not a record" in line
    assert "delete it and all lines after it" in line
    records.write_bytes(b"".join(lines[:6]))
    assert command(*WORDS).status == 0
    assert records.read_bytes() == data
