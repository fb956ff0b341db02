"""Tidy files: a row a record, a metric, a group's metric; what spreadsheets and pandas read."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from record_runs import line, made, put_aside

from tombench.records import RunFolder
from tombench.schema import Metric
from tombench.spreadsheet import csv_text, unguarded
from tombench.summary.columns import shelf
from tombench.summary.tidy import tidy_groups, tidy_metrics, write_tidy


def written(folder: Path, runs) -> tuple[Path, list[str]]:
    with shelf() as aside:
        said = write_tidy(RunFolder(folder, finished=False), runs, put_aside(aside, runs))
    return folder / "tables", said


def rows_in(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8", newline="")))


@pytest.fixture
def runs(tmp_path):
    """One under a prompting, one of stories, one under masks."""
    prompted = [line("a", response="=1+1"), line("b", log_probs={"maybe": None}, thinking="Hm.")]
    own = [line("c", condition={"suite": "s"}, log_probs={"crate": -0.25, "box": float("nan")})]
    return [
        made(tmp_path / "prompted", prompted, model="m,1"),
        made(tmp_path / "stories", own, model="@n", prompting="none", stories=object()),
        made(tmp_path / "masked", [line("d", n) for n in range(3)], task="t", sparsity=object()),
    ]


def test_parquet_has_all_records_with_prompts(runs, tmp_path) -> None:
    tables, said = written(tmp_path / "out", runs)
    table = pd.read_parquet(tables / "records.parquet")
    assert table["item"].tolist() == ["a", "b", "c", "d", "d", "d"]
    assert table["prompt"].tolist() == [f"Where is {item}?" for item in table["item"]]
    assert table["thinking"].tolist() == ["", "Hm.", "", "", "", ""]
    assert table["log_prob_yes"].tolist()[0] == -0.5
    assert table["log_prob_maybe"].isna().all()
    assert json.loads(table["log_probs"][2]) == {"crate": -0.25, "box": None}
    assert table["log_probs"].isna().tolist() == [True, True, False, False, False, False]
    assert table["condition_suite"].dropna().tolist() == ["s"]
    assert table["run"].tolist() == [str(runs[n].folder) for n in (0, 0, 1, 2, 2, 2)]
    assert said == [
        "tables/records.csv: without the 3 records under masks, too many for a spreadsheet; "
        "tables/records.parquet has all"
    ]


def test_csv_has_no_formula_no_prompt_and_no_masks(runs, tmp_path) -> None:
    tables, _ = written(tmp_path / "out", runs)
    rows = rows_in(tables / "records.csv")
    assert [row["item"] for row in rows] == ["a", "b", "c"]
    assert [row["response"] for row in rows] == ["'=1+1", "Yes.", "Yes."]
    assert [row["model"] for row in rows] == ["m,1", "m,1", "'@n"]
    assert rows[0]["score"] == "1.0" and rows[0]["needs_review"] == "False"
    assert rows[2]["log_prob_yes"] == "" and rows[2]["condition_cell"] == ""
    assert not {"prompt", "thinking"} & set(rows[0])


def test_csv_is_as_csv_text_writes_it(tmp_path) -> None:
    """A lone \\r, quotes and control characters in a response."""
    responses = ["a\rb", 'say "x", y', "\x00\x1b[2J", "é\u2028", "'=1", "-2", "a\nb"]
    run = made(tmp_path / "r", [line("a", n, response=r) for n, r in enumerate(responses)])
    tables, said = written(tmp_path / "out", [run])
    assert [row["response"] for row in rows_in(tables / "records.csv")] == [
        "a\rb", 'say "x", y', "\x00\x1b[2J", "é\u2028", "''=1", "'-2", "a\nb"
    ]  # fmt: skip
    told = [{"response": unguarded(row["response"])} for row in rows_in(tables / "records.csv")]
    assert [row["response"] for row in told] == responses
    text = (tables / "records.csv").read_bytes().decode()
    assert all(cell in text for cell in csv_text(told[:6]).split("\n")[1:-1])
    assert said == []


def test_the_same_runs_give_the_same_bytes(runs, tmp_path) -> None:
    first, second = (written(tmp_path / name, runs)[0] for name in ("one", "two"))
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name
    assert {path.name for path in first.iterdir()} == {
        f"{name}.{ending}"
        for name in ("records", "metrics", "groups")
        for ending in ("csv", "parquet")
    }


def test_no_records_at_all(tmp_path) -> None:
    tables, _ = written(tmp_path / "out", [made(tmp_path / "r", [])])
    assert len(pd.read_parquet(tables / "groups.parquet")) == 0
    assert rows_in(tables / "records.csv") == []


def test_a_condition_that_names_the_cell_is_no_column(tmp_path) -> None:
    own = [line("a", condition={"model": "m", "prompting": "base", "kind": "k"})]
    tables, _ = written(tmp_path / "out", [made(tmp_path / "r", own, one_of_several=True)])
    table = pd.read_parquet(tables / "records.parquet")
    conditions = [name for name in table.columns if name.startswith("condition_")]
    assert conditions == ["condition_kind"] and table["model"].tolist() == ["m"]


def test_metrics_and_groups(tmp_path) -> None:
    value = {"value": 0.5, "low": 0.25, "high": 0.75, "n": 8, "clusters": 4}
    run = made(tmp_path / "r", [line("a")], metrics={"accuracy": Metric(**value)})
    groups = {"cell": {"informed": {"accuracy": value}, "false": {"unparsed": value}}}
    (run.folder / "metrics.json").write_text(json.dumps({"metrics": {}, "groups": groups}))
    (row,) = tidy_metrics([run])
    about = {"task": "vignettes", "model": "m", "prompting": "base", "variant": "seed=0"}
    assert row == about | {"metric": "accuracy"} | value | {"run": str(run.folder)}
    rows = tidy_groups([run])
    named = [(row["factor"], row["level"], row["metric"]) for row in rows]
    assert named == [("cell", "informed", "accuracy"), ("cell", "false", "unparsed")]
    assert rows[0]["high"] == 0.75 and rows[0]["clusters"] == 4
    several = [replace(run, model=name, one_of_several=True) for name in "xy"]
    rows = tidy_groups(several)
    assert len(rows) == 2 and rows[0]["model"] is None and rows[0]["task"] == "vignettes"
    tables, _ = written(tmp_path / "out", several)
    frame = pd.read_parquet(tables / "groups.parquet")
    assert frame["n"].tolist() == [8, 8] and frame["model"].isna().all()
