"""stage=prepare task.export: what is written holds together, and the same seed gives the same."""

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from conftest import Outcome, names_in, run_json

from tombench.errors import UserError
from tombench.records import open_run
from tombench.stories import exports
from tombench.stories.balance import Unbalanced
from tombench.stories.exports import Export, export_preparation
from tombench.stories.suite import Suite
from tombench.stories.suite_files import beliefs, canary, drawn_for_people, human_check
from tombench.stories.text_files import FILES, text_lines

SUITE = Suite("exported", 4)


def made(folder: Path, export: Export, count: int = 6, **words: object) -> Path:
    """The folder of a finished export."""
    preparation = export_preparation(export, words.pop("suite", SUITE), count, 0, **words)
    with open_run(folder, preparation.identity(), {}) as run:
        preparation.make(run)
        run.finish()
    return run.path


@pytest.fixture(scope="module")
def suite_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("suite"), "suite")


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def table_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_suite_holds_its_items(suite_folder: Path) -> None:
    expected = {"run.json", "suite.jsonl", "README.md", "answer_key.csv", "human_check.csv"}
    assert names_in(suite_folder) == expected
    rows = {row["id"]: row for row in rows_of(suite_folder / "suite.jsonl")}
    items = SUITE.items()
    assert list(rows) == [item.id for item in items]
    for item in items:
        row = rows[item.id]
        assert (row["set"], row["answer"], row["reality"]) == (
            item.cluster,
            item.target,
            item.reality,
        )
        assert row["prompt"] == item.content.prompt == f"{row['story']} {row['ask']}"
        assert row["answer"] in row["options"]
        assert row["canary"] == canary(SUITE)


def test_beliefs_are_what_the_answers_say(suite_folder: Path) -> None:
    story = SUITE.contrast_set(0)
    who, thing = story.cast("original").protagonist.name, story.cast("original").thing
    rows = {row["id"]: row for row in rows_of(suite_folder / "suite.jsonl")}
    for cell in ("false_belief", "present", "informed", "no_transfer"):
        row = rows[f"{story.id}/{cell}.original/action"]
        assert row["beliefs"][who][thing] == [row["answer"]]
        assert row["beliefs"] == beliefs(story.plot(cell, "original"))
        kinds = [event["event"] for event in row["events"]]
        assert {"Move", "Enter"} <= set(kinds)
        assert {agent["name"] for agent in row["setting"]["agents"]} == set(row["beliefs"])


def test_the_card_says_what_is_there(suite_folder: Path) -> None:
    card = (suite_folder / "README.md").read_text(encoding="utf-8")
    digest = hashlib.sha256((suite_folder / "suite.jsonl").read_bytes()).hexdigest()
    front = yaml.safe_load(card.split("---\n")[1])
    assert front["license"] == "cc-by-4.0"
    assert front["configs"] == [{"config_name": "default", "data_files": "suite.jsonl"}]
    assert f"| sha256 of suite.jsonl | `{digest}` |" in card
    assert "| seed | `exported` |" in card
    assert f"Canary GUID {canary(SUITE)}" in card
    assert "| transfer | false_belief | " in card
    assert card.count("| bag_of_words |") == 5  # two sorts of pairs, cells, sets, types
    assert f"with {len(SUITE.items())} questions" in card


def test_a_secret_seed_is_written_nowhere(tmp_path: Path) -> None:
    seed = "not-for-anybody-to-see"
    folder = made(tmp_path, "suite", suite=Suite(seed, 2), secret=True)
    commitment = hashlib.sha256(seed.encode()).hexdigest()
    for path in folder.iterdir():
        assert seed not in path.read_text(encoding="utf-8")
    assert commitment in (folder / "README.md").read_text()
    assert commitment in (folder / "run.json").read_text()


def test_people_get_no_answers(suite_folder: Path) -> None:
    sheet, key = (
        table_of(suite_folder / "human_check.csv"),
        table_of(suite_folder / "answer_key.csv"),
    )
    assert [row["number"] for row in sheet] == [row["number"] for row in key]
    assert len(sheet) == 120
    items = {item.id: item for item in SUITE.items()}
    for shown, known in zip(sheet, key, strict=True):
        item = items[known["id"]]
        assert known["answer"] == item.target
        assert shown["story"] == item.content.story
        assert (shown["your answer"], shown["note"]) == ("", "")
        assert not {known["id"], item.cluster} & {*shown.values()}
    asked = {(items[row["id"]].condition["cell"]) for row in key}
    assert asked == {item.condition["cell"] for item in items.values()}


def test_no_cell_of_the_sheet_is_a_formula() -> None:
    (item, *_) = drawn_for_people(SUITE.items(), "x")
    bad = replace(item, content=replace(item.content, story="=1+1", ask="@now", options=("-a",)))
    row = human_check([bad]).splitlines()[1]
    assert row == "1,'=1+1,'@now,'-a,,"


@pytest.mark.parametrize("kind", list(FILES))
def test_texts_are_counted_and_carded(kind: Export, tmp_path: Path) -> None:
    folder = made(tmp_path, kind, count=9)
    rows = rows_of(folder / FILES[kind])
    fields = {
        "examples": {"prompt", "completion"},
        "preferences": {"prompt", "chosen", "rejected"},
        "corpus": {"text"},
    }[kind]
    assert len(rows) == 9
    assert all(set(row) == fields for row in rows)
    for row in rows:
        assert not row.get("prompt", "").endswith(" ")
        for name in fields - {"prompt", "text"}:
            assert row[name][0] == " " != row[name][1]
        if kind == "preferences":
            assert row["chosen"] != row["rejected"]
    digest = hashlib.sha256((folder / FILES[kind]).read_bytes()).hexdigest()
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert digest in card
    assert kind in yaml.safe_load(card.split("---\n")[1])["pretty_name"]
    assert "| texts | 9 |" in card


def test_more_texts_begin_with_fewer() -> None:
    assert list(text_lines("examples", 20, 0))[:7] == list(text_lines("examples", 7, 0))
    assert list(text_lines("examples", 7, 0)) != list(text_lines("examples", 7, 1))


CODE = """
import sys
from tombench.stories.balance import balance
from tombench.stories.suite import Suite
from tombench.stories.suite_files import suite_lines
from tombench.stories.text_files import FILES, text_lines
suite = Suite("hashed", 2, words="nonsense", wordings="held_out")
sys.stdout.writelines(suite_lines(suite, suite.items()))
for kind in FILES:
    sys.stdout.writelines(text_lines(kind, 30, 0))
print(balance(suite.items()))
"""


def test_bytes_do_not_depend_on_hashes() -> None:
    """PYTHONHASHSEED changes the order of every set of strings."""
    outs = [
        subprocess.run(
            [sys.executable, "-c", CODE],
            env=os.environ | {"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(outs[0]) > 10_000
    assert outs[0] == outs[1]


def test_an_unbalanced_suite_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(found: object) -> None:
        raise Unbalanced("last_mentioned: right on 0.900")

    monkeypatch.setattr(exports, "check_balance", refuse)
    with pytest.raises(UserError, match="last_mentioned: right on"):
        made(tmp_path / "prepare", "suite")
    assert not (tmp_path / "prepare").exists()


Command = Callable[..., Outcome]
PREPARE = ("stage=prepare", "task=vignettes")
GENERATED = (*PREPARE, "task.suite=generated", "task.export=suite", "task.sets=2")


def test_the_command_writes_texts_once(command: Command) -> None:
    words = (*PREPARE, "task.export=preferences", "task.examples=5")
    done = command(*words)
    assert (done.status, run_json(done.folder)["status"]) == (0, "finished")
    assert len(rows_of(done.folder / "preferences.jsonl")) == 5
    assert command(*words).folder.resolve() == done.folder.resolve()
    assert command(*words, "seed=1").folder.resolve() != done.folder.resolve()


def test_the_command_keeps_a_secret(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = "nobody-knows-this-one"
    monkeypatch.setenv("OUR_SECRET", seed)
    done = command(*GENERATED, "task.story_seed=env:OUR_SECRET")
    assert done.status == 0
    texts = [path.read_text(encoding="utf-8") for path in done.folder.iterdir()]
    assert not [text for text in texts if seed in text]
    assert hashlib.sha256(seed.encode()).hexdigest() in (done.folder / "README.md").read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["task.export=suite"], "task.suite=scenarios is not generated"),
        (["task.export=examples", "task.examples=0"], "task.examples=0"),
        (["task.export=tables"], "task.export=tables"),
        (["task.export=corpus", "task.label_sheet=run"], "two things to make; give one"),
    ],
)
def test_mistakes_are_one_line(
    command: Command, tmp_path: Path, words: list[str], told: str
) -> None:
    done = command(*PREPARE, *words)
    assert (done.status, len(done.lines)) == (2, 1)
    assert told in done.lines[0]
    assert names_in(tmp_path) == set()


def test_a_dry_run_writes_nothing(command: Command, tmp_path: Path) -> None:
    done = command(*GENERATED, "dry_run=true")
    assert done.out.splitlines()[0].startswith("suite    2 sets, about ")
    assert names_in(tmp_path) == set()


def test_an_export_is_no_part_of_an_evaluation(command: Command) -> None:
    base = ("task=vignettes", "backend=mock", "task.repetitions=1", "limit=2")
    assert command(*base, "task.export=corpus").folder == command(*base).folder


def test_a_plan_writes_nothing_and_names_the_files() -> None:
    plan = export_preparation("suite", SUITE, 1, 0).plan()
    assert plan[0] == f"suite    4 sets, about {len(SUITE.items())} items, held_out words"
    assert "suite.jsonl, README.md, answer_key.csv, human_check.csv" in plan[1]
    assert "train.jsonl" in export_preparation("examples", SUITE, 5, 0).plan()[1]
