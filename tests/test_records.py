"""The run folder: numbers, finished runs, `latest`, what stands in it."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Outcome, names_in, run_json

from tombench.cli import run
from tombench.errors import UserError
from tombench.records import open_run
from tombench.runs import read_records, read_run, run_folders
from tombench.writing import write_whole

Command = Callable[..., Outcome]

QUICK = ("backend=mock", "task.repetitions=2", "limit=4")
PARENT = Path("outputs/eval/vignettes/tiny")


def test_a_run_folder_holds_these_files_and_no_others(command: Command, tmp_path: Path) -> None:
    done = command(*QUICK)
    assert done.status == 0
    assert done.out.endswith(f"\nresults: {PARENT}/v0001\n")
    assert names_in(done.folder) == {"run.json", "records.jsonl", "metrics.json", "log.txt"}
    assert names_in(PARENT) == {"v0001", "latest", ".lock"}
    assert names_in(tmp_path) == {"outputs"}
    assert len(read_records(done.folder)) == 4 * 2


def test_a_finished_run_is_left_alone(command: Command) -> None:
    folder = command(*QUICK).folder
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    again = command(*QUICK)
    assert (again.status, again.folder) == (0, folder)
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    assert before == after


def test_rerun_takes_the_next_number_and_gives_the_same(command: Command) -> None:
    first = command(*QUICK).folder
    second = command(*QUICK, "rerun=true").folder
    assert second.name == "v0002"
    for name in ("records.jsonl", "metrics.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert command(*QUICK).folder == second  # the newest of the two stands for the command


def test_latest_points_at_the_run_that_finished_last(command: Command) -> None:
    command(*QUICK)
    command(*QUICK, "seed=1")
    assert os.readlink(PARENT / "latest") == "v0002"


def test_numbers_go_on_after_the_highest(command: Command) -> None:
    command(*QUICK)
    for name in ("v9999", "v10000", "v0001-kept", "vault"):
        (PARENT / name).mkdir()
    assert command(*QUICK, "seed=1").folder.name == "v10001"


def test_a_copy_kept_under_another_name_is_no_run_of_the_command(command: Command) -> None:
    folder = command(*QUICK).folder
    folder.rename(folder.with_name("v0001-kept"))
    assert command(*QUICK).folder.name == "v0001"


def test_a_folder_without_a_readable_run_is_passed_over(command: Command) -> None:
    folder = command(*QUICK).folder
    (folder / "run.json").write_text("{")
    assert command(*QUICK).folder.name == "v0002"


def test_a_mistake_takes_away_only_what_was_made_for_it(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with pytest.raises(UserError), open_run(root / "eval" / "task" / "model", {}, {}):
        raise UserError("no such thing")
    assert names_in(tmp_path) == {"root"}
    assert names_in(root) == set()


def test_a_mistake_takes_away_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(UserError), open_run(tmp_path, {}, {}) as run:
        run.write("checkpoint.json", "{}")
        raise UserError("no such thing")
    assert (tmp_path / "v0001" / "checkpoint.json").exists()


def test_files_put_aside_by_a_killed_process_are_cleared(tmp_path: Path) -> None:
    with open_run(tmp_path, {}, {}) as run:
        (run.path / ".metrics.json.123").write_text("half")
    with open_run(tmp_path, {}, {}) as run:
        assert names_in(run.path) == {"run.json", ".lock"}


def test_run_folders_does_not_follow_latest(command: Command) -> None:
    folder = command(*QUICK).folder
    assert run_folders(Path("outputs")) == [folder]


def test_no_run_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no run folder .*v0001"):
        read_run(tmp_path)


def test_a_whole_file_is_replaced_or_left(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a.txt", "one")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "two \ud83d")
    assert path.read_text() == "one"
    assert names_in(tmp_path) == {"a.txt"}


def test_not_a_number_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError), open_run(tmp_path, {"x": float("nan")}, {}):
        pass


def test_other_letters_stay_readable(command: Command) -> None:
    folder = command(*QUICK, "model.name=Łódź").folder
    assert folder.parent.name == "Łódź"
    assert "Łódź" in (folder / "run.json").read_text(encoding="utf-8")
    assert run_json(folder)["status"] == "finished"
    assert json.loads((folder / "metrics.json").read_text())["metrics"]["accuracy"]["value"] == 1


def test_latest_is_mended_after_a_kill_before_it_was_set(tmp_path):
    words = ["backend=mock", "limit=1", f"output_root={tmp_path}"]
    assert run(words) == 0
    parent = tmp_path / "eval" / "vignettes" / "tiny"
    (parent / "latest").unlink()
    assert run(words) == 0
    assert (parent / "latest").resolve() == (parent / "v0001").resolve()
