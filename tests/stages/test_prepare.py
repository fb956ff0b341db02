"""stage=prepare: a sheet out, labels in, agreement that can be worked out by hand."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Outcome, names_in, run_json
from labels.runs import recorded_run

Command = Callable[..., Outcome]
PREPARE = ("stage=prepare", "task=vignettes")

BY_HAND = {  # one right answer, one wrong and one category are labelled otherwise than by the rules
    "Yes.": "yes",
    "'=1+1, she cannot say": "yes",
    "Yes, a whole one.": "yes",
    "No, he saw\nit fall.": "no",
    "A cake. A cake. A cake.": "unparsed",
    "No.": "yes",
    "\\x1b[31mno": "no",
}


@pytest.fixture
def sheet(command: Command, tmp_path: Path) -> Path:
    """The folder of a sheet of all answers of one run."""
    recorded_run(tmp_path / "run")
    return command(*PREPARE, "task.label_sheet=run").folder


def fill(folder: Path, name: str, labels: dict[str, str]) -> Path:
    """A labeller's copy of the sheet, by answer."""
    path = folder / f"{name}.csv"
    with (folder / "sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"label": labels.get(row["answer"], "")} for row in rows)
    return path


def pairs(folder: Path) -> dict[tuple[str, str, str], tuple[float, float | None]]:
    found = json.loads((folder / "agreement.json").read_text())["pairs"]
    return {
        (pair["first"], pair["second"], pair["aspect"]): (
            pair["agreement"]["value"],
            pair["kappa"] and pair["kappa"]["value"],
        )
        for pair in found
    }


def test_nothing_to_prepare_is_one_line(command: Command, tmp_path: Path) -> None:
    done = command(*PREPARE)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("task=vignettes: nothing to prepare; task.label_sheet=RUN makes")
    assert len(done.out.splitlines()) == 1
    assert names_in(tmp_path) == set()


def test_a_task_that_has_nothing(command: Command, tmp_path: Path) -> None:
    done = command("stage=prepare", "task=judge", "task.run=run")
    assert (done.status, done.out) == (0, "task=judge: nothing to prepare\n")


def test_a_sheet_its_key_and_its_instructions(sheet: Path, command: Command) -> None:
    assert names_in(sheet) == {"run.json", "sheet.csv", "key.json", "instructions.txt"}
    assert run_json(sheet)["status"] == "finished"
    assert sheet.parts[-4:] == ("outputs", "prepare", "vignettes", "v0001")
    (sheet / "sheet.csv").write_text("labelled meanwhile")
    again = command(*PREPARE, "task.label_sheet=[run,run]")  # the same run twice is one run
    assert again.folder.resolve() == sheet.resolve()
    assert (sheet / "sheet.csv").read_text() == "labelled meanwhile"
    assert command(*PREPARE, "task.label_sheet=run", "task.sheet_size=3").folder.name == "v0002"
    assert command(*PREPARE, "task.label_sheet=run", "seed=1").folder.name == "v0003"


def test_a_dry_run_writes_nothing(command: Command, tmp_path: Path) -> None:
    recorded_run(tmp_path / "run")
    done = command(*PREPARE, "task.label_sheet=run", "dry_run=true")
    assert done.out.splitlines()[0] == "answers  8 of 8, drawn with seed 0"
    assert names_in(tmp_path) == {"run"}


def test_agreement_by_hand(sheet: Path, command: Command) -> None:
    """Eight answers; hand and rules differ in right or wrong on two, in yes/no/unparsed on two.

    Right or wrong, hand: door yes yes yes, cake no, coat no (5 right of 8); rules: door yes yes,
    cake no, coat no no (5 right). Agreement 6/8, pe = (25 + 9)/64.
    Yes/no/unparsed, hand: 5, 2, 1; rules: 3, 3, 2. Agreement 6/8, pe = (15 + 6 + 2)/64.
    Category: hand answered 7, unparsed 1; rules answered 6, evasion 1, rambling 1. Agreement 6/8,
    pe = 42/64.
    """
    done = command(*PREPARE, f"task.labels={fill(sheet, 'anna', BY_HAND)}")
    assert done.status == 0
    found = pairs(done.folder)
    assert found == {
        ("anna", "rules", "score"): pytest.approx((6 / 8, (48 - 34) / (64 - 34)), abs=1e-12),
        ("anna", "rules", "answer"): pytest.approx((6 / 8, (48 - 23) / (64 - 23)), abs=1e-12),
        ("anna", "rules", "category"): pytest.approx((6 / 8, (48 - 42) / (64 - 42)), abs=1e-12),
    }
    assert "anna.csv: 7 of 7 rows have a label" in done.out
    values = json.loads((done.folder / "agreement.json").read_text())
    (score,) = [pair for pair in values["pairs"] if pair["aspect"] == "score"]
    assert (score["agreement"]["n"], score["agreement"]["clusters"]) == (8, 3)
    assert score["confusion"] == {
        "right": {"right": 4, "wrong": 1},
        "wrong": {"right": 1, "wrong": 2},
    }
    levels = {(row["factor"], row["level"]) for row in values["groups"]}
    assert levels >= {("model", "m"), ("prompting", "base"), ("category", "rambling")}
    with (done.folder / "tables" / "disagreements.csv").open(newline="") as file:
        differing = {row["answer"]: row for row in csv.DictReader(file)}
    assert set(differing) == {"'=1+1, she cannot say", "No."}
    assert differing["No."]["anna"] == "yes"
    assert differing["No."]["rules"] == "no"


def test_two_labellers_are_compared_with_each_other(sheet: Path, command: Command) -> None:
    half = {answer: label for answer, label in BY_HAND.items() if label != "unparsed"}
    anna, ben = fill(sheet, "anna", BY_HAND), fill(sheet, "ben", half | {"No.": "no"})
    done = command(*PREPARE, f"task.labels=[{anna},{ben}]")
    found = pairs(done.folder)
    assert found["anna", "ben", "answer"][0] == pytest.approx(6 / 7)
    assert {pair[:2] for pair in found} == {("anna", "ben"), ("anna", "rules"), ("ben", "rules")}
    assert "ben.csv: 6 of 7 rows have a label" in done.out


def test_an_undefined_kappa_is_told(sheet: Path, command: Command) -> None:
    done = command(*PREPARE, f"task.labels={fill(sheet, 'anna', {'Yes.': 'yes'})}")
    assert pairs(done.folder)["anna", "rules", "score"] == (1.0, None)
    assert "kappa is undefined" in done.out


def test_a_judge_beside_the_rules(sheet: Path, command: Command) -> None:
    judge = command("task=judge", "task.run=run", "backend=mock").folder
    done = command(*PREPARE, f"task.labels={fill(sheet, 'anna', BY_HAND)}", f"task.judged={judge}")
    found = pairs(done.folder)
    assert found["anna", "mock:right", "answer"] == found["anna", "rules", "answer"]
    assert found["rules", "mock:right", "score"] == (1.0, 1.0)
    assert ("rules", "mock:right", "category") not in found


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["task.label_sheet=run", "task.labels=x.csv"], "one makes a sheet, the other reads it"),
        (["task.label_sheet=nowhere"], "nowhere: no run folder"),
        (["task.labels=lone.csv"], "lone.csv: no key.json beside it; name the one"),
        (["task.label_sheet=run", "task.sheet_size=0"], "task.sheet_size=0"),
    ],
)
def test_mistakes_are_one_line(
    command: Command, tmp_path: Path, words: list[str], told: str
) -> None:
    recorded_run(tmp_path / "run")
    (tmp_path / "lone.csv").write_text("id,label\n")
    done = command(*PREPARE, *words)
    assert done.status == 2
    assert len(done.lines) == 1
    assert told in done.lines[0]
    assert names_in(tmp_path) == {"run", "lone.csv"}


def test_an_unlabelled_sheet_and_one_of_another_key(sheet: Path, command: Command) -> None:
    empty = command(*PREPARE, f"task.labels={sheet}/sheet.csv")
    assert "sheet.csv: no row has a label yet" in empty.lines[0]
    other = command(*PREPARE, "task.label_sheet=run", "seed=1").folder
    filled = fill(sheet, "anna", BY_HAND)
    wrong = command(*PREPARE, f"task.labels={filled}", f"task.label_key={other}/key.json")
    assert wrong.status == 2
    assert "not an id of this sheet" in wrong.lines[0]


def test_labels_are_no_part_of_an_evaluation(command: Command) -> None:
    base = ("backend=mock", "task.repetitions=1", "limit=2")
    first = command(*base)
    assert command(*base, "task.label_sheet=x", "task.labels=y").folder == first.folder


def test_labels_outlive_the_rules(sheet: Path, command: Command, tmp_path: Path) -> None:
    """The same answers scored by rules that read the evasion as the labeller does."""
    later = recorded_run(tmp_path / "later", label="other")
    records = later / "records.jsonl"
    lines = records.read_text().splitlines()
    changed = json.loads(lines[2])
    changed["score"] |= {"answer": "yes", "value": 1.0, "category": "answered"}
    records.write_text("\n".join([*lines[:2], json.dumps(changed), *lines[3:]]) + "\n")
    labels = f"task.labels={fill(sheet, 'anna', BY_HAND)}"
    found = pairs(command(*PREPARE, labels, "task.judged=later").folder)
    assert found["anna", "rules", "answer"][0] == 6 / 8
    assert found["anna", "rules later", "answer"][0] == 7 / 8
    assert found["anna", "rules later", "category"][0] == 7 / 8
