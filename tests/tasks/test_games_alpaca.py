"""A teacher's choices as LLaMA-Factory reads them, and as our own reader reads that."""

import json
from pathlib import Path

import pytest
from tasks.games_runs import record, write_run

from tombench.recipes.data.settings import DataSettings
from tombench.recipes.data.sources import read_data
from tombench.records import open_run
from tombench.tasks.games_alpaca import CARD, INFO, NAME, ROWS, Alpaca
from tombench.tasks.games_teacher import Teacher

TEAM = "team/prison.published/XY.first"
HELD_OUT = "sports/prison.published/XY.first"


def made(tmp_path: Path, *records: object, draws: int = 300) -> tuple[Alpaca, Path]:
    teacher = Teacher(write_run(tmp_path / "teacher", list(records)))
    alpaca = Alpaca(teacher, {TEAM: "What?", HELD_OUT: "Never"}, {TEAM: ("X", "Y")}, draws)
    with open_run(tmp_path / "made", alpaca.identity(), {}) as run:
        alpaca.make(run)
    return alpaca, run.path


def test_a_probability_becomes_as_many_rows_of_each_action(tmp_path: Path) -> None:
    _, path = made(tmp_path, record(TEAM, 0.264), record(HELD_OUT, 0.9), draws=100)
    rows = json.loads((path / ROWS).read_text())
    assert len(rows) == 100 and sum(row["output"] == "X" for row in rows) == 26
    assert {row["instruction"] for row in rows} == {"What?"}
    assert all(sorted(row) == ["input", "instruction", "output"] for row in rows)


def test_answers_are_written_as_drawn(tmp_path: Path) -> None:
    drawn = [record(TEAM, n % 2, repetition=n, response=f" Answer {n}\n") for n in (1, 2, 3)]
    _, path = made(tmp_path, *drawn)
    outputs = [row["output"] for row in json.loads((path / ROWS).read_text())]
    assert outputs == ["Answer 1", "Answer 2", "Answer 3"]


def test_the_info_file_names_the_columns_of_the_rows(tmp_path: Path) -> None:
    _, path = made(tmp_path, record(TEAM, 0.5))
    info = json.loads((path / INFO).read_text())[NAME]
    row = json.loads((path / info["file_name"]).read_text())[0]
    assert set(info["columns"].values()) == set(row)
    assert set(info["columns"]) == {"prompt", "query", "response"}


def test_the_card_tells_cells_and_no_held_out_one(tmp_path: Path) -> None:
    _, path = made(tmp_path, record(TEAM, 0.5), record(HELD_OUT, 0.5))
    card = (path / CARD).read_text()
    assert f"| {TEAM} | 0.500 | 300 |" in card and "sports" not in card
    assert "behaviour:quantal_response" in card


def test_our_own_recipes_read_it(tmp_path: Path) -> None:
    _, path = made(tmp_path, record(TEAM, 0.25), draws=4)
    rows = read_data(DataSettings(data=(str(path / ROWS),)), "completions", 0).rows
    assert [(row.prompt, row.completion) for row in rows] == [
        ("What?", "X"), ("What?", "Y"), ("What?", "Y"), ("What?", "Y"),
    ]  # fmt: skip


def test_other_answers_or_another_count_are_another_preparation(tmp_path: Path) -> None:
    one, _ = made(tmp_path / "1", record(TEAM, 0.25))
    again, _ = made(tmp_path / "2", record(TEAM, 0.25))
    other, _ = made(tmp_path / "3", record(TEAM, 0.26))
    fewer, _ = made(tmp_path / "4", record(TEAM, 0.25), draws=10)
    assert one.identity() == again.identity()
    assert one.identity() not in (other.identity(), fewer.identity())


def test_what_was_made_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alpaca, path = made(tmp_path, record(TEAM, 0.25))
    with open_run(tmp_path / "made", alpaca.identity(), {}) as run:
        alpaca.show(run)
    said = capsys.readouterr().out
    assert TEAM in said and "0.250" in said and path.name in said
    assert any("300" in line for line in alpaca.plan())
