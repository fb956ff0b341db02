"""Whom a student is held against, and what it learnt."""

from pathlib import Path

import pytest
from summary.games_toy import (
    answers_folder,
    cell,
    drawn,
    exact,
    run_folder,
    school,
    shares,
    training_folder,
)

from tombench.summary.collect import collect
from tombench.summary.games_contrasts import cell_contrasts, counted
from tombench.summary.games_learned import (
    ALWAYS_D,
    COIN,
    OWN_MEAN,
    STUDENT,
    TEACHER_MEAN,
    UNTUNED,
    learned,
)
from tombench.summary.games_roles import Lesson, choosers, lessons

TEACHER = shares(0.2, 1.0, 0.4, 0.8)
BEFORE = shares(0.8, 0.8, 0.8, 0.8)
AFTER = shares(0.4, 0.9, 0.6, 0.8)


def taught(root: Path) -> list[Lesson]:
    return lessons(choosers(collect([], root / "eval")))


def test_the_roles_are_found_by_what_the_training_names(tmp_path: Path):
    school(tmp_path, exact(TEACHER), exact(BEFORE), exact(AFTER))
    (lesson,) = taught(tmp_path)
    assert [one.label for one in (lesson.student, lesson.untuned, lesson.teacher)] == [
        *("local", "tiny", "law"),
    ]
    assert lesson.missing == ()


def test_the_gap_that_is_closed_beside_what_learns_nothing(tmp_path: Path):
    school(tmp_path, exact(TEACHER), exact(BEFORE), exact(AFTER))
    (found,) = learned(taught(tmp_path)[0])
    assert (found.part, found.cells, found.left_out) == ("in-sample", 4, 0)
    assert found.gaps[UNTUNED] == pytest.approx((0.6 + 0.2 + 0.4 + 0.0) / 4)
    assert found.gaps[STUDENT] == pytest.approx((0.2 + 0.1 + 0.2 + 0.0) / 4)
    assert found.gaps[COIN] == pytest.approx((0.3 + 0.5 + 0.1 + 0.3) / 4)
    assert found.gaps[TEACHER_MEAN] == pytest.approx((0.4 + 0.4 + 0.2 + 0.2) / 4)  # 0.6
    assert found.gaps[OWN_MEAN] == pytest.approx((0.475 + 0.325 + 0.275 + 0.125) / 4)  # 0.675
    assert found.closed.value == pytest.approx(1 - 0.5 / 1.2)
    assert found.closed.draws_low == found.closed.draws_high  # nothing was drawn
    assert found.improvement.mean == pytest.approx((100 * 2 / 3 + 50 + 50) / 3)  # of three cells
    always_d = (100 * 0.8 / 0.6 - 100 * 0.8 / 0.2 + 100 * 0.8 / 0.4) / 3
    assert found.improvements[ALWAYS_D] == pytest.approx(always_d)


def test_drawn_answers_have_an_interval_for_these_very_cells(tmp_path: Path):
    runs = (drawn(own, 20) for own in (TEACHER, BEFORE, AFTER))
    school(tmp_path, *runs)
    (found,) = learned(taught(tmp_path)[0])
    assert found.closed.value == pytest.approx(1 - 0.5 / 1.2)
    assert found.closed.draws_low < found.closed.value < found.closed.draws_high


def test_donations_are_one_cell(tmp_path: Path):
    pot = cell("business", "public_goods", told="amount")
    runs = (exact({pot: share}) for share in (0.7, 0.5, 0.6))
    school(tmp_path, *runs)
    (found,) = learned(taught(tmp_path)[0])
    assert (found.part, found.cells) == ("public goods", 1)
    assert found.closed.value == pytest.approx(0.5) and found.closed.low != found.closed.low
    assert found.improvement.mean == pytest.approx(50.0)


def test_cells_that_not_all_answered_are_left_out(tmp_path: Path):
    few = dict(list(TEACHER.items())[:3])
    school(tmp_path, exact(few), exact(BEFORE), exact(AFTER))
    (found,) = learned(taught(tmp_path)[0])
    assert (found.cells, found.left_out) == (3, 1)


def test_who_is_missing_is_told(tmp_path: Path):
    trained = training_folder(tmp_path, "data:models/tiny", tmp_path / "gone")
    run_folder(tmp_path, "local", exact(AFTER), str(trained))
    run_folder(tmp_path, "tiny", exact({cell("team", "staghunt"): 0.5}), "data:models/tiny")
    (lesson,) = taught(tmp_path)
    assert lesson.untuned is None and lesson.teacher is None  # tiny answered no such cell
    assert lesson.missing == (
        f"local: its teacher {tmp_path / 'gone'} is not among these runs; add it",
        "local: no run of the model before its training, data:models/tiny, on the same cells is "
        "among these; evaluate it as the student was",
    )
    assert learned(lesson) == []


def test_without_an_untuned_run_gaps_alone_are_told(tmp_path: Path):
    teacher = run_folder(tmp_path, "law", exact(TEACHER))
    run_folder(tmp_path, "tiny", exact(BEFORE), "data:models/tiny", teacher=str(teacher))
    (lesson,) = taught(tmp_path)
    (found,) = learned(lesson)
    assert found.closed is None and found.improvement is None and UNTUNED not in found.gaps
    assert found.gaps[STUDENT] == pytest.approx(0.3)
    assert lesson.missing == ("tiny: no run before its training is named; give task.untuned=RUN",)


def test_an_untuned_run_that_is_named_goes_before_one_that_is_found(tmp_path: Path):
    student = school(tmp_path, exact(TEACHER), exact(BEFORE), exact(AFTER))
    other = run_folder(tmp_path, "other", exact(BEFORE), "elsewhere")
    configured = student / "run.json"
    configured.write_text(
        configured.read_text().replace('"data": null', f'"untuned": "{other}", "data": null')
    )
    (lesson,) = taught(tmp_path)
    assert lesson.untuned.label == "other"


def test_models_of_files_have_their_roles_by_name(tmp_path: Path):
    named = {"7b": BEFORE, "7bF": AFTER, "70b": TEACHER, "70b_non": BEFORE}
    answers_folder(tmp_path, {name: drawn(own, 20, 0, name) for name, own in named.items()})
    (lesson,) = taught(tmp_path)
    assert (lesson.student.name, lesson.untuned.name, lesson.teacher.name) == ("7bF", "7b", "70b")
    (found,) = learned(lesson)
    assert found.closed.value == pytest.approx(1 - 0.5 / 1.2)


def test_a_student_of_files_without_its_teacher(tmp_path: Path):
    answers_folder(tmp_path, {name: drawn(AFTER, 20, 0, name) for name in ("7b", "7bF")})
    (lesson,) = taught(tmp_path)
    assert lesson.missing == ("7bF: no answers of 70b; name their files 70b=PATH in task.answers",)


def test_cells_are_tested_one_by_one(tmp_path: Path):
    school(tmp_path, drawn(TEACHER, 20), drawn(BEFORE, 20), drawn(AFTER, 20))
    (lesson,) = taught(tmp_path)
    found = cell_contrasts(lesson)
    assert {one.comparison for one in found} == {"student − untuned", "student − teacher"}
    first = next(one for one in found if one.student.item == cell("business", "prison"))
    assert first.contrast.difference == pytest.approx(-0.4)
    error = (0.4 * 0.6 / 20 + 0.8 * 0.2 / 20) ** 0.5
    assert first.contrast.statistic == pytest.approx(-0.4 / error)
    assert first.p_holm == pytest.approx(4 * first.contrast.p)  # the smallest of four
    untuned = counted(found)[0]
    assert (untuned.comparison, untuned.cells, untuned.differ) == ("student − untuned", 4, 1)


def test_donations_are_tested_by_welch(tmp_path: Path):
    pot = cell("business", "public_goods", told="amount")
    school(tmp_path, *(drawn({pot: share}, 10) for share in (0.7, 0.5, 0.6)))
    found = cell_contrasts(taught(tmp_path)[0])
    assert [one.contrast.difference for one in found] == pytest.approx([1.0, -1.0])  # in points
    assert found[0].contrast.df == pytest.approx(18, abs=0.1)


def test_exact_probabilities_are_not_tested(tmp_path: Path):
    school(tmp_path, exact(TEACHER), exact(BEFORE), drawn(AFTER, 20))
    assert cell_contrasts(taught(tmp_path)[0]) == []
