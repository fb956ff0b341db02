"""Runs under masks in tables, figures and the terminal."""

import csv
from pathlib import Path

import pytest
from summary.sparsity_toy import run_folder

from tombench.cli import run
from tombench.errors import UserError
from tombench.schema import Metric
from tombench.stages.headline import headline
from tombench.summary.collect import EvaluatedRun, collect
from tombench.summary.sparsity_report import sparsity_figures, sparsity_shown, sparsity_tables
from tombench.summary.sparsity_tables import CAUTION


def runs(root: Path) -> list[EvaluatedRun]:
    return collect([], root / "eval")


def test_a_run_is_told_apart_from_others(tmp_path: Path):
    run_folder(tmp_path)
    (own,) = runs(tmp_path)
    assert own.sparsity and not own.stories and not own.planner
    assert own.sparsity.effect("tom", "0.02", "selective", "margin").value == -0.2
    assert own.sparsity.null("random", "0.01", "false_belief", "margin").seeds == (-0.4, 0.0)
    assert own.sparsity.null("matched", "0.01", "false_belief", "margin") is None
    assert own.sparsity.settings == {"suite": "false_belief"}


def test_every_table_says_what_needs_no_theory_of_mind(tmp_path: Path):
    run_folder(tmp_path)
    grids = [
        grid for _, own in sparsity_tables("sparsity", runs(tmp_path)).values() for grid in own
    ]
    grids += sparsity_shown("sparsity", runs(tmp_path))
    assert len(grids) > 8
    assert all(CAUTION in grid.notes and len({*map(len, grid.rows)}) == 1 for grid in grids)
    assert all(len(grid.header) == len(grid.rows[0]) for grid in grids)


def test_the_studys_columns(tmp_path: Path):
    run_folder(tmp_path)
    rows, (grid,) = sparsity_tables("sparsity", runs(tmp_path))["study_sparsity"]
    told = ("130.0/160 (2.5)", "130.0/160 (2.5)", "–", "24.0/80", "236.0/240", "81.2", "7.50")
    assert grid.rows[1] == ("tiny", "0.01", *told)
    assert rows[0]["avg_percent_unexpected_transfer"] == 81.25


def test_effects_with_their_p_and_percentile(tmp_path: Path):
    run_folder(tmp_path)
    rows, (right, margin) = sparsity_tables("sparsity", runs(tmp_path))["effects_sparsity"]
    change = "-0.20 [-0.30, -0.10]"
    assert right.rows[0] == (
        *("tiny", "0.01", change, "<.001", "50 (p 0.67)", "–"),
        *(change, change, "<.001", "50 (p 0.67)", "–", change),
    )
    assert margin.title.endswith("margin, nats")
    assert [row["value"] for row in rows if row.get("seed") == 0] == [-0.4] * 14


def test_the_headline_and_the_verdict(tmp_path: Path):
    run_folder(tmp_path)
    tables = sparsity_tables("sparsity", runs(tmp_path))
    rows, (grid,) = tables["headline_sparsity"]
    assert grid.rows[0][1:] == (
        *("false belief, accuracy", "-0.20 [-0.30, -0.10]", "–"),
        *("-0.20 [-0.39, -0.01]", "50", "0.667", "–", "–", "–"),
    )
    assert (rows[0]["random_seeds"], rows[0]["random_p"]) == (2, 2 / 3)
    assert tables["verdict_sparsity"][1][0].rows == (
        ("tiny", "hurts false belief?", "margin", "yes", "-0.2"),
    )


def test_the_weights(tmp_path: Path):
    run_folder(tmp_path)
    _, (grid,) = sparsity_tables("sparsity", runs(tmp_path))["mechanism_sparsity"]
    assert grid.rows == (
        ("tiny", "q_proj", "8", "8 %", "2.00", "3.0", "5.0"),
        ("tiny", "down_proj", "8", "8 %", "2.00", "–", "–"),
    )
    assert any("75 % of masked weights in dominant frequencies, 50 %" in n for n in grid.notes)
    assert any("4 of 10 attention sinks shift" in note for note in grid.notes)


def test_figures_of_two_runs_are_numbered(tmp_path: Path):
    run_folder(tmp_path)
    run_folder(tmp_path, "small", mechanism=False)
    figures = sparsity_figures("sparsity", runs(tmp_path))
    assert {figure.name for figure in figures} == {
        *("sweep_sparsity_1", "sweep_sparsity_2", "stability_sparsity"),
        *(f"{name}_sparsity_2" for name in ("weights", "heads", "norms", "sinks")),
    }
    for figure in figures:
        assert (figure.draw("png") or b"")[:4] == b"\x89PNG"


def test_a_run_without_masks_has_levels_and_no_figure(tmp_path: Path):
    run_folder(tmp_path, masked=False, mechanism=False)
    assert set(sparsity_tables("sparsity", runs(tmp_path))) == {"study_sparsity", "levels_sparsity"}
    assert sparsity_figures("sparsity", runs(tmp_path)) == []


def test_a_mended_mechanism_file_is_told(tmp_path: Path):
    folder = run_folder(tmp_path)
    (folder / "mechanism.json").write_text('{"masked": {"0.01": 7}, "unmasked": []}')
    with pytest.raises(UserError, match=r"mechanism\.json: not as a run writes it"):
        collect([str(folder)], tmp_path)


def test_summarize_writes_all_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    run_folder(tmp_path)
    assert run(["stage=summarize", f"output_root={tmp_path}"]) == 0
    shown = capsys.readouterr().out
    assert "sparsity: what may be said" in shown and CAUTION in shown
    written = tmp_path / "summarize" / "v0001"
    with (written / "tables" / "levels_sparsity.csv").open() as file:
        assert {row["m"] for row in csv.DictReader(file)} == {"0", "0.01", "0.02"}
    assert (written / "tables" / "headline_sparsity.tex").is_file()
    assert (written / "figures" / "sweep_sparsity.svg").is_file()


def test_the_line_after_an_evaluation():
    effect = Metric(-0.2, -0.3, -0.1, 80, 40)
    metrics = {"pair_accuracy": Metric(0.7, 0.6, 0.8, 80, 40)}
    metrics |= {"effect/false_belief_accuracy": effect}
    metrics |= {"as_harmful/random/false_belief_accuracy": Metric(0.15, 0.0, 0.4, 20, 20)}
    assert headline(metrics, True)[1:] == [
        "masked, false belief changes by -0.20 [-0.30, -0.10]; 3 of 20 random masks are as harmful"
    ]
