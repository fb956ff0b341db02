"""How far raters agree: the scorer's rules, people, a judge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tombench.labels.recorded import Verdict
from tombench.metrics import share
from tombench.schema import Metric
from tombench.statistics.agreement import cohen_kappa, confusion

ASPECTS: Mapping[str, Callable[[Verdict], str]] = {
    "score": lambda verdict: "right" if verdict.right else "wrong",
    "answer": lambda verdict: verdict.answer,
    "category": lambda verdict: verdict.category,
}
"""What of two verdicts is compared: right or wrong; yes, no or unparsed; the kind of answer."""


@dataclass(frozen=True)
class Rater:
    """Who judged which answers how."""

    name: str
    verdicts: Mapping[str, Verdict]  # by the answer's key
    categories: bool = True  # False: it says yes, no or neither, and not why neither


@dataclass(frozen=True)
class Agreement:
    """Two raters on the answers that both judged."""

    first: str
    second: str
    aspect: str
    agreement: Metric
    kappa: Metric | None  # None: both say one and the same throughout, kappa is undefined
    confusion: Mapping[str, Mapping[str, int]]  # the first's class -> the second's -> answers

    @property
    def pair(self) -> str:
        return f"{self.first} × {self.second}"


def agree(
    first: Rater, second: Rater, aspect: str, clusters: Mapping[str, str]
) -> Agreement | None:
    """Agreement of two raters in one aspect; None where they share no answer or not the aspect.

    Args:
        clusters: the independent unit of each answer to take in, by the answer's key.
    """
    keys = sorted(set(clusters) & set(first.verdicts) & set(second.verdicts))
    if not keys or (aspect == "category" and not (first.categories and second.categories)):
        return None
    said = [[ASPECTS[aspect](rater.verdicts[key]) for key in keys] for rater in (first, second)]
    own = [clusters[key] for key in keys]
    agreed = share([float(one == other) for one, other in zip(*said, strict=True)], own)
    kappa = cohen_kappa(*said, own)
    classes = sorted({*said[0], *said[1]})
    table = confusion(*said, classes)
    return Agreement(
        first.name,
        second.name,
        aspect,
        agreed,
        kappa and Metric(kappa.value, kappa.low, kappa.high, agreed.n, agreed.clusters),
        {
            row: {column: int(count) for column, count in zip(classes, counts, strict=True)}
            for row, counts in zip(classes, table, strict=True)
        },
    )


def agreement_metrics(found: Agreement | None, ending: str = "") -> dict[str, Metric]:
    """`agreement` and `kappa` as metrics.json names them; what is undefined is left out."""
    if found is None:
        return {}
    start = "" if found.aspect == "score" else f"{found.aspect}_"
    metrics = {f"{start}agreement{ending}": found.agreement}
    return metrics | ({f"{start}kappa{ending}": found.kappa} if found.kappa else {})


def agreement_row(found: Agreement) -> dict[str, Any]:
    """One flat row of a table."""
    row: dict[str, Any] = {"first": found.first, "second": found.second, "aspect": found.aspect}
    for name, metric in (("agreement", found.agreement), ("kappa", found.kappa)):
        row[name] = metric.value if metric else None
        row[f"{name}_low"] = metric.low if metric else None
        row[f"{name}_high"] = metric.high if metric else None
    return row | {"n": found.agreement.n, "clusters": found.agreement.clusters}


def confusion_rows(found: Sequence[Agreement]) -> list[dict[str, Any]]:
    """The confusion tables in long form: a row a cell."""
    return [
        {
            "first": one.first,
            "second": one.second,
            "aspect": one.aspect,
            "first_says": row,
            "second_says": column,
            "answers": count,
        }
        for one in found
        for row, counts in one.confusion.items()
        for column, count in counts.items()
    ]
