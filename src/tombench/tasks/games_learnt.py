"""What a student has learnt: how near it comes to its teacher, beside what needs no training."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from tombench.schema import Metric
from tombench.statistics.gap import GapClosed, gap_closed
from tombench.statistics.improvement import Improvement, countable, improvement
from tombench.statistics.multiplicity import holm
from tombench.statistics.proportions import Count, two_proportions
from tombench.tasks.games_beside import Beside, Cells
from tombench.tasks.games_counts import Predictor, predictors
from tombench.tasks.games_rates import CellRate, mean_rate

BASELINES = {
    "before": "untuned",
    "coin": "coin",
    "student_mean": "constant_own_mean",
    "teacher_mean": "constant_teacher_mean",
    "always_defect": "always_defect",
    "always_cooperate": "always_cooperate",
}
"""What stands in the student's place, and its name in metrics."""


@dataclass(frozen=True)
class Learnt:
    """Of some cells that all answered."""

    cells: tuple[CellRate, ...]
    beside: Beside
    gap_closed: GapClosed | None  # None without an untuned run
    improvement: Improvement | None
    predictors: tuple[Predictor, ...]

    def metrics(self) -> dict[str, Metric]:
        """`teacher_gap`, the mean |difference| from the teacher, and those of constants; with an
        untuned run what is closed of its gap, by the student and by each baseline."""
        teacher, size = self.beside.teacher, len(self.cells)
        apart = [abs(cell.rate - teacher[cell.item].rate) for cell in self.cells]
        found = {"teacher_gap": mean_rate(self.cells, apart)}
        known = {name: one for one in self.predictors if (name := BASELINES.get(one.name))}
        found |= {f"teacher_gap/{name}": _point(one.gap, size) for name, one in known.items()}
        if self.gap_closed is None or self.improvement is None:
            return found
        return found | transfer_metrics(self.gap_closed, self.improvement, self.predictors)

    def told(self, split: str) -> dict[str, Any]:
        """As metrics.json has it under games.learnt."""
        return {
            "split": split,
            "gap_closed": self.gap_closed and asdict(self.gap_closed),
            "improvement": self.improvement and asdict(self.improvement),
            "predictors": [asdict(one) for one in self.predictors],
            "tests": [*self._tests("teacher"), *self._tests("untuned")],
        }

    def _tests(self, name: str) -> Iterator[dict[str, Any]]:
        """Student less another, cell by cell; exact probabilities and amounts are not tested."""
        others: Cells = getattr(self.beside, name) or {}
        drawn = [c for c in self.cells if c.item in others and not c.donation]
        drawn = [c for c in drawn if not (c.exact or others[c.item].exact)]
        found = [two_proportions(_count(c), _count(others[c.item])) for c in drawn]
        adjusted = holm([one.p for one in found]) if found else []
        for cell, one, p in zip(drawn, found, adjusted, strict=True):
            yield {"beside": name, "item": cell.item, **asdict(one), "p_holm": float(p)}


def learnt(cells: Sequence[CellRate], beside: Beside) -> dict[str, Learnt]:
    """By split, and first of "all" cells that are no donations."""
    shared = beside.shared(cells)
    groups = {"all": [cell for cell in shared if not cell.donation]}
    for cell in shared:
        groups.setdefault(cell.condition["split"], []).append(cell)
    return {split: _learnt(own, beside) for split, own in groups.items() if own}


def transfer_metrics(
    closed: GapClosed, study: Improvement, placed: Sequence[Predictor]
) -> dict[str, Metric]:
    """`gap_closed`, `improvement_published` (percent), and what each baseline would have closed.

    Of one cell, whose like are not known, the interval is that of drawing its answers again.
    """
    ends = (closed.low, closed.high) if closed.cells > 1 else (closed.draws_low, closed.draws_high)
    found = {
        "gap_closed": Metric(closed.value, *ends, closed.cells, closed.cells),
        "improvement_published": Metric(
            study.mean, study.low, study.high, study.cells, study.cells
        ),
    }
    found |= {
        f"baseline/{name}": _point(one.closed, closed.cells)
        for one in placed
        if (name := BASELINES.get(one.name))
    }
    return {name: one for name, one in found.items() if isfinite(one.value)}


def _learnt(cells: Sequence[CellRate], beside: Beside) -> Learnt:
    transfer = beside.transfer(cells)
    placed = predictors(transfer)
    if beside.untuned is None:
        placed = tuple(one for one in placed if one.name != "before")
        return Learnt(tuple(cells), beside, None, None, placed)
    study = improvement(transfer, countable(transfer))
    return Learnt(tuple(cells), beside, gap_closed(transfer), study, placed)


def _count(cell: CellRate) -> Count:
    return Count(round(cell.rate * cell.n), cell.n)


def _point(value: float, cells: int) -> Metric:
    return Metric(value, value, value, cells, cells)
