"""Tables of what students learnt: the gap to the teacher, and cell by cell where it shows."""

from collections.abc import Iterator, Mapping, Sequence

from tombench.statistics.gap import GapClosed
from tombench.summary.games_contrasts import CellContrast, counted
from tombench.summary.games_learned import (
    ALWAYS_D,
    COIN,
    OWN_MEAN,
    STUDENT,
    TEACHER_MEAN,
    UNTUNED,
    Learned,
)
from tombench.summary.games_tables import part_of, reference
from tombench.summary.grid import Grid
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
CONTRAST_NOTES = (
    "Of runs with drawn answers: unpooled test of two proportions (public goods: Welch's test of "
    "amounts), each cell; p adjusted for all cells of a line by Holm's method.",
)

ByStudent = Mapping[str, Sequence[Learned]]
"""By the student's label."""


def learned_grid(title: str, found: ByStudent, missing: Sequence[str]) -> Grid:
    """What was learnt, a row a part; then what the study printed of its own measure."""
    rows = [
        (label, one.part, str(one.cells), _closed(one.closed), *_gaps(one), *_improvement(one))
        for label, parts in found.items()
        for one in parts
    ]
    rules, notes = set(parted(rows)), [*LEARNED_NOTES, *_left_out(found), *missing]
    if rows:
        rules.add(len(rows))
        for row in reference()["improvement"]:
            told = ("7bF, published", part_of(row["split"]), str(row["cells"]))
            rows.append((*told, *["–"] * (1 + len(GAPS)), f"{row['mean']:.1f}", "–"))
        notes.append(f"published: {reference()['sources']['lfb']}.")
    header = ("Student", "cells", "n", "gap closed", *GAPS, "improvement, %", f"{ALWAYS_D}, %")
    return Grid(title, header, tuple(rows), tuple(notes), frozenset(rules))


def contrast_grid(title: str, found: Mapping[str, Sequence[CellContrast]]) -> Grid:
    """Every cell's test."""
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
        for label, contrasts in found.items()
        for one in contrasts
    ]
    header = ("Student", "cell", "student", "other", "difference", "p", "p, Holm")
    return Grid(title, header, tuple(rows), CONTRAST_NOTES, parted(rows))


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
    return Grid(title, header, tuple(rows), CONTRAST_NOTES, parted(rows))


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
