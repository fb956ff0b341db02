"""A run of published answers holds several cells: each is a row of the summary."""

import csv
import json
from pathlib import Path

import pytest

from tombench.cli import run
from tombench.summary.answers import read_answers
from tombench.summary.by_hand import hand_grid, scenario_grid
from tombench.summary.collect import collect
from tombench.summary.columns import shelf
from tombench.summary.tables import row_labels

RIGHT = {  # right answers of ten, by item
    ("A one", "base"): [1, 2, 3, 4],
    ("A one", "cot"): [5, 6, 7, 9],
    ("B", "base"): [10, 0, 10, 0],
}


def line(model: str, prompting: str, item: int, repetition: int, right: int) -> str:
    record = {
        "id": f"{model}/{prompting}/{item}/{repetition}",
        "item": str(item),
        "repetition": repetition,
        "cluster": str(item),
        "condition": {"model": model, "prompting": prompting, "kind": "k"},
        "prompt": "",
        "response": "Yes.",
        "target": "yes" if item % 2 else "no",
        "score": {"value": float(repetition < right), "answer": "yes", "reason": ""},
    }
    return json.dumps(record) + "\n"


def by_scenario() -> dict[str, dict[str, list[dict[str, object]]]]:
    """By hand as by rule, but one less in scenario 3 of A one, cot and four more in 0 of B."""
    by_hand = {("A one", "cot"): [5, 6, 7, 8], ("B", "base"): [14, 0, 10, 0]}
    found: dict = {}
    for (model, prompting), ours in RIGHT.items():
        rows = zip(ours, by_hand.get((model, prompting), ours), strict=True)
        found.setdefault(model, {})[prompting] = [
            {"scenario": str(item), "answers": 10, "ours": own, "by_hand": hand}
            for item, (own, hand) in enumerate(rows)
        ]
    return found


@pytest.fixture
def root(tmp_path) -> Path:
    folder = tmp_path / "eval" / "vignettes" / "answers" / "v0001"
    folder.mkdir(parents=True)
    task = {"name": "vignettes", "class": "Vignettes", "data": "ab" * 32, "templates": ["a", "b"]}
    told = {
        "identity": {"stage": "eval", "version": "0", "task": task, "seed": 0, "limit": None},
        "identity_hash": "0" * 64,
        "status": "finished",
        "ended": "2026-01-01T00:00:00+00:00",
        "configuration": {"task": {"data": "my scenarios.json"}},
    }
    (folder / "run.json").write_text(json.dumps(told))
    with (folder / "records.jsonl").open("w") as file:
        for (model, prompting), counts in RIGHT.items():
            for item, right in enumerate(counts):
                file.writelines(line(model, prompting, item, n, right) for n in range(10))
    cells: dict = {}
    by_cell: dict = {}
    for (model, prompting), counts in RIGHT.items():
        share = sum(counts) / 40
        accuracy = {"value": share, "low": 0.0, "high": 1.0, "n": 40, "clusters": 4}
        cells.setdefault(model, {})[prompting] = {"accuracy": accuracy}
        by_cell.setdefault(model, {})[prompting] = {"ours": share, "by_hand": share + 0.01}
    hand = {
        "cells": {"mean_absolute_difference": 0.01, "n": 3},
        "scenarios": {"mean_absolute_difference": 0.25, "n": 12},
        "by_cell": by_cell,
        "by_scenario": by_scenario(),
    }
    values = {"metrics": {}, "groups": {}, "cells": cells, "hand_counts": hand}
    (folder / "metrics.json").write_text(json.dumps(values))
    return tmp_path


def test_one_run_a_cell(root) -> None:
    runs = collect([], root / "eval")
    assert [(r.model, r.prompting) for r in runs] == [
        ("A one", "base"),
        ("A one", "cot"),
        ("B", "base"),
    ]
    assert row_labels(runs) == ["A one", "A one", "B"]
    assert all("data=my_scenarios.json" in r.variant.split(" ") for r in runs)


def test_records_go_to_their_cell(root) -> None:
    runs = collect([], root / "eval")
    with shelf() as aside:
        answers = read_answers(runs, aside)
        records = [row for one in answers.columns for t in one.tables() for row in t.to_pylist()]
    for evaluated, scores in zip(runs, answers.scores, strict=True):
        counts = RIGHT[evaluated.model, evaluated.prompting]
        assert list(scores.means.values()) == [right / 10 for right in counts]
    assert [one.records for one in answers.columns] == [40, 40, 40]
    assert [row["condition_model"] for row in records] == ["A one"] * 80 + ["B"] * 40
    mine = [row["score"] for row in records if row["condition_model"] == "B"]
    assert (len(mine), sum(mine)) == (40, 20)


def test_labels_by_hand_stand_beside(root) -> None:
    runs = collect([], root / "eval")
    grid = hand_grid("vignettes", runs, row_labels(runs))
    assert grid.rows[0] == ("A one", "Base", "0.250", "0.260", "−0.010")
    assert grid.notes[1:] == (
        "Mean absolute difference: 0.010 over 3 cells (model and prompting); on average 0.25 "
        "right answers apart in a cell's scenario (12 of them).",
        "Furthest apart, right answers on average over cells: scenario 0 (1.33), scenario 3 "
        "(0.33).",
    )
    scenes = scenario_grid("vignettes", runs, row_labels(runs))
    assert scenes.rows[0] == ("0", "B, Base", "5.33", "6.67", "1.33", "4")
    assert scenes.rows[1] == ("1", "–", "2.67", "2.67", "0.00", "0")


def test_by_command(root, capsys) -> None:
    assert run(["stage=summarize", f"output_root={root}"]) == 0
    out = capsys.readouterr().out
    assert "accuracy by rule and by hand" in out
    tables = root / "summarize" / "v0001" / "tables"
    rows = list(csv.DictReader((tables / "tests_vignettes.csv").open(encoding="utf-8")))
    assert [(r["compared"], r["within"], r["first"], r["second"]) for r in rows] == [
        ("promptings", "A one", "cot", "base"),
        ("models", "base", "A one", "B"),
    ]
    assert float(rows[0]["difference"]) == pytest.approx(0.425)
    rows = list(csv.DictReader((tables / "hand_counts_scenarios_vignettes.csv").open()))
    assert len(rows) == 12
    assert (rows[7]["scenario"], rows[7]["by_rule"], rows[7]["by_hand"]) == ("3", "9", "8")
    assert "by rule and by hand, over cells" not in out and "scenario 0 (1.33)" in out
    for name in ("hand_counts", "hand_counts_scenarios", "bias", "accuracy"):
        for ending in ("csv", "md", "tex"):
            assert (tables / f"{name}_vignettes.{ending}").exists()


def test_named_by_its_folder(root) -> None:
    assert len(collect([str(root / "eval" / "vignettes" / "answers" / "v0001")], root)) == 3
