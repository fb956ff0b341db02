"""stage=prepare: the study's folder from our simulator, its own files, an audit; and a resume."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Outcome, run_json
from planning.reading.test_text import GOALS, question

from tombench.household.suite import HouseholdSuite
from tombench.planning.episode import Hypothesis, Query
from tombench.planning.study.pairs import parse_pair
from tombench.records import open_run
from tombench.tasks import planner_data
from tombench.tasks.mmtom import MMToM
from tombench.tasks.planner_data import files_in, published_episodes
from tombench.tasks.planner_preparation import StudyData, audit_rows, question_line, show_audit

Command = Callable[..., Outcome]
SMALL = ("stage=prepare", "task=mmtom", "task.pairs=30", "task.per_type=1")
DATA = StudyData(("home", "opaque"), pairs=30, per_type=1, suite_seed="public-dev", seed=0)
ROW = {"question": question(GOALS.format("a salmon", "a book")), "answer": "a", "episode": 7}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder."""
    with open_run(tmp_path_factory.mktemp("made") / "mmtom", DATA.identity(), {}) as run:
        DATA.make(run)
    return run.path


def test_home_and_every_world_by_default_or_those_that_are_named() -> None:
    whole, some = MMToM().preparation(0), MMToM(theme=("wild_west",)).preparation(0)
    assert isinstance(whole, StudyData) and isinstance(some, StudyData)
    assert len(whole.themes) == 7 and whole.themes[0] == "home" and whole.pairs == 20_000
    assert some.themes == ("wild_west",)
    (files,) = [line for line in some.plan() if line.startswith("files")]
    assert files.removeprefix("files").split(", ") == [
        "      data/eval/unseen/wild_west.json",
        "data/post_train/wild_west_finetuning_data.json",
        "data/questions/wild_west_graded_controls.jsonl",
        "data/questions/wild_west_seven_types.jsonl",
    ]


def test_the_files_are_those_that_the_study_has(made: Path) -> None:
    found = {str(path.relative_to(made / "data")) for path in (made / "data").rglob("*.json*")}
    assert found == {
        "post_train/virtual_home_finetuing_data_MMToM.json",
        "post_train/opaque_finetuning_data.json",
        "eval/multimodal_representations_virtual_home.json",
        "eval/unseen/opaque.json",
        "questions/home_seven_types.jsonl",
        "questions/home_graded_controls.jsonl",
        "questions/opaque_seven_types.jsonl",
        "questions/opaque_graded_controls.jsonl",
    }


def test_pairs_are_read_back(made: Path) -> None:
    home = lines(made / "data/post_train/virtual_home_finetuing_data_MMToM.json")
    opaque = lines(made / "data/post_train/opaque_finetuning_data.json")
    assert len(home) == len(opaque) == 30
    for line in (*home, *opaque):
        assert set(line) == {"input", "ref"}
        assert parse_pair(line["input"]).goal in line["input"]
        assert line["ref"].split()[0] in {"walktowards", "open", "close", "grab"}
    assert not any("kitchen" in line["input"] for line in opaque)
    assert all("kitchen" in line["input"] for line in home)


def test_questions_are_read_back_as_they_were_asked(made: Path) -> None:
    items = MMToM(per_type=1).items()
    for file in (
        "questions/home_seven_types.jsonl",
        "eval/multimodal_representations_virtual_home.json",
    ):
        episodes = published_episodes(made / "data" / file, None, None)
        assert [one.query.question_type for one in episodes] == [
            one.content.query.question_type for one in items
        ]
        assert [one.query.key for one in episodes] == [one.target for one in items]
        assert [one.query.options for one in episodes] == [
            one.content.query.options for one in items
        ]
        for one, own in zip(episodes, items, strict=True):
            assert set(one.places) == set(own.content.places)


def test_controls_have_their_posterior_beside_the_key(made: Path) -> None:
    found = lines(made / "data/questions/home_graded_controls.jsonl")
    assert [line["question_type"] for line in found] == [
        *("1.1c", "1.2c", "1.3c", "2.1c", "2.2c", "2.3c", "2.4c")
    ]
    asked = MMToM(suite="graded_controls", per_type=1).items()
    assert [line["posterior_a"] for line in found] == [i.content.query.posterior for i in asked]
    assert any(0.01 < line["posterior_a"] < 0.99 for line in found)


def test_a_question_in_mmtom_qas_form() -> None:
    (item, *_) = MMToM(per_type=1).items()
    line = question_line(item.content, 5)
    assert (line["episode"], line["question_type"], line["start_time"]) == (5, 1.1, 0)
    assert line["answer_list"] == ["a", "b"] and line["test"] == ["init_graph", "actions"]
    assert line["end_time"] == len(item.content.nearby) - 2
    assert (line["question"], line["answer"]) == (item.content.question_text, item.target)


def test_what_stands_is_left_as_it_is(made: Path, tmp_path: Path) -> None:
    """An interrupted run: one file is there, the others are made; all are those of a whole run."""
    kept = "data/post_train/opaque_finetuning_data.json"
    with open_run(tmp_path / "mmtom", DATA.identity(), {}) as run:
        run.write(kept, "this stood there\n")
    with open_run(tmp_path / "mmtom", DATA.identity(), {}) as run:
        assert not run.finished
        DATA.make(run)
    assert (run.path / kept).read_text() == "this stood there\n"
    for path in (made / "data").rglob("*.json*"):
        name = str(path.relative_to(made))
        if name != kept:
            assert (run.path / name).read_bytes() == path.read_bytes()


def test_another_seed_makes_other_pairs_and_the_same_questions() -> None:
    other = StudyData(("home",), 30, 1, "public-dev", 1)
    same = StudyData(("home",), 30, 1, "public-dev", 0).identity()
    assert other.identity()["sample"] != same["sample"]
    assert other.identity()["questions"] == same["questions"]
    drawn = [HouseholdSuite(seed, 1).of_type("2.2") for seed in ("public-dev", "x")]
    assert drawn[0] != drawn[1]


def test_the_command(command: Command, tmp_path: Path) -> None:
    done = command(*SMALL, "task.theme=[opaque]")
    assert done.status == 0 and len(done.lines) == 4
    assert done.lines[0] == "wrote data/post_train/opaque_finetuning_data.json"
    assert done.folder == Path("outputs/prepare/mmtom/v0001")
    assert run_json(done.folder)["status"] == "finished"
    assert f"      30  {done.folder}/data/post_train/opaque_finetuning_data.json" in done.out
    again = command(*SMALL, "task.theme=[opaque]")
    assert (again.status, again.folder) == (0, done.folder)
    assert again.lines == ["finished before; nothing to do (rerun=true runs it again)"]
    assert command(*SMALL, "task.theme=[opaque]", "dry_run=true").out.splitlines()[0] == (
        "pairs      30 of each of opaque"
    )


def test_the_studys_own_files_are_found_and_copied(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner_data, "UNPACKED", tmp_path / "unpacked")
    pairs = tmp_path / "data/post_train/wild_west_finetuning_data.json"
    pairs.parent.mkdir(parents=True)
    pairs.write_text(json.dumps({"input": "goal: plate", "ref": "open fridge"}))
    (tmp_path / "data/questions.json").write_text(json.dumps([ROW]))
    assert [one.content for one in files_in(tmp_path / "data")] == ["questions", "pairs"]
    done = command("stage=prepare", "task=mmtom", f"task.data={tmp_path / 'data'}")
    assert done.status == 0
    copy = done.folder / "data/pairs/wild_west_finetuning_data.json"
    assert copy.read_bytes() == pairs.read_bytes()
    assert "pairs            wild_west" in done.out and "questions        any" in done.out


def test_the_audit_lists_what_does_not_add_up(command: Command, tmp_path: Path) -> None:
    """Of two questions the second is about a remote control, which is nowhere."""
    sound = question_line(MMToM(per_type=1).items()[0].content, 1)
    absent = ROW | {"question": question(GOALS.format("a remote control", "a salmon"))}
    (tmp_path / "q.json").write_text(json.dumps([sound, absent]))
    done = command("stage=prepare", "task=mmtom", "task.data=q.json", "task.audit=true")
    assert done.status == 0
    with (done.folder / "tables/audit.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["question"] for row in rows} == {"7-2.2-0-0"}
    (goal,) = [row for row in rows if row["check"] == "absent_goal"]
    assert "remotecontrol" in goal["what"]
    assert "1 of 2 questions pass every check" in done.out
    evaluated = command("task=mmtom", "policy=observer", "task.data=q.json", "task.audit=true")
    found = json.loads((evaluated.folder / "metrics.json").read_text())
    assert found["audit"] == rows
    assert "What does not add up" in evaluated.out


def test_the_simulators_own_questions_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    episodes = [item.content for item in MMToM(per_type=1).items()]
    assert audit_rows(episodes) == []
    show_audit(episodes)
    assert capsys.readouterr().out == "  7 of 7 questions pass every check\n"
    wrong = [*episodes[:-1], replace(episodes[-1], query=LAMP)]
    assert [row["check"] for row in audit_rows(wrong)] == ["absent_goal"]


LAMP = Query("2.4", (Hypothesis("lamp"), Hypothesis("plate")), key="a")
