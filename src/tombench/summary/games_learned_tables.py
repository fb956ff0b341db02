"""Tables of what students learnt: the gap to the teacher, and cell by cell where it shows."""

from collections.abc import Iterator, Mapping, Sequence

from tombench.statistics.gap import GapClosed
from tombench.summary.behind import placed
from tombench.summary.games_contrasts import CellContrast, counted
from tombench.summary.games_learned import (
    ALWAYS_D,
    COIN,
    OWN_MEAN,
    STUDENT,
    TEACHER_MEAN,
    UNTUNED,
    Learned,
    shared,
)
from tombench.summary.games_records import behind_cells, behind_rate
from tombench.summary.games_roles import Lesson
from tombench.summary.games_tables import part_of, reference
from tombench.summary.grid import Behind, Grid
from tombench.summary.sparsity_tables import parted

GAPS = (STUDENT, UNTUNED, COIN, TEACHER_MEAN, OWN_MEAN)
CAUTION = (
    "improvement rewards who goes past the teacher and has no bound: on the study's in-sample "
    "cells its student has 46 %, and who always defects would have 713 %. Do not lead with it."
)
LEARNED_NOTES = (
    "gap closed: 1 − mean |student − teacher| / mean |untuned − teacher| over cells; 1 all of it, "
    "0 none, below 0 further away than before. [low, high]: 95 % interval for cells like these; "
    "{low, high}: for these very cells, where answers were drawn.",
    "Then mean |difference| from the teacher, of the share of first actions (public goods: of the "
    "endowment): lower is nearer. coin: one half everywhere; teacher's mean, own mean: one rate in "
    "all cells. A student that is no nearer than its own mean has learnt no single cell.",
    "improvement: the study's 100 (student − untuned) / (teacher − untuned), mean over cells, %, "
    "for comparison only, and what it gives who always defects (or gives nothing). " + CAUTION,
)
TEST_NOTE = (
    "Of runs with drawn answers: unpooled test of two proportions (public goods: Welch's test of "
    "amounts), each cell; p adjusted for all cells of a line by Holm's method."
)
CONTRAST_NOTES = (
    "student, other: share of first actions, of donations of the endowment; difference: student "
    "less other, of donations in points [95 % interval].",
    TEST_NOTE,
)
COUNT_NOTES = ("n: cells that both drew answers in; then those that differ at p ≤ .05.", TEST_NOTE)

ByStudent = Mapping[str, Sequence[Learned]]
"""By the student's label."""


def learned_grid(
    title: str, found: ByStudent, lessons: Mapping[str, Lesson], missing: Sequence[str]
) -> Grid:
    """What was learnt, a row a part; then what the study printed of its own measure.

    Args:
        lessons: by the student's label, too.
        missing: who is not there to be compared with, in words.
    """
    shown = [(label, one) for label, parts in found.items() for one in parts]
    rows = [
        (label, one.part, str(one.cells), _closed(one.closed), *_gaps(one), *_improvement(one))
        for label, one in shown
    ]
    behind = placed(_records(lessons[label], one.part) for label, one in shown)
    rules, notes = set(parted(rows)), [*LEARNED_NOTES, *_left_out(found), *missing]
    if rows:
        rules.add(len(rows))
        for row in reference()["improvement"]:
            told = ("7bF, published", part_of(row["split"]), str(row["cells"]))
            rows.append((*told, *["–"] * (1 + len(GAPS)), f"{row['mean']:.1f}", "–"))
        notes.append(f"published: {reference()['sources']['lfb']}.")
    header = ("Student", "cells", "n", "gap closed", *GAPS, "improvement, %", f"{ALWAYS_D}, %")
    return Grid(title, header, tuple(rows), tuple(notes), frozenset(rules), behind)


def contrast_grid(
    title: str, found: Mapping[str, Sequence[CellContrast]], lessons: Mapping[str, Lesson]
) -> Grid:
    """Every cell's test; `lessons` by the student's label, too."""
    shown = [(label, one) for label, contrasts in found.items() for one in contrasts]
    rows = [
        (
            f"{label}: {one.comparison}",
            f"{one.student.of('context')}, {one.student.of('game')} ({one.part})",
            f"{one.student.share:.2f}",
            f"{one.other.share:.2f}",
            _signed(one),
            f"{one.contrast.p:.3f}",
            f"{one.p_holm:.3f}",
        )
        for label, one in shown
    ]
    behind = placed(_answers(lessons[label], one) for label, one in shown)
    header = ("Student", "cell", "student", "other", "difference", "p", "p, Holm")
    return Grid(title, header, tuple(rows), CONTRAST_NOTES, parted(rows), behind)


def count_grid(title: str, found: Mapping[str, Sequence[CellContrast]]) -> Grid:
    """How many cells differ, a line a comparison and part."""
    rows = [
        (
            f"{label}: {one.comparison}",
            one.part,
            str(one.cells),
            str(one.differ),
            str(one.unadjusted),
        )
        for label, contrasts in found.items()
        for one in counted(contrasts)
    ]
    header = ("Student", "cells", "n", "p ≤ .05, Holm", "p ≤ .05, unadjusted")
    return Grid(title, header, tuple(rows), COUNT_NOTES, parted(rows))


def _records(lesson: Lesson, part: str) -> dict[int, Behind | None]:
    """By column, of a line of what was learnt: the student's answers, and the untuned model's."""
    places = shared(lesson)[part][0]
    student = behind_rate(lesson.student, [place.student for place in places])
    before = [place.untuned for place in places if place.untuned]
    untuned = behind_rate(lesson.untuned, before) if lesson.untuned else None
    first = 4 + GAPS.index(STUDENT)
    improvement = 4 + len(GAPS)
    own = dict.fromkeys((2, 3, first, improvement), student)
    return own | {4 + GAPS.index(UNTUNED): untuned}


def _answers(lesson: Lesson, one: CellContrast) -> dict[int, Behind | None]:
    """By column, of a test of a cell: the student's answers in it, and the other's."""
    other = lesson.untuned if one.comparison.endswith(UNTUNED) else lesson.teacher
    own = {2: behind_cells(lesson.student, [one.student])}
    return own | {3: behind_cells(other, [one.other]) if other else None}


def _closed(closed: GapClosed | None) -> str:
    if closed is None or closed.value != closed.value:
        return "–"
    told = f"{closed.value:.2f}"
    if closed.low == closed.low:
        told += f" [{closed.low:.2f}, {closed.high:.2f}]"
    drawn = f"{{{closed.draws_low:.2f}, {closed.draws_high:.2f}}}"
    return told if closed.draws_low == closed.draws_high else f"{told} {drawn}"


def _gaps(one: Learned) -> Iterator[str]:
    for name in GAPS:
        yield f"{one.gaps[name]:.3f}" if name in one.gaps else "–"


def _improvement(one: Learned) -> tuple[str, str]:
    if one.improvement is None or one.improvement.mean != one.improvement.mean:
        return "–", "–"
    return f"{one.improvement.mean:.1f}", f"{one.improvements[ALWAYS_D]:.1f}"


def _left_out(found: ByStudent) -> Iterator[str]:
    for label, parts in found.items():
        for one in parts:
            if one.left_out:
                yield f"{label}, {one.part}: {one.left_out} cells that not all answered left out."


def _signed(one: CellContrast) -> str:
    contrast = one.contrast
    return f"{contrast.difference:+.2f} [{contrast.low:+.2f}, {contrast.high:+.2f}]"
