"""A run as a teacher: its choices in cells that may be learnt, its law, and what is refused."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tasks.games_runs import BEHAVIOUR, record, write_run

from tombench.errors import UserError
from tombench.schema import Score
from tombench.strategy.contexts import NONE
from tombench.strategy.payoffs import DILEMMAS
from tombench.strategy.quantal_response import quantal_response
from tombench.strategy.telling import Presentation
from tombench.tasks.games_items import Cell
from tombench.tasks.games_teacher import Teacher

TEAM = "team/prison.published/CD.first"
HELD_OUT = [
    "sports/prison.published/CD.first",
    "team/delight.doubled/CD.first",
    "none/r4123-4213.published/CD.first",
]


def test_only_in_sample_cells_are_taught_and_the_first_other_one_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = write_run(tmp_path / "v1", [record(cell, 0.25) for cell in [*HELD_OUT, TEAM]])
    with caplog.at_level(logging.INFO, "tombench"):
        (cell,) = Teacher(run).cells
    assert (cell.item, cell.first, cell.answers) == (TEAM, 0.25, ())
    assert "3 cells are held out" in caplog.text
    assert "none/r4123-4213.published/CD.first (game r4123-4213)" in caplog.text


def test_a_file_that_calls_a_held_out_cell_in_sample_is_not_believed(tmp_path: Path) -> None:
    lie = record(HELD_OUT[0], 1.0)
    claimed = {**lie.condition, "split": "in_sample"}
    run = write_run(tmp_path / "v1", [record(HELD_OUT[0], 1.0, condition=claimed)])
    with pytest.raises(UserError, match=r"sports/prison\S+ \(context sports\)"):
        _ = Teacher(run).cells


def test_drawn_answers_are_counted_and_those_without_a_choice_left_out(tmp_path: Path) -> None:
    drawn = [
        record(TEAM, 1.0, repetition=1, response="I choose C."),
        record(TEAM, 0.0, repetition=2, response="I choose D."),
        record(TEAM, 0.0, repetition=3, response="D, for sure."),
        record(TEAM, 0.0, repetition=4, response="Hm.", score=Score(0.0, "unparsed", "")),
    ]
    (cell,) = Teacher(write_run(tmp_path / "v1", drawn)).cells
    assert cell.first == pytest.approx(1 / 3)
    assert cell.answers == ("I choose C.", "I choose D.", "D, for sure.")


def test_the_law_that_answered_answers_again(tmp_path: Path) -> None:
    player = Teacher(write_run(tmp_path / "v1", [])).player
    game = DILEMMAS["snowdrift"]
    told = player.probabilities(Cell(game, NONE, Presentation()))
    assert np.allclose(told[0], quantal_response(game, 0.5).row)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"identity": {"stage": "eval", "task": {"name": "mmtom"}}}, "task=mmtom"),
        ({"identity": {"stage": "finetune", "task": {"name": "games"}}}, "stage=finetune"),
        ({"status": "running"}, "not finished"),
    ],
)
def test_another_run_is_no_teacher(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Teacher(write_run(tmp_path / "v1", [], **changes))


def test_a_model_says_nothing_of_other_games(tmp_path: Path) -> None:
    backend = {"_target_": "tombench.backends.hf.backend.HfBackend"}
    configuration = {"task": {}, "model": {"name": "tiny"}, "backend": backend}
    teacher = Teacher(write_run(tmp_path / "v1", [], configuration=configuration))
    assert teacher.model == "tiny"
    with pytest.raises(UserError, match="train_games=cells"):
        _ = teacher.player


def test_no_other_class_is_built_from_a_runs_file(tmp_path: Path) -> None:
    backend = BEHAVIOUR | {"_target_": "os.system"}
    teacher = Teacher(write_run(tmp_path / "v1", [], configuration={"backend": backend}))
    with pytest.raises(UserError, match="a model answered"):
        _ = teacher.player
