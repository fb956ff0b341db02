"""Numbers and lists as the texts in place of figures tell them."""

from collections.abc import Iterable, Sequence

from tombench.schema import Metric

TOLD = 12
"""Of a long list how many are told; the table has all."""


def listed(parts: Iterable[str], most: int = TOLD) -> str:
    """ "a; b; c"; of many the first, and how many more."""
    told = list(parts)
    more = [f"{len(told) - most} more in the table"] if len(told) > most else []
    return "; ".join([*told[:most], *more])


def percent(metric: Metric | float) -> str:
    """ "51 % [38, 64]"; "51 %" of a value without an interval."""
    if isinstance(metric, Metric):
        return f"{100 * metric.value:z.0f} % [{100 * metric.low:z.0f}, {100 * metric.high:z.0f}]"
    return f"{100 * metric:z.0f} %"


def signed(value: float, low: float | None = None, high: float | None = None) -> str:
    """ "−0.20 [−0.30, −0.10]"."""
    told = f"{value:+z.2f}"
    if low is not None and high is not None:
        told += f" [{low:+z.2f}, {high:+z.2f}]"
    return told.replace("-", "−")


def count(number: int, one: str, several: str = "") -> str:
    """ "1 model", "3 models"."""
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def extremes(named: Sequence[tuple[str, float]]) -> tuple[str, str]:
    """The names of the least and of the largest."""
    ranked = sorted(named, key=lambda one: one[1])
    return ranked[0][0], ranked[-1][0]
