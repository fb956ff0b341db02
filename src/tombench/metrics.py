"""Values with their intervals: shares, differences of shares, and both by factor."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from tombench.schema import Metric, Record
from tombench.statistics.intervals import clustered_proportion, difference


def share(values: Sequence[float], clusters: Sequence[str]) -> Metric:
    """The mean of values in [0, 1] with an interval that respects clusters.

    Raises:
        ValueError: no values, or as many clusters as values are not given.
    """
    if not values or len(values) != len(clusters):
        raise ValueError(f"{len(values)} values in {len(clusters)} clusters: need one cluster each")
    low, high = clustered_proportion(values, clusters)
    return Metric(sum(values) / len(values), low, high, len(values), len(set(clusters)))


def share_of(records: Iterable[Record], value: Callable[[Record], float]) -> Metric:
    """The share of records for which `value` is 1, clustered as the records are."""
    records = list(records)
    return share([float(value(r)) for r in records], [r.cluster for r in records])


def contrast(first: Metric, second: Metric) -> Metric:
    """first − second, of groups that share no cluster."""
    low, high = difference(
        (first.value, first.low, first.high), (second.value, second.low, second.high)
    )
    return Metric(
        first.value - second.value, low, high, first.n + second.n, first.clusters + second.clusters
    )


def by_level(
    records: Sequence[Record],
    level: Callable[[Record], str],
    measure: Callable[[Sequence[Record]], Mapping[str, Metric]],
) -> dict[str, Mapping[str, Metric]]:
    """`measure` of the records at each level of a factor, levels in sorted order."""
    grouped: dict[str, list[Record]] = {}
    for record in records:
        grouped.setdefault(level(record), []).append(record)
    return {name: measure(grouped[name]) for name in sorted(grouped)}
