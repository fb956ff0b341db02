"""Cell by cell: does the student choose otherwise than untuned, or than its teacher?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tombench.statistics.multiplicity import holm
from tombench.statistics.proportions import Contrast, Count, two_proportions, welch
from tombench.summary.games import INVALID, Choices
from tombench.summary.games_roles import Lesson, by_part

LEVEL = 0.05


@dataclass(frozen=True)
class CellContrast:
    """One cell of two runs: student less the other."""

    comparison: str  # student − untuned, student − teacher
    part: str
    student: Choices
    other: Choices
    contrast: Contrast  # of shares; of donations in amounts
    p_holm: float  # allowing for all cells of the part


def cell_contrasts(lesson: Lesson) -> list[CellContrast]:
    """By comparison and part, of cells that both drew answers in.

    Exact probabilities have no sampling error and are not tested.
    """
    found = []
    for name, other in (("untuned", lesson.untuned), ("teacher", lesson.teacher)):
        theirs = other.by_item if other else {}
        for part, cells in by_part(lesson.student.cells).items():
            pairs = [(cell, theirs[cell.item]) for cell in cells if cell.item in theirs]
            pairs = [pair for pair in pairs if all(one.known and one.draws > 1 for one in pair)]
            tests = [_contrast(*pair) for pair in pairs]
            adjusted = holm([test.p for test in tests]) if tests else []
            for pair, test, p in zip(pairs, tests, adjusted, strict=True):
                found.append(CellContrast(f"student − {name}", part, *pair, test, p))
    return found


@dataclass(frozen=True)
class Count05:
    """Of a comparison in a part, how many cells differ."""

    comparison: str
    part: str
    cells: int
    differ: int  # at p ≤ 0.05 after Holm
    unadjusted: int  # at p ≤ 0.05, each cell as if it were alone


def counted(contrasts: Sequence[CellContrast]) -> list[Count05]:
    """A row a comparison and part, in their order."""
    groups: dict[tuple[str, str], list[CellContrast]] = {}
    for one in contrasts:
        groups.setdefault((one.comparison, one.part), []).append(one)
    return [
        Count05(
            *place,
            len(own),
            sum(one.p_holm <= LEVEL for one in own),
            sum(one.contrast.p <= LEVEL for one in own),
        )
        for place, own in groups.items()
    ]


def _contrast(student: Choices, other: Choices) -> Contrast:
    """Of donations Welch's test of the amounts, else the unpooled test of two proportions."""
    if student.donation:
        return welch(_amounts(student.weights), _amounts(other.weights))
    return two_proportions(_count(student), _count(other))


def _count(cell: Choices) -> Count:
    parsed = round(cell.parsed)
    return Count(round(cell.share * parsed), parsed)


def _amounts(weights: Mapping[str, float]) -> np.ndarray:
    known = {float(amount): round(n) for amount, n in weights.items() if amount != INVALID}
    return np.repeat(list(known), list(known.values()))
