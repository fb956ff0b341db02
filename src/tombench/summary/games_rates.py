"""How often the first action was chosen, with intervals; how much was given."""

from collections.abc import Sequence

import numpy as np

from tombench.metrics import share
from tombench.schema import Metric
from tombench.statistics.intervals import wilson
from tombench.summary.games import INVALID, Choices


def rate(cells: Sequence[Choices]) -> Metric | None:
    """C / (C + D) with its 95 % interval; None where no answer could be parsed.

    Drawn answers in one game and context are independent: Wilson's interval. Of several the games
    in their contexts are the clusters. An exact probability alone is its own interval. n: answers
    that could be parsed, or exact cells.
    """
    cells = [cell for cell in cells if cell.known and not cell.donation]
    if not cells:
        return None
    exact = all(cell.exact for cell in cells)
    sizes = [1 if cell.exact else round(cell.parsed) for cell in cells]
    shares = [cell.share for cell in cells]
    if len({cell.cluster for cell in cells}) > 1:
        values = [v for cell, n in zip(cells, sizes, strict=True) for v in _values(cell, n)]
        clusters = [c.cluster for c, n in zip(cells, sizes, strict=True) for _ in range(n)]
        return share(values, clusters)
    mean, size = float(np.average(shares, weights=sizes)), sum(sizes)
    return Metric(mean, *((mean, mean) if exact else wilson(mean, size)), size, 1)


def invalid_share(cells: Sequence[Choices]) -> float:
    """Of all answers, or of all probability; 0 of no cells."""
    whole = sum(cell.parsed + cell.invalid for cell in cells)
    return sum(cell.invalid for cell in cells) / whole if whole else 0.0


def _values(cell: Choices, size: int) -> list[float]:
    if cell.exact:
        return [cell.share]
    first = round(cell.share * size)
    return [1.0] * first + [0.0] * (size - first)


def amounts(cells: Sequence[Choices]) -> dict[str, float]:
    """The share of each amount among parsed answers, every cell alike; by amount, the least first.

    {} where no answer could be parsed.
    """
    known = [cell for cell in cells if cell.known]
    found: dict[str, float] = {}
    for cell in known:
        for amount, weight in cell.weights.items():
            if amount != INVALID:
                found[amount] = found.get(amount, 0.0) + weight / cell.parsed / len(known)
    return dict(sorted(found.items(), key=lambda one: float(one[0])))
