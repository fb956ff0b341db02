"""Run folders that are not as they were left: what a summary says of them, and never writes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Outcome

from tombench.errors import RunFailed, UserError
from tombench.records import RunFolder
from tombench.summary.collect import collect

Command = Callable[..., Outcome]
QUICK = ("backend=mock", "task.repetitions=1", "limit=4")


@pytest.fixture
def evaluated(command: Command, tmp_path: Path) -> Path:
    said = command(*QUICK, f"output_root={tmp_path}")
    assert said.status == 0, said.err
    return said.folder


def rewritten(path: Path, change: Callable[[dict], object]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("name", ["../evil.csv", "tables/../../evil.csv", "/evil.csv", ""])
def test_no_file_is_written_outside_the_run(tmp_path: Path, name: str) -> None:
    folder = RunFolder(tmp_path / "run", finished=False)
    with pytest.raises(RunFailed, match="not a name of a file inside"):
        folder.write(name, "x")
    assert not list(tmp_path.iterdir())


def test_a_name_from_elsewhere_is_no_path(evaluated: Path, tmp_path: Path) -> None:
    rewritten(evaluated / "run.json", lambda run: run["identity"]["task"].update(name="../../x"))
    with pytest.raises(UserError, match="is no plain name"):
        collect([str(evaluated)], tmp_path)


@pytest.mark.parametrize("text", ['{"metrics": ', "{}", '{"metrics": {"accuracy": 1}}'])
def test_a_damaged_folder_is_left_out_unless_it_is_named(
    evaluated: Path, command: Command, tmp_path: Path, text: str
) -> None:
    other = command(*QUICK, "seed=1", "prompting=cot", f"output_root={tmp_path}").folder
    (evaluated / "metrics.json").write_text(text)
    (run,) = collect([], tmp_path)
    assert run.folder == other
    with pytest.raises(UserError, match=r"metrics\.json: not as a run leaves it"):
        collect([str(evaluated)], tmp_path)


def test_a_named_folder_without_runs_is_a_mistake(evaluated: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="empty: no run there"):
        collect([str(evaluated), str(tmp_path / "empty")], tmp_path)


def test_records_that_were_changed_are_told(
    evaluated: Path, command: Command, tmp_path: Path
) -> None:
    path = evaluated / "records.jsonl"
    path.write_text(path.read_text().replace('"value": 1.0', '"value": 0.0'))
    said = command("stage=summarize", f"output_root={tmp_path}", "dry_run=true")
    assert said.status == 0 and "changed since its run ended" in said.err


def test_what_decides_a_verdict_makes_a_summary_of_its_own(
    evaluated: Path, command: Command, tmp_path: Path
) -> None:
    root = f"output_root={tmp_path}"
    first = command("stage=summarize", "experiment=boosting_table", root).folder
    again = command("stage=summarize", "experiment=boosting_table", root).folder
    named = command("stage=summarize", "experiment=boosting_table", root, f"run={evaluated}").folder
    plain = command("stage=summarize", root).folder
    assert first == again == named != plain


def test_an_experiment_on_answers_asks_no_model(command: Command, tmp_path: Path) -> None:
    said = command("experiment=boosting_answers", f"output_root={tmp_path}")
    assert said.status == 2 and "task.answers is not set" in said.err
    assert not list(tmp_path.iterdir())
