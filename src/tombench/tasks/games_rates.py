"""Records to rates: how often each cell's first action was chosen, and what is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tombench.metrics import share
from tombench.schema import Item, Metric, Record
from tombench.scorers.yes_no import UNPARSED
from tombench.statistics.intervals import wilson
from tombench.tasks.games_items import PUBLIC_GOODS
from tombench.tasks.games_scoring import INVALID, probabilities


@dataclass(frozen=True)
class CellRate:
    """What was chosen in one cell, of the answers that say anything."""

    item: str
    cluster: str  # context and game with its payoffs
    condition: Mapping[str, str]
    rate: float  # of the first action; of donations the share of the endowment
    n: int  # answers that could be parsed; 0: an exact probability
    invalid: float  # share, or probability, of answers that say nothing

    @property
    def donation(self) -> bool:
        return self.condition["game"] == PUBLIC_GOODS

    @property
    def exact(self) -> bool:
        return self.n == 0


def rates_of(records: Sequence[Record]) -> list[CellRate]:
    """One a cell, sorted by item; cells without any valid answer are left out."""
    grouped: dict[str, list[Record]] = {}
    for record in records:
        if record.error is None:
            grouped.setdefault(record.item, []).append(record)
    found = (_rate(own) for _, own in sorted(grouped.items()))
    return [one for one in found if one is not None]


def mean_rate(cells: Sequence[CellRate], values: Sequence[float]) -> Metric:
    """The mean over cells of a share of each, every cell alike; n of cells.

    Cells of one game and context are one cluster. Within one, answers are independent draws:
    Wilson's interval at their number, and none around what is exact.
    """
    clusters = [cell.cluster for cell in cells]
    if len(set(clusters)) > 1:
        return share(values, clusters)
    mean, draws = sum(values) / len(values), sum(cell.n for cell in cells)
    low, high = wilson(mean, draws) if draws else (mean, mean)
    return Metric(mean, low, high, len(values), 1)


def cooperation_rate(cells: Sequence[CellRate]) -> Metric:
    """C / (C + D) of all answers that could be parsed, n; of exact probabilities of all cells."""
    sizes = [max(1, cell.n) for cell in cells]
    total = sum(sizes)
    mean = sum(cell.rate * size for cell, size in zip(cells, sizes, strict=True)) / total
    if len({cell.cluster for cell in cells}) < 2:
        low, high = (mean, mean) if cells[0].exact else wilson(mean, total)
        return Metric(mean, low, high, total, 1)
    values = [value for cell in cells for value in _answers(cell)]
    clusters = [cell.cluster for cell, size in zip(cells, sizes, strict=True) for _ in range(size)]
    return share(values, clusters)


def mean_donation(cells: Sequence[CellRate], items: Mapping[str, Item]) -> Metric:
    """Points given, every cell alike."""
    found = mean_rate(cells, [cell.rate for cell in cells])
    most = items[cells[0].item].content.game.endowment
    low, high = most * found.low, most * found.high
    return Metric(most * found.value, low, high, found.n, found.clusters)


def invalid_share(records: Sequence[Record]) -> Metric:
    """Of all answers, or of all probability; a model that failed to answer said nothing."""
    values = [_invalid(record) for record in records]
    clusters = [record.cluster for record in records]
    if len(set(clusters)) > 1:
        return share(values, clusters)
    mean = sum(values) / len(values)
    exact = all(record.log_probs for record in records)
    low, high = (mean, mean) if exact else wilson(mean, len(values))
    return Metric(mean, low, high, len(values), 1)


def _rate(records: Sequence[Record]) -> CellRate | None:
    first = records[0]
    parsed = [record for record in records if record.score.answer != UNPARSED]
    if not parsed:
        return None
    exact = bool(first.log_probs)
    invalid = (
        probabilities(first)[INVALID] if exact else (len(records) - len(parsed)) / len(records)
    )
    rate = sum(record.score.value for record in parsed) / len(parsed)
    count = 0 if exact else len(parsed)
    return CellRate(first.item, first.cluster, first.condition, rate, count, invalid)


def _answers(cell: CellRate) -> list[float]:
    if cell.exact:
        return [cell.rate]
    first = round(cell.rate * cell.n)
    return [1.0] * first + [0.0] * (cell.n - first)


def _invalid(record: Record) -> float:
    if record.log_probs:
        return min(1.0, probabilities(record)[INVALID])
    return float(record.score.answer == UNPARSED)
