"""Runs of story suites in the summary: a table and a figure of their own, apart from promptings."""

import csv
import json
from pathlib import Path

import pytest

from tombench.cli import run
from tombench.summary.collect import collect
from tombench.summary.stories import story_grid, story_grids, story_rows
from tombench.summary.story_figure import stories_figure

GENERATED = ("backend=mock", "task.suite=generated", "task.sets=2")
RUNS = (
    (*GENERATED, "backend.mind=right"),
    (*GENERATED, "backend.mind=reality_biased"),
    (*GENERATED, "backend.mind=right", "task.words=nonsense", "task.repetitions=1"),
    ("backend=mock", "task.suite=false_belief", "task.repetitions=1", "limit=32"),
    ("backend=mock", "task.repetitions=1"),
)
HELD_OUT = "generated (repetitions=0, words=held_out)"

TIDY, SHOWN = ("records", "metrics", "groups"), ("headline", "stories_vignettes")
"""Tables of rows alone, and those that are also shown."""


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """Four runs of story suites by known minds, and one of scenarios."""
    folder = tmp_path_factory.mktemp("outputs")
    for words in RUNS:
        assert run([*words, f"output_root={folder}"]) == 0
    assert run(["stage=summarize", f"output_root={folder}"]) == 0
    return folder


@pytest.fixture
def summary(root) -> Path:
    return root / "summarize" / "v0001"


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8")))


def test_stories_stand_apart_from_promptings(summary):
    accuracy = read_csv(summary / "tables" / "accuracy_vignettes.csv")
    here = [row for row in accuracy if row["source"] == "here"]
    assert [(row["model"], row["prompting"]) for row in here] == [("mock:right", "base")]
    for name in ("accuracy", "tests", "bias"):
        text = (summary / "tables" / f"{name}_vignettes.md").read_text(encoding="utf-8")
        assert "reality" not in text and "generated" not in text
    (told,) = {row["model"] for row in read_csv(summary / "tables" / "bias_vignettes.csv")}
    assert told == "mock:right"


def test_a_row_a_run_and_a_shortcut(root):
    runs = [one for one in collect([], root / "eval") if one.stories]
    rows = story_rows(runs)
    shortcuts = ("majority", "first mentioned", "last mentioned", "most mentioned", "reality")
    assert [(row.model, row.stories) for row in rows if row.shortcut is None] == [
        ("mock:right", "false_belief (first 32 items)"),
        ("mock:reality_biased", HELD_OUT),
        ("mock:right", HELD_OUT),
        ("mock:right", "generated (repetitions=1, words=nonsense)"),
    ]
    names = [row.model for row in rows if row.stories == HELD_OUT]
    assert names[:2] == ["mock:reality_biased", "mock:right"]  # and below them, once each
    assert sorted(names[2:]) == sorted(f"shortcut: {name}" for name in shortcuts)


def test_the_table_is_as_predicted(root):
    runs = [one for one in collect([], root / "eval") if one.stories]
    grid = story_grid("vignettes", runs)
    assert grid.header == (
        *("Model", "Stories", "whole sets", "pairs", "cells", "false belief", "true belief"),
        *("reality", "memory", "percept", "given controls", "cells, first word"),
        *("unparsed", "sets"),
    )
    values = {row[:2]: [cell.split(" ")[0] for cell in row[2:]] for row in grid.rows}
    units = ["0.00", "0.00", "0.75", "0.00", "1.00"]
    beside = ["1.00", "1.00", "1.00", "0.75", "–", "0.00", "2"]
    assert values["mock:reality_biased", HELD_OUT] == [*units, *beside]
    assert values["shortcut: reality", HELD_OUT] == [*units, *["–"] * 6, "2"]
    right = values["mock:right", "generated (repetitions=1, words=nonsense)"]
    assert right == [*["1.00"] * 10, "0.00", "2"]
    first, second = story_grids("vignettes", runs)
    assert first.header + second.header[2:-1] == (*grid.header[:7], "sets", *grid.header[7:-1])
    assert len(second.rows) == 4


def test_files_hold_the_same(summary):
    tables = summary / "tables"
    text = (tables / "stories_vignettes.md").read_text(encoding="utf-8")
    assert text.startswith("**vignettes: stories**\n\n| Model | Stories | whole sets | pairs |")
    assert "- shortcut: what one gets who always says the same in a set (majority)" in text
    assert (tables / "stories_vignettes.tex").read_text().count("\\midrule") == 1 + 5
    rows = read_csv(tables / "stories_vignettes.csv")
    row = next(r for r in rows if (r["shortcut"], r["metric"]) == ("reality", "cell_accuracy"))
    found = json.loads((Path(row["run"]) / "metrics.json").read_text())
    cells = found["metrics"]["baseline/reality/cell_accuracy"]
    assert (float(row["low"]), int(row["n"])) == (cells["low"], cells["n"])


def test_log_probabilities_of_stories_make_no_columns(summary):
    rows = read_csv(summary / "tables" / "records.csv")
    assert [name for name in rows[0] if name.startswith("log_prob")] == [
        "log_probs", "log_prob_yes", "log_prob_no"
    ]  # fmt: skip
    row = next(row for row in rows if row["condition_question_type"] == "action")
    options = json.loads(row["log_probs"])
    assert max(options, key=lambda option: options[option]) == row["answer"]


def test_the_figure_is_drawn(summary, root):
    names = {path.name for path in (summary / "figures").iterdir()}
    kinds = ("accuracy_vignettes", "stories_vignettes")
    assert names == {f"{name}.{kind}" for name in kinds for kind in ("png", "svg")}
    assert (summary / "figures" / "stories_vignettes.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in stories_figure([r for r in collect([], root / "eval") if r.stories], "svg")


def test_stories_alone(root, tmp_path, capsys):
    named = str(root / "eval" / "vignettes" / "tiny" / "v0001")
    assert run(["stage=summarize", f"run={named}", f"output_root={tmp_path}"]) == 0
    out = capsys.readouterr().out
    assert "vignettes: stories" in out and "accuracy by model" not in out
    tables = {path.name for path in (tmp_path / "summarize" / "v0001" / "tables").iterdir()}
    assert tables == {
        *(f"{name}.{kind}" for name in TIDY for kind in ("csv", "parquet")),
        *(f"{name}.{kind}" for name in SHOWN for kind in ("csv", "md", "tex")),
    }
