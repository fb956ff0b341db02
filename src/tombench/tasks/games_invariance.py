"""What should not move a choice and may: labels, order, and origin and scale of the payoffs."""

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.special import stdtrit

from tombench.metrics import share
from tombench.schema import Metric
from tombench.statistics.intervals import POINT, clustered_variance
from tombench.tasks.games_rates import CellRate

SWAPPED = {
    "label": ("labels", (("cd", "dc"), ("xy", "yx"), ("blue_green", "green_blue"))),
    "order": ("order", (("first", "second"),)),
}
"""Factor and pairs of its levels: in the first the first action has the label that is first in the
alphabet, or is told of first."""
MOVED = {
    "scale": ("payoffs", (("published", "doubled"),)),
    "origin": ("payoffs", (("published", "shifted"),)),
}
Pair = tuple[CellRate, CellRate]


def shifts(cells: Sequence[CellRate]) -> dict[str, Metric]:
    """`label_shift`, `order_shift`, `scale_shift`, `origin_shift`: mean |difference| of P(C).

    Over pairs of cells that differ in that alone; games in their contexts are the clusters. Of
    drawn answers sampling error is in it. What no pair shows is left out.
    """
    found = {}
    for name, (factor, levels) in {**SWAPPED, **MOVED}.items():
        if pairs := list(_pairs(cells, factor, levels)):
            values = [abs(one.rate - other.rate) for one, other in pairs]
            found[f"{name}_shift"] = share(values, [_place(one) for one, _ in pairs])
    return found


def leans(cells: Sequence[CellRate]) -> dict[str, Metric]:
    """`label_lean`, `order_lean`: how much likelier an action is for what it is called.

    The mean difference of an action's probability between being called C, X or blue and being
    called D, Y or green; between being told of first and second: in [−1, 1], 0 for who reads no
    more than the game. The interval is Student's over clusters.
    """
    found = {}
    for name, (factor, levels) in SWAPPED.items():
        if pairs := list(_pairs(cells, factor, levels)):
            values = np.array([one.rate - other.rate for one, other in pairs])
            found[f"{name}_lean"] = _signed(values, [_place(one) for one, _ in pairs])
    return found


def _pairs(
    cells: Sequence[CellRate], factor: str, levels: Sequence[tuple[str, str]]
) -> Iterator[Pair]:
    """Cells that differ in one factor alone; the split, which follows from others, aside."""
    alike: dict[tuple[tuple[str, str], ...], dict[str, CellRate]] = {}
    for cell in cells:
        if factor in cell.condition:
            rest = [(k, v) for k, v in cell.condition.items() if k not in (factor, "split")]
            alike.setdefault(tuple(sorted(rest)), {})[cell.condition[factor]] = cell
    for own in alike.values():
        for one, other in levels:
            if one in own and other in own:
                yield own[one], own[other]


def _signed(values: np.ndarray, clusters: Sequence[str]) -> Metric:
    mean, count = float(values.mean()), len(set(clusters))
    if count < 2:
        return Metric(mean, -1.0, 1.0, len(values), count)
    error = np.sqrt(clustered_variance(values, clusters))
    reach = float(stdtrit(count - 1, POINT) * error)
    return Metric(mean, max(-1.0, mean - reach), min(1.0, mean + reach), len(values), count)


def _place(cell: CellRate) -> str:
    return f"{cell.condition['context']}/{cell.condition['game']}"
