"""stage=summarize and stage=show over runs of known minds: every number is known beforehand."""

import csv
import json
from pathlib import Path

import pytest

from tombench.cli import run
from tombench.schema import Metric
from tombench.summary.collect import collect
from tombench.summary.grid import latex, markdown
from tombench.summary.tables import Row, Table, accuracy_table, cell_text, row_labels

GOLDEN = """\
**vignettes: accuracy by model and prompting**

| Model | From | Base | SbS | CoT | SbS+CoT |
|---|---|---:|---:|---:|---:|
| mock:reality_biased | here | 0.25 [0.09, 0.52] | – | 0.25 [0.09, 0.52] | – |
| mock:right | here | 1.00 [0.78, 1.00] | – | 1.00 [0.78, 1.00] | – |
| GPT4All-J v1.3 | published | 0.51 | 0.31 | 0.46 | 0.45 |
| GPT4All-J PPO | published | 0.62 | 0.35 | 0.53 | 0.49 |
| GPT4All-J DPO | published | 0.27 | 0.35 | 0.49 | 0.60 |
| LLaMa2 | published | 0.34 | 0.43 | 0.56 | 0.58 |
| LLaMa2 Chat | published | 0.28 | 0.57 | 0.67 | 0.78 |
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """Two known minds under two promptings."""
    folder = tmp_path_factory.mktemp("outputs")
    words = [
        "--multirun",
        "backend=mock",
        "backend.mind=right,reality_biased",
        "prompting=base,cot",
        f"output_root={folder}",
    ]
    assert run(words) == 0
    return folder


@pytest.fixture(scope="module")
def summary(root) -> Path:
    assert run(["stage=summarize", f"output_root={root}"]) == 0
    return root / "summarize" / "v0001"


def test_the_table_is_as_predicted(summary):
    text = (summary / "tables" / "accuracy_vignettes.md").read_text(encoding="utf-8")
    assert text.startswith(GOLDEN)
    assert "Who always says yes gets 0.50, who always says no gets 0.50." in text


def test_records_are_tidy_one_row_an_answer(summary):
    rows = list(csv.DictReader((summary / "tables" / "records.csv").open(encoding="utf-8")))
    assert len(rows) == 4 * 320
    assert {row["model"] for row in rows} == {"mock:right", "mock:reality_biased"}
    right = [float(row["score"]) for row in rows if row["model"] == "mock:right"]
    assert sum(right) == len(right) == 640


def test_metrics_are_those_of_the_runs(summary, root):
    rows = list(csv.DictReader((summary / "tables" / "metrics.csv").open(encoding="utf-8")))
    row = next(r for r in rows if r["metric"] == "accuracy" and r["model"] == "mock:right")
    values = json.loads((Path(row["run"]) / "metrics.json").read_text())["metrics"]["accuracy"]
    assert float(row["low"]) == values["low"] and int(row["clusters"]) == 16


def test_figures_are_drawn(summary):
    png = (summary / "figures" / "accuracy_vignettes.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    svg = (summary / "figures" / "accuracy_vignettes.svg").read_text()
    assert "<svg" in svg


def test_the_same_runs_are_summarized_once(summary, root, capsys):
    assert run(["stage=summarize", f"output_root={root}"]) == 0
    assert capsys.readouterr().out.strip().endswith(f"results: {summary}")
    assert not (summary.parent / "v0002").exists()


def test_named_runs_alone(root, summary, capsys):
    names = ",".join(str(root / "eval" / "vignettes" / "tiny" / v) for v in ("v0001", "latest"))
    assert run(["stage=summarize", f"run=[{names}]", f"output_root={root}", "dry_run=true"]) == 0
    out = capsys.readouterr().out
    assert "mock:right" in out and "results:" not in out


def test_a_later_whole_run_stands_for_its_cell(root, tmp_path):
    words = ["backend=mock", f"output_root={tmp_path}"]
    assert run([*words]) == 0
    assert run([*words, "limit=2"]) == 0
    (kept,) = collect([], tmp_path / "eval")
    assert kept.limit is None
    assert run([*words, "rerun=true"]) == 0
    (kept,) = collect([], tmp_path / "eval")
    assert kept.folder.name == "v0003"


@pytest.mark.parametrize("change", ["seed=1", "generation.temperature=1", "task.repetitions=3"])
def test_runs_that_differ_do_not_stand_for_each_other(tmp_path, change):
    words = ["backend=mock", "limit=2", f"output_root={tmp_path}"]
    assert run(words) == 0 and run([*words, change]) == 0
    found = collect([], tmp_path / "eval")
    assert len(found) == 2
    assert any(change.split(".")[-1] in label for label in row_labels(found))


def test_runs_on_other_data_are_told_apart(tmp_path):
    words = ["backend=mock", f"output_root={tmp_path}"]
    assert run([*words]) == 0
    assert run([*words, "task.family=context"]) == 0
    labels = row_labels(collect([], tmp_path / "eval"))
    assert sorted(labels) == ["mock:right (family=context)", "mock:right (family=scenario)"]


def test_a_limited_run_says_so(tmp_path):
    assert run(["backend=mock", "limit=2", f"output_root={tmp_path}"]) == 0
    assert row_labels(collect([], tmp_path / "eval")) == ["mock:right (first 2 items)"]


def test_nothing_to_summarize_is_told(tmp_path, capsys):
    assert run(["stage=summarize", f"output_root={tmp_path}"]) == 2
    assert "no finished evaluation there" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_untrusted_names_are_escaped():
    metric = Metric(0.5, 0.25, 0.75, 10, 10)
    row = Row("<script>|a_b&\n", (metric, None), "here")
    table = Table("T", ("base", "mine"), (row,), ("n",))
    assert "&lt;script&gt;&#124;a_b&amp; |" in markdown(table.grid)
    assert r"$<$script$>$\textbar{}a\_b\&" in latex(table.grid)
    assert cell_text(metric) == "0.50 [0.25, 0.75]"


def test_the_table_needs_every_published_row(root):
    table = accuracy_table("vignettes", collect([], root / "eval"))
    assert [row.source for row in table.rows] == ["here"] * 2 + ["published"] * 5


def test_show_prints_an_item_and_why(root, capsys):
    folder = root / "eval" / "vignettes" / "tiny" / "v0001"
    assert run(["stage=show", f"run={folder}", "item=striped-towel/03"]) == 0
    out = capsys.readouterr().out
    assert "=== striped-towel/03" in out and "Question: Does Ingrid expect" in out
    assert "read as yes: the first word; right" in out and "log-prob" in out


def test_show_without_an_item_lists_them(root, capsys):
    assert run(["stage=show", f"run={root / 'eval/vignettes/tiny/v0001'}"]) == 0
    out = capsys.readouterr().out
    assert "accuracy" in out and "striped-towel" in out


def test_show_tells_a_misspelt_item(root, capsys):
    folder = root / "eval" / "vignettes" / "tiny" / "v0001"
    assert run(["stage=show", f"run={folder}", "item=striped-towl"]) == 2
    assert "did you mean 'striped-towel'?" in capsys.readouterr().err


def test_show_writes_control_characters_out(tmp_path, capsys):
    assert run(["backend=mock", "limit=1", f"output_root={tmp_path}"]) == 0
    folder = tmp_path / "eval" / "vignettes" / "tiny" / "v0001"
    lines = (folder / "records.jsonl").read_text().replace('"Yes."', '"\\u001b[2JYes."')
    (folder / "records.jsonl").write_text(lines)
    capsys.readouterr()
    assert run(["stage=show", f"run={folder}", "item=plumber-call/00"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out and r"\x1b[2JYes." in out
