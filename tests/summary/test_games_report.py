"""Runs of games in tables, figures and the terminal."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from summary.games_toy import answers_folder, cell, drawn, exact, run_folder, school, shares

from tombench.cli import run
from tombench.schema import Metric
from tombench.stages.headline import headline
from tombench.summary.collect import collect
from tombench.summary.games_learned_tables import CAUTION
from tombench.summary.games_report import GamesReport

POT = {cell("business", "public_goods", told="amount"): 0.5}
NEW = {cell("none", "r4123-4213"): 0.25}
TEACHER = shares(0.2, 1.0, 0.4, 0.8) | POT | NEW
BEFORE = shares(0.8, 0.8, 0.8, 0.8) | POT | NEW
AFTER = shares(0.4, 0.9, 0.6, 0.8) | POT | NEW


def report(root: Path) -> GamesReport:
    return GamesReport("games", collect([], root / "eval"))


def test_runs_of_games_are_told_apart(tmp_path: Path):
    school(tmp_path, exact(TEACHER), exact(BEFORE), exact(AFTER))
    runs = {one.model: one for one in collect([], tmp_path / "eval")}
    assert all(one.games and not (one.sparsity or one.planner) for one in runs.values())
    assert "backend.rate=0.5" in runs["law"].variant  # what sets laws apart
    assert "backend" not in runs["tiny"].variant


def test_every_table_is_whole(tmp_path: Path):
    school(tmp_path, drawn(TEACHER, 20), drawn(BEFORE, 20), drawn(AFTER, 20, invalid=5))
    own = report(tmp_path)
    tables = own.tables()
    assert set(tables) == {
        f"{name}_games"
        for name in ("cooperation", "contexts", "cells", "donations", "learned", "contrasts",
                     "sensitivity", "equilibrium", "fits")
    }  # fmt: skip
    grids = [grid for _, shown in tables.values() for grid in shown] + own.shown()
    for grid in grids:
        assert {len(row) for row in grid.rows} == {len(grid.header)}, grid.title
        assert grid.notes, grid.title
    assert {grid.title for grid in own.shown()} <= {grid.title for grid in grids}


def test_cooperation_by_part_and_game_beside_the_study(tmp_path: Path):
    school(tmp_path, exact(TEACHER), exact(BEFORE), exact(AFTER))
    rows, (grid,) = report(tmp_path).tables()["cooperation_games"]
    own = [row for row in grid.rows if row[:2] == ("local", "in-sample")]
    assert own[0][2].startswith("0.68 [") and own[0][3].startswith("0.50 [")
    assert own[0][5:] == ("–", "–", "4", "20.0")
    assert ("7bF, published", "in-sample", "0.72", "0.72", "0.74", "0.71", "0.71", "–", "–") in (
        grid.rows
    )
    game = [row for row in rows if (row["model"], row["game"]) == ("local", "delight")]
    assert [row["value"] for row in game] == [pytest.approx((0.9 + 0.8) / 2)]


def test_what_was_learnt_leads_with_the_gap(tmp_path: Path):
    school(tmp_path, exact(TEACHER), exact(BEFORE), exact(AFTER))
    rows, (grid,) = report(tmp_path).tables()["learned_games"]
    assert grid.header[3] == "gap closed"
    first = grid.rows[0]
    assert first[:3] == ("local", "in-sample", "4") and first[3].startswith("0.58 [")
    assert first[4:9] == ("0.125", "0.300", "0.300", "0.300", "0.300")
    assert any(CAUTION in note for note in grid.notes)
    assert grid.rows[-1][:2] == ("7bF, published", "public goods")
    assert rows[0]["gap_of always D"] == pytest.approx((0.2 + 1.0 + 0.4 + 0.8) / 4)
    assert rows[0]["improvement_cells"] == 3 and rows[0]["improvement_without_gap"] == 1


def test_donations_and_fits(tmp_path: Path):
    school(tmp_path, exact(TEACHER), exact(BEFORE), exact(AFTER))
    tables = report(tmp_path).tables()
    rows, (grid,) = tables["donations_games"]
    assert grid.rows[0][:2] == ("law", "here")
    assert grid.rows[0][2:] == ("5.00 [0.40, 0.60]", "50.0", "0", "1", "20.0")
    assert [row["share"] for row in rows if row["model"] == "tiny"] == [0.5, 0.5]
    _, (fits,) = tables["fits_games"]
    assert fits.rows[1] == ("law", "constant", "share 0.75", "-18.0", "+0.0")
    assert fits.rows[2][2:] == ("rate 0.5", "–", "–")


def test_figures_are_drawn(tmp_path: Path):
    school(tmp_path, drawn(TEACHER, 20), drawn(BEFORE, 20), drawn(AFTER, 20, invalid=5))
    figures = report(tmp_path).figures()
    assert {figure.name for figure in figures} == {
        f"{name}_games" for name in ("choices", "donations", "gaps", "awareness")
    }
    for figure in figures:
        pixels = np.asarray(Image.open(io.BytesIO(figure.draw("png"))).convert("RGB"))
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 20, figure.name
        assert figure.draw("svg").startswith(b"<?xml")


def test_a_figure_is_left_out_where_there_is_nothing_to_draw(tmp_path: Path):
    run_folder(tmp_path, "tiny", exact(NEW), "data:models/tiny")
    figures = report(tmp_path).figures()
    assert {figure.name for figure in figures if figure.draw("png")} == set()


def test_more_than_three_models_take_several_figures(tmp_path: Path):
    answers_folder(tmp_path, {name: drawn(AFTER, 4, 0, name) for name in "abcd"})
    figures = {figure.name for figure in report(tmp_path).figures()}
    assert {"choices_games_1", "choices_games_2"} <= figures


def test_the_command_writes_and_shows_it(tmp_path: Path, capsys):
    school(tmp_path, drawn(TEACHER, 20), drawn(BEFORE, 20), drawn(AFTER, 20))
    assert run(["stage=summarize", f"output_root={tmp_path}"]) == 0
    shown = capsys.readouterr().out
    assert "games: what was learnt" in shown and "gap closed" in shown
    tables = tmp_path / "summarize" / "v0001" / "tables"
    with (tables / "cells_games.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * len(AFTER)
    assert (tables / "learned_games.tex").read_text().count("\\midrule") >= 2
    assert (tables.parent / "figures" / "gaps_games.svg").is_file()
    assert not (tables / "accuracy_games.md").exists()


def test_a_student_alone_is_told_what_lacks(tmp_path: Path, capsys):
    teacher = tmp_path / "gone"
    run_folder(tmp_path, "tiny", exact(AFTER), "data:models/tiny", teacher=str(teacher))
    assert run(["stage=summarize", f"output_root={tmp_path}"]) == 0
    assert f"tiny: its teacher {teacher} is not among these runs" in capsys.readouterr().out


def test_what_an_evaluation_prints():
    found = {
        name: Metric(value, value - 0.1, value + 0.1, 20, 5)
        for name, value in (("cooperation_rate", 0.5), ("equilibrium_agreement", 0.75),
                            ("invalid", 0.125), ("gap_closed", 0.25), ("baseline/coin", 0.5),
                            ("baseline/constant_own_mean", 0.125))
    }  # fmt: skip
    assert headline(found, drawn=False) == [
        "cooperation 0.50 [0.40, 0.60] of 20, as in equilibrium 0.75 [0.65, 0.85], invalid 12.5 %",
        "of the gap to the teacher 0.25 [0.15, 0.35] is closed, by a coin 0.50, by the student's "
        "own mean 0.12",
    ]
    assert headline({"mean_donation": Metric(5.0, 4.0, 6.0, 9, 9)}, drawn=True) == [
        "5.00 [4.00, 6.00] points given"
    ]
