"""Planner runs in the summary: rows, tables and what stands beside, from runs written by hand."""

import csv
from pathlib import Path

import pytest
from summary.planner_toy import POLICY, TYPES, run_folder

from tombench.cli import run
from tombench.schema import Metric
from tombench.summary.collect import collect
from tombench.summary.planner_beside import beside_grids, best_shortcut
from tombench.summary.planner_rows import PlannerRow, planner_rows
from tombench.summary.planner_tables import percent, planner_csv, type_grids, whole_grids

TIDY = ("records", "metrics", "groups")
FILE = "somewhere/questions.jsonl"
WORLDS = {"outer_space": 0.75, "home": 0.9}
SEVEN = {"suite": "seven_types", "theme": list(WORLDS)}
CONTROLS = {"suite": "graded_controls", "theme": ["home"]}
LM = {"name": "lm", "prompt": "short", **POLICY}
STEERED = {"name": "weak_to_strong", "alpha": 1.0, "sweep": [0.0, 1.0], **POLICY}
EXACT = {"exact/accuracy": 0.91, "exact/log_score": 0.25}
ALPHAS = [
    {"alpha": alpha, "accuracy": 0.8, "low": 0.7, "high": 0.9, "log_score": 0.4}
    for alpha in (0.0, 1.0)
]
BINS = [{"low": 0.9, "high": 1.0, "n": 40, "mean_probability": 0.96, "share": 0.9}]


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("outputs")
    make = {
        "a": {"task": {}, "data": FILE, "accuracies": (1, 1, 0.99, 1, 0.96, 1, 0.94)},
        "b": {"task": {}, "data": FILE, "policy": LM, "label": "tiny-sft"},
        "c": {
            **{"task": {}, "data": FILE, "policy": LM | {"decision": "study"}},
            **{"label": "tiny-sft", "more": {"study_accuracy": 0.8, "study_chance": 0.42}},
        },
        "d": {"task": SEVEN, "themes": WORLDS, "reliability": BINS},
        "e": {"task": CONTROLS, "more": EXACT},
        "f": {
            **{"task": CONTROLS, "policy": STEERED, "label": "tiny-sft on small"},
            **{"more": EXACT | {"large/accuracy": 0.75, "naive_sum/accuracy": 0.8}},
            **{"alpha_sweep": ALPHAS},
        },
    }
    for name, given in make.items():
        run_folder(folder, name, **given)
    return folder


@pytest.fixture(scope="module")
def rows(root) -> list[PlannerRow]:
    return planner_rows(collect([], root / "eval"))


def test_a_row_a_run_with_what_sets_it_apart(rows):
    assert {row.names for row in rows} == {
        ("observer", "questions.jsonl"),
        ("lm: tiny-sft (decision=posterior)", "questions.jsonl"),
        ("lm: tiny-sft (decision=study)", "questions.jsonl"),
        ("observer", "seven types (2 worlds)"),
        ("observer", "graded controls"),
        ("weak to strong: tiny-sft on small", "graded controls"),
    }


def test_questions_that_differ_are_told_apart(tmp_path):
    run_folder(tmp_path, "a", task={}, data="one/questions.jsonl")
    run_folder(tmp_path, "b", task={}, data="two/questions.jsonl")
    labels = [row.questions for row in planner_rows(collect([], tmp_path / "eval"))]
    assert labels[0] != labels[1]
    assert all(label.startswith("questions.jsonl, data_sha256=") for label in labels)


def test_planner_runs_are_neither_stories_nor_put_under_promptings(root, rows):
    runs = collect([], root / "eval")
    assert [run.stories for run in runs] == [None] * 6 and len(rows) == 6
    assert all(run.planner for run in runs)


def test_percent():
    assert percent(Metric(0.9764, 0.931, 0.996, 124, 60)) == "97.6 [93, 100]"
    assert percent(None) == "–"


def test_types_and_averages_with_published_rows_below(rows):
    seven, controls = whole_grids("mmtom", rows)
    assert seven.header == (
        *("Policy", "Questions", *TYPES, "belief", "goal", "all (micro)", "macro", "strict"),
        *("ties", "unparsed", "n", "episodes"),
    )
    here = {row[:2]: row[2:] for row in seven.rows}
    observer = here["observer", "questions.jsonl"]
    assert observer[:3] == ("100.0 [94, 100]", "100.0 [94, 100]", "99.0 [93, 100]")
    assert observer[-2:] == ("40", "20")
    human = here["human, multimodal", "published (micro)"]
    assert human[:7] == ("95.8", "96.7", "100.0", "90.0", "91.7", "83.3", "88.9")
    assert human[7:11] == ("97.5", "88.5", "93.0", "92.3*")
    assert not any("video" in row[0] for row in seven.rows)
    assert any("Zhang et al. 2025" in note for note in seven.notes)
    assert controls.header[2:9] == tuple(f"{name}c" for name in TYPES)
    assert not any("published" in row[1] for row in controls.rows)


def test_the_terminal_has_the_same_in_two_tables(rows):
    averages, types, *_ = type_grids("mmtom", rows)
    (whole, _) = whole_grids("mmtom", rows)
    assert types.header[2:-2] + averages.header[2:-2] == whole.header[2:-2]
    assert not any("AutoToM" in row[0] for row in types.rows)  # it tells no types


def test_what_stands_beside(rows):
    beside, calibration, study, worlds = beside_grids(rows)
    assert beside.header[2:] == (
        *("its own", "observer", "large", "naive sum", "exact", "last target", "best shortcut"),
    )
    told = {row[:2]: row[2:] for row in beside.rows}
    steered = told["weak to strong: tiny-sft on small", "graded controls"]
    assert [cell.split(" ")[0] for cell in steered[1:6]] == ["97.5", "75.0", "80.0", "91.0", "79.6"]
    assert steered[6].endswith("(last target)")
    assert told["observer", "graded controls"][1] == "–"  # itself
    assert calibration.rows[0][2] == "0.100 [0.040, 0.150]"
    (only,) = study.rows
    assert only[0] == "lm: tiny-sft (decision=study)"
    assert [cell.split(" ")[0] for cell in only[3:5]] == ["80.0", "42.0"]
    assert worlds.header == ("Policy", "Questions", "home", "outer space")
    assert worlds.rows[0][:3] == ("observer", "seven types (2 worlds)", "89.0 [83, 94]")
    assert worlds.rows[1][-1] == "80.5" and worlds.rows[1][1] == "published (macro)"


def test_the_best_shortcut_is_the_first_of_equals(rows):
    metrics = rows[0].run.metrics
    assert best_shortcut(metrics)[0] == "last target"
    assert best_shortcut({"accuracy": metrics["accuracy"]}) is None


def test_long_form_is_not_rounded(rows):
    lines = planner_csv(rows)
    (found,) = (
        line["value"]
        for line in lines
        if line["policy"] == "observer"
        and line["questions"] == "questions.jsonl"
        and (line["factor"], line["level"], line["metric"]) == ("question_type", "1.3", "accuracy")
    )
    assert found == 0.99


def test_the_whole_summary(root, capsys):
    assert run(["stage=summarize", f"output_root={root}"]) == 0
    summary = root / "summarize" / "v0001"
    names = ("planner_mmtom", "published_mmtom")
    kinds = ("csv", "md", "tex")
    tables = {path.name for path in (summary / "tables").iterdir()}
    expected = {f"{name}.{kind}" for name in names for kind in kinds}
    tidy = {f"{name}.{kind}" for name in TIDY for kind in ("csv", "parquet")}
    assert tables == expected | tidy | {f"headline.{kind}" for kind in kinds}
    figures = {path.name for path in (summary / "figures").iterdir()}
    drawn = ("planner_mmtom", "alpha_mmtom", "worlds_mmtom", "reliability_mmtom")
    assert figures == {f"{name}.{kind}" for name in drawn for kind in ("png", "svg")}
    rows = list(csv.DictReader((summary / "tables" / "planner_mmtom.csv").open()))
    assert {row["factor"] for row in rows} == {
        "", "question_type", "question_family", "theme"
    }  # fmt: skip
    text = (summary / "tables" / "planner_mmtom.tex").read_text()
    assert "\\begin{tabular}" in text and "graded controls" in text
    said = capsys.readouterr().out
    assert "mmtom: right answers, %" in said and "planner_mmtom.png" in said
