"""task.answers: small files of answers, counted and held against each other."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Outcome

Command = Callable[..., Outcome]
COOPERATED = {  # of 10: before, student, teacher
    "biz_prison": (8, 6, 4),  # 50 %
    "biz_delight": (9, 8, 5),  # 25 %
    "sports_prison": (8, 9, 4),  # −25 %
    "biz_prison_d": (7, 6, 1),
}


def written(folder: Path, **models: int) -> Path:
    """A file of counts a model, by its place in the tuples above."""
    folder.mkdir()
    for model, place in models.items():
        lines = [
            f"{key}: {{'  C': {counts[place]}, '  D': {10 - counts[place]}}}\n"
            for key, counts in COOPERATED.items()
        ]
        (folder / f"{model}_distribution.txt").write_text("".join(lines))
    return folder


@pytest.fixture
def values(command: Command, tmp_path: Path) -> tuple[dict, str]:
    folder = written(tmp_path / "files", **{"7b": 0, "7bF": 1, "70b": 2})
    for model, amounts in {"7b": [5, 5], "7bF": [5, 6], "70b": [7, 7]}.items():
        texts = {"poolparty": [f"I donate {amount}" for amount in amounts]}
        (folder / f"{model}-results-pgg.json").write_text(json.dumps(texts))
    ran = command("task=games", f"task.answers={folder}")
    assert ran.status == 0, ran.err
    return json.loads((tmp_path / ran.folder / "metrics.json").read_text()), ran.out


def test_the_improvement_is_the_studys(values: tuple[dict, str]) -> None:
    found, _ = values
    learnt = {one["split"]: one for one in found["games"]["learnt"]}
    each = {one["cell"]: one["improvement"] for one in learnt["in_sample"]["cells"]}
    assert each == {"biz_delight": pytest.approx(25), "biz_prison": pytest.approx(50)}
    assert found["metrics"]["improvement_published"]["value"] == pytest.approx(37.5)
    by_split = found["groups"]["split"]
    assert by_split["new_context"]["improvement_published"]["value"] == pytest.approx(-25)
    assert by_split["new_payoffs"]["improvement_published"]["value"] == pytest.approx(100 / 6)
    assert learnt["public_goods"]["improvement"]["mean"] == pytest.approx(25)  # 5 → 5.5 of 7


def test_the_headline_is_in_sample_beside_its_baselines(values: tuple[dict, str]) -> None:
    metrics = values[0]["metrics"]
    assert metrics["gap_closed"]["value"] == pytest.approx(1 - 5 / 8)  # gaps .4 + .4, then .2 + .3
    assert metrics["baseline/coin"]["value"] == pytest.approx(1 - 1 / 8)
    assert metrics["baseline/constant_teacher_mean"]["value"] == pytest.approx(1 - 1 / 8)


def test_rates_by_model_and_payoffs_tested(values: tuple[dict, str]) -> None:
    found, _ = values
    rate = found["groups"]["model"]["70b"]["cooperation_rate"]
    assert (rate["value"], rate["n"]) == (pytest.approx(14 / 40), 40)
    assert found["groups"]["model"]["7bF"]["mean_donation"]["value"] == 5.5
    tests = {one["model"]: one for one in found["games"]["tests"]}
    assert tests["70b"]["cell"] == "biz_prison"
    error = (0.4 * 0.6 / 10 + 0.1 * 0.9 / 10) ** 0.5
    assert tests["70b"]["statistic"] == pytest.approx(-0.3 / error)


def test_what_is_shown_has_each_cell(values: tuple[dict, str]) -> None:
    _, shown = values
    row = next(line for line in shown.splitlines() if "biz_delight" in line)
    assert row.split() == ["biz_delight", "0.900", "0.800", "0.500", "25.00"]
    assert next(line for line in shown.splitlines() if "mean of cells" in line).endswith("37.50  ")


def test_records_are_one_a_draw(values: tuple[dict, str], tmp_path: Path) -> None:
    (file,) = tmp_path.glob("outputs/eval/games/answers/v*/records.jsonl")
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(records) == 3 * 4 * 10 + 3 * 2
    own = [one for one in records if one["condition"]["model"] == "7bF"]
    assert sum(one["score"]["answer"] == "C" for one in own) == 6 + 8 + 9 + 6
    assert {one["condition"]["split"] for one in own} == {
        "in_sample", "new_context", "new_payoffs", "public_goods"
    }  # fmt: skip


def test_roles_may_be_named(command: Command, tmp_path: Path) -> None:
    folder = written(tmp_path / "files", a=0, b=1, c=2)
    named = [f"{role}={folder / file}_distribution.txt" for role, file in
             zip(("untuned", "student", "teacher"), "abc", strict=True)]  # fmt: skip
    ran = command("task=games", f"task.answers=[{','.join(named)}]")
    found = json.loads((tmp_path / ran.folder / "metrics.json").read_text())
    assert found["metrics"]["improvement_published"]["value"] == pytest.approx(37.5)
    assert found["games"]["learnt"][0]["roles"] == ["untuned", "student", "teacher"]


def test_one_model_alone_has_learnt_nothing(command: Command, tmp_path: Path) -> None:
    folder = written(tmp_path / "files", **{"7b": 0})
    ran = command("task=games", f"task.answers={folder}")
    found = json.loads((tmp_path / ran.folder / "metrics.json").read_text())
    assert found["games"]["learnt"] == []
    assert "gap_closed" not in found["metrics"]
    assert "What the student has learnt" not in ran.out


@pytest.mark.parametrize("words", ["7b={}", "[7b={}]", "'[7b={}]'"])
def test_one_name_and_one_file(command: Command, tmp_path: Path, words: str) -> None:
    file = written(tmp_path / "files", x=0) / "x_distribution.txt"
    ran = command("task=games", f"task.answers={words.format(file)}")
    assert ran.status == 0, ran.err
    found = json.loads((tmp_path / ran.folder / "metrics.json").read_text())
    assert set(found["groups"]["model"]) == {"7b"}
