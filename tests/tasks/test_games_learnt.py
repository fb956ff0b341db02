"""How near a student comes to its teacher, by hand."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Outcome
from tasks.game_cells import drawn, exact, items
from tasks.games_runs import write_run

from tombench.errors import UserError
from tombench.schema import Item, Record
from tombench.tasks.games_beside import Beside, cells_of
from tombench.tasks.games_learnt import Learnt, learnt
from tombench.tasks.games_metrics import games_metrics
from tombench.tasks.games_rates import rates_of

GRID = items(contexts=("business", "sports"), games=("prison", "delight"))
TRAINED = [name for name, item in GRID.items() if item.condition["split"] == "in_sample"]
Chances = Mapping[str, float]


def run(chances: Chances) -> list[Record]:
    return [exact(GRID[name], p, 1 - p) for name, p in chances.items()]


def beside(teacher: Chances, untuned: Chances | None = None) -> Beside:
    def by_item(records: list[Record]) -> dict:
        return {cell.item: cell for cell in rates_of(records)}

    return Beside(by_item(run(teacher)), None if untuned is None else by_item(run(untuned)))


def constant(p: float) -> dict[str, float]:
    return dict.fromkeys(GRID, p)


def test_the_share_of_the_gap_that_is_closed() -> None:
    """Gaps to the teacher's .2 in two cells: .6 before; .3 and .1 after: a third is left."""
    first, second = TRAINED
    student = {first: 0.5, second: 0.1}
    found = learnt(rates_of(run(student)), beside(constant(0.2), constant(0.8)))["in_sample"]
    metrics = found.metrics()
    assert metrics["teacher_gap"].value == pytest.approx(0.2)
    assert metrics["gap_closed"].value == pytest.approx(1 - 0.2 / 0.6)
    assert metrics["improvement_published"].value == pytest.approx(100 * (0.3 + 0.7) / 2 / 0.6)
    assert metrics["baseline/coin"].value == pytest.approx(0.5)
    assert metrics["baseline/untuned"].value == pytest.approx(0)
    assert metrics["baseline/constant_teacher_mean"].value == pytest.approx(1)
    assert metrics["baseline/constant_own_mean"].value == pytest.approx(1 - 0.1 / 0.6)
    assert metrics["teacher_gap/always_defect"].value == pytest.approx(0.2)
    assert found.told("in_sample")["tests"] == []  # nothing was drawn


def test_a_teacher_alone_tells_how_far_and_no_more() -> None:
    metrics = learnt(rates_of(run(constant(0.5))), beside(constant(0.2)))["all"].metrics()
    assert metrics["teacher_gap"].value == metrics["teacher_gap/coin"].value == pytest.approx(0.3)
    assert not {"gap_closed", "teacher_gap/untuned", "baseline/coin"} & set(metrics)


def test_splits_stand_apart_and_all_together() -> None:
    student = {name: 0.2 if name in TRAINED else 0.8 for name in GRID}
    whole = games_metrics(run(student), GRID, "x", beside(constant(0.2), constant(0.8)))
    assert whole.metrics["gap_closed"].value == pytest.approx(0.5)
    by_split = whole.groups["split"]
    assert by_split["in_sample"]["gap_closed"].value == pytest.approx(1)
    assert by_split["new_context"]["gap_closed"].value == pytest.approx(0)


def test_what_others_have_no_answer_to_is_left_out() -> None:
    teacher = {name: 0.2 for name in GRID if name != TRAINED[0]}
    whole = games_metrics(run(constant(0.5)), GRID, "x", beside(teacher, constant(0.8)))
    assert whole.metrics["gap_closed"].n == 3
    assert whole.extra["games"]["left_out"] == [TRAINED[0]]


def answers(counts: Mapping[str, int]) -> dict[str, list[Record]]:
    return {name: drawn(GRID[name], ["C"] * c + ["D"] * (10 - c)) for name, c in counts.items()}


def learnt_of_draws(student: int, untuned: int, teacher: int, missing: int = 0) -> Learnt:
    """In two cells of ten draws, of which the student has `missing` without an answer."""
    sides = [answers(dict.fromkeys(TRAINED, count)) for count in (student, untuned, teacher)]
    if missing:
        sides[0] = {
            name: drawn(GRID[name], ["C"] * student + ["D"] * (10 - student - missing))
            for name in TRAINED
        }
    own, before, goal = (rates_of([r for one in side.values() for r in one]) for side in sides)
    others = Beside({c.item: c for c in goal}, {c.item: c for c in before})
    return learnt(own, others)["in_sample"]


def test_draws_are_compared_as_counts_as_the_study_has_them() -> None:
    """8 → 6 of 4 wanted is 50 %, also where the 6 are out of 9."""
    found = learnt_of_draws(student=6, untuned=8, teacher=4, missing=1)
    assert found.metrics()["improvement_published"].value == pytest.approx(50)
    assert found.metrics()["gap_closed"].value == pytest.approx(1 - (6 / 9 - 0.4) / 0.4)


def test_drawn_cells_are_tested_with_all_of_them_allowed_for() -> None:
    tests = learnt_of_draws(student=2, untuned=8, teacher=2).told("in_sample")["tests"]
    assert [one["beside"] for one in tests] == ["teacher", "teacher", "untuned", "untuned"]
    assert tests[0]["p"] == pytest.approx(1)
    error = (2 * 0.2 * 0.8 / 10) ** 0.5
    assert tests[2]["statistic"] == pytest.approx(-0.6 / error)
    assert tests[2]["p_holm"] == pytest.approx(2 * tests[2]["p"])


def test_gifts_are_learnt_apart(command: Callable[..., Outcome], tmp_path: Path) -> None:
    """Gifts of all alike: 5 of 10 before, and less the more a point kept counts."""
    law = ("task=games", "backend=behaviour", "task.games=public_goods")
    folders = [
        command(*law, "backend.chooser=quantal_response", f"backend.rate={rate}").folder
        for rate in (1.0, 0.0)
    ]
    student = command(*law, "backend.chooser=quantal_response", "backend.rate=0.5",
                      f"task.teacher={folders[0]}", f"task.untuned={folders[1]}")  # fmt: skip
    assert student.status == 0, student.err
    found = games_of(tmp_path / student.folder)
    assert set(found) == {"public_goods"}
    assert 0 < found["public_goods"]["gap_closed"]["value"] < 1


def games_of(folder: Path) -> dict:
    values = json.loads((folder / "metrics.json").read_text())
    return {one["split"]: one for one in values["games"]["learnt"]}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"status": "running"}, "task.teacher=there: the run is running"),
        ({}, "it has no answer to sports/prison.published/cd.first"),
    ],
)
def test_a_run_that_is_no_teacher_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    item: Item = GRID[TRAINED[0]]
    write_run(tmp_path / "there", [exact(item, 0.5, 0.5)], **changes)
    with pytest.raises(UserError, match=line):
        cells_of("teacher", "there", ["sports/prison.published/cd.first"])
    if not changes:
        assert set(cells_of("teacher", "there", [item.id])) == {item.id}


def test_a_run_of_another_task_is_told(tmp_path: Path) -> None:
    other = replace(exact(GRID[TRAINED[0]], 0.5, 0.5), condition={"scenario": "1"})
    write_run(tmp_path / "there", [other])
    with pytest.raises(UserError, match="no run of task=games"):
        cells_of("untuned", str(tmp_path / "there"), [])
