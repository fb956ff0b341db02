"""Story runs under promptings in the summary: each prompting in a row of its own."""

import csv
from pathlib import Path

import pytest

from tombench.cli import run
from tombench.summary.collect import collect
from tombench.summary.stories import story_grid, story_grids, story_rows
from tombench.summary.story_figure import stories_figure

YES_NO = ("backend=mock", "task.suite=generated", "task.sets=2", "task.form=yes_no")
PROMPTED = (*YES_NO, "task.prompted=true")
PROMPTINGS = ("base", "sbs", "cot", "sbs_cot")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A right mind under all four, one that is biased under two, and one run without prompting."""
    folder = tmp_path_factory.mktemp("outputs")
    where = f"output_root={folder}"
    sweep = ("--multirun", *PROMPTED, where)
    assert run([*sweep, f"prompting={','.join(PROMPTINGS)}"]) == 0
    assert run([*sweep, "prompting=sbs,cot", "backend.mind=reality_biased"]) == 0
    assert run([*YES_NO, where]) == 0
    assert run(["stage=summarize", where]) == 0
    return folder


def stories(root: Path) -> list:
    return [one for one in collect([], root / "eval") if one.stories]


def test_a_row_a_prompting(root: Path) -> None:
    rows = [row for row in story_rows(stories(root)) if row.shortcut is None]
    told = [(row.model, row.prompting) for row in rows if row.prompting]
    biased = [("mock:reality_biased", prompting) for prompting in ("sbs", "cot")]
    assert told == [*biased, *(("mock:right", prompting) for prompting in PROMPTINGS)]
    (own,) = [row for row in rows if row.prompting is None]
    assert (own.model, own.label) == ("mock:right", "mock:right")
    assert {row.label for row in rows if row is not own} == {
        *("mock:reality_biased, SbS", "mock:reality_biased, CoT"),
        *(f"mock:right, {name}" for name in ("Base", "SbS", "CoT", "SbS+CoT")),
    }
    prompted = {row.stories for row in rows if row is not own}
    assert prompted == {"generated (family=scenario, prompted=True)"}
    assert own.stories == "generated"


def test_the_table_names_them(root: Path) -> None:
    grid = story_grid("vignettes", stories(root))
    assert grid.header[:4] == ("Model", "Prompting", "Stories", "whole sets")
    cells = {row[:2]: row[5].split(" ")[0] for row in grid.rows}
    assert cells["mock:right", "SbS+CoT"] == "1.00" and cells["mock:right", "–"] == "1.00"
    assert cells["mock:reality_biased", "CoT"] == cells["shortcut: reality", "–"] == "0.75"
    assert all(len(row) == len(grid.header) for row in grid.rows)
    assert all(grid.header[1] == "Prompting" for grid in story_grids("vignettes", stories(root)))


def test_without_promptings_there_is_no_such_column(root: Path) -> None:
    runs = [one for one in stories(root) if one.prompting == "none"]
    assert story_grid("vignettes", runs).header[:3] == ("Model", "Stories", "whole sets")


def test_files_hold_the_same(root: Path) -> None:
    tables = root / "summarize" / "latest" / "tables"
    rows = list(csv.DictReader((tables / "stories_vignettes.csv").open(encoding="utf-8")))
    cells = [row for row in rows if row["metric"] == "cell_accuracy" and not row["shortcut"]]
    assert sorted((row["model"], row["prompting"], float(row["value"])) for row in cells) == [
        *(("mock:reality_biased", prompting, 0.75) for prompting in ("cot", "sbs")),
        *(("mock:right", prompting, 1.0) for prompting in ("", *sorted(PROMPTINGS))),
    ]
    assert "| Model | Prompting | Stories |" in (tables / "stories_vignettes.md").read_text()
    names = {path.name for path in tables.iterdir()}
    assert not [name for name in names if name.startswith(("accuracy", "tests"))]


def test_the_figure_tells_them_apart(root: Path) -> None:
    assert (root / "summarize" / "latest" / "figures" / "stories_vignettes.png").exists()
    drawn = stories_figure(stories(root), "svg").decode()
    for label in ("mock:right, SbS+CoT", "mock:reality_biased, CoT"):
        assert f"<!-- {label} -->" in drawn
