"""What a student learnt: how near it came to its teacher, beside what needs no training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tombench.statistics.gap import DRAWS, GapClosed, Rates, Transfer, gap_closed
from tombench.statistics.improvement import Improvement, countable, improvement
from tombench.summary.games import Choices
from tombench.summary.games_roles import Lesson, by_part

STUDENT, UNTUNED, COIN = "student", "untuned", "coin"
TEACHER_MEAN, OWN_MEAN = "teacher's mean", "own mean"
ALWAYS_C, ALWAYS_D = "always C", "always D"
REDRAWN = 3_000_000
"""Cells that a bootstrap draws in all: of more than 300 cells fewer than `DRAWS` draws."""


@dataclass(frozen=True)
class Learned:
    """One part of the cells: those that student, teacher and, where it is there, untuned share."""

    part: str
    cells: int
    left_out: int  # which somebody of them has no answer to
    gaps: Mapping[str, float]  # by predictor: mean absolute difference from the teacher
    improvements: Mapping[str, float]  # the study's, percent; {} without an untuned run
    closed: GapClosed | None
    improvement: Improvement | None


@dataclass(frozen=True)
class Place:
    """A cell in which both or all three can be compared, in the order untuned, student, teacher."""

    untuned: Choices | None
    student: Choices
    teacher: Choices


def learned(lesson: Lesson) -> list[Learned]:
    """By part, those that are shared; [] without a teacher."""
    found = []
    for part, (places, left_out) in shared(lesson).items():
        if places:
            found.append(_learned(part, places, left_out))
    return found


def shared(lesson: Lesson) -> dict[str, tuple[list[Place], int]]:
    """By part the cells, by id, that everybody answered, and how many not everybody did."""
    if lesson.teacher is None:
        return {}
    theirs = lesson.teacher.by_item
    before = lesson.untuned.by_item if lesson.untuned else None
    found = {}
    for part, cells in by_part(lesson.student.cells).items():
        places = []
        for cell in cells:
            all_three = (before.get(cell.item) if before else None), cell, theirs.get(cell.item)
            asked = all_three if before else all_three[1:]
            if all(one is not None and one.known for one in asked):
                places.append(Place(*all_three))
        found[part] = places, len(cells) - len(places)
    return found


def transfer_of(places: Sequence[Place]) -> Transfer:
    """Of places that all three answered."""
    before = [place.untuned for place in places if place.untuned]
    return Transfer(
        rates(before), rates([p.student for p in places]), rates([p.teacher for p in places])
    )


def rates(cells: Sequence[Choices]) -> Rates:
    """Their shares; of donations as if they were known, since an amount is no yes or no."""
    draws = [np.inf if cell.exact or cell.donation else cell.parsed for cell in cells]
    return Rates(np.array([cell.share for cell in cells]), np.array(draws))


def _learned(part: str, places: Sequence[Place], left_out: int) -> Learned:
    after, teacher = rates([p.student for p in places]), rates([p.teacher for p in places])
    before = [place.untuned for place in places if place.untuned]
    size = len(places)
    constants = {
        COIN: 0.5,
        TEACHER_MEAN: float(teacher.shares.mean()),
        OWN_MEAN: float(after.shares.mean()),
        ALWAYS_C: 1.0,
        ALWAYS_D: 0.0,
    }
    put = {STUDENT: after}
    put |= {UNTUNED: rates(before)} if before else {}
    put |= {name: Rates.constant(share, size) for name, share in constants.items()}
    gaps = {name: gap_closed(Transfer(one, one, teacher), 1).gap_after for name, one in put.items()}
    if not before:
        return Learned(part, size, left_out, gaps, {}, None, None)
    transfers = {name: Transfer(put[UNTUNED], one, teacher) for name, one in put.items()}
    own = transfers[STUDENT]
    draws = max(1, min(DRAWS, REDRAWN // size))
    return Learned(
        part=part,
        cells=size,
        left_out=left_out,
        gaps=gaps,
        improvements={name: improvement(one, "shares", 1).mean for name, one in transfers.items()},
        closed=gap_closed(own, draws),
        improvement=improvement(own, countable(own), draws),
    )
