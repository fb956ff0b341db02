"""docs/formats.md has the fields of what is written, and forms that are read as it says."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

from tombench.datafile import read_entries
from tombench.origins.files import READERS
from tombench.schema import Metric, Record, Score

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
TABLES = [
    dict(re.findall(r"^\| `(\w+)` \| `(.*?)` \|", table, re.MULTILINE))
    for table in re.findall(r"\| field \| type \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE)
]


def _type(field: dataclasses.Field) -> str:
    name = getattr(field.type, "__name__", str(field.type))
    known = name if isinstance(field.type, type) else str(field.type)
    return known.replace("collections.abc.", "").replace("tombench.schema.", "")


@pytest.mark.parametrize("place, of", [(0, Record), (1, Score), (2, Metric)])
def test_fields_and_types(place, of):
    shown = {name: kind.replace("\\|", "|") for name, kind in TABLES[place].items()}
    assert shown == {field.name: _type(field) for field in dataclasses.fields(of)}


def _example(heading: str) -> str:
    """The indented lines of the first example after a heading in bold."""
    after = PAGE.split(f"**{heading}**")[1]
    return re.search(r"((?:^    .*\n)+)", after, re.MULTILINE)[1].replace("\n    ", "\n").strip()


def test_keys_of_run_json(command):
    outcome = command("backend=mock", "limit=1", "task.repetitions=1", "quiet=true")
    run = json.loads((outcome.folder / "run.json").read_text())
    table = PAGE.split("## run.json")[1].split("## records.jsonl")[0]
    keys = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE)))
    assert set(keys) - {"results"} == set(run)  # results are of stage=finetune


def test_scenarios(command, tmp_path):
    file = tmp_path / "scenes.jsonl"
    file.write_text(_example("Scenarios"))
    assert [entry.values["id"] for entry in read_entries(file, "scenarios")] == ["milk", "key"]
    assert command("backend=mock", f"task.data={file}", "quiet=true").status == 0


def test_answers_and_counts_by_hand(command, tmp_path):
    scenes = [json.loads(line) for line in _example("Scenarios").splitlines()]
    (tmp_path / "scenes.json").write_text(json.dumps([s | {"id": n} for n, s in enumerate(scenes)]))
    (tmp_path / "answers.json").write_text(_example("Answers"))
    (tmp_path / "counts.json").write_text('{"7b": {"Base": [1]}}')
    outcome = command("task.answers=answers.json", "task.data=scenes.json", "quiet=true")
    assert outcome.status == 0, outcome.err
    assert len((outcome.folder / "records.jsonl").read_text().splitlines()) == 1
    assert json.loads(_example("Counts by hand"))["7b"]["CoT"] == [20, 11]


def test_choices(command, tmp_path):
    lists, counts = _example("Choices").splitlines()
    (tmp_path / "7b_results.json").write_text(lists)
    (tmp_path / "70b_distribution.txt").write_text(counts)
    outcome = command("task=games", f"task.answers={tmp_path}", "quiet=true")
    assert outcome.status == 0, outcome.err


def test_training_data_and_its_endings():
    told = PAGE.split("**Training data**")[1].split("folder")[0]
    assert set(re.findall(r"`(\.[\w.]+)`", told)) == set(READERS)
    rows = [json.loads(line) for line in _example("Training data").splitlines()]
    assert [set(row) for row in rows] == [
        {"prompt", "completion"},
        {"prompt", "chosen", "rejected"},
    ]
