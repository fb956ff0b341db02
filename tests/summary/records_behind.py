"""The records that a `Behind` means, picked out as the report's filters do."""

from collections.abc import Iterable, Sequence

from tombench.runs import read_records
from tombench.schema import Record
from tombench.summary.grid import Behind


def records_behind(behind: Behind, records: Iterable[Record] | None = None) -> list[Record]:
    """Those of `records`, or of the run's own, that every restriction lets through."""
    found = read_records(behind.folder) if records is None else records
    return [
        record
        for record in found
        if all(level_of(record, factor) in levels for factor, levels in behind.only.items())
    ]


def level_of(record: Record, factor: str) -> str:
    """A record's level of a factor, or of several joined by colons."""
    columns = {
        "answer": record.score.answer,
        "category": record.score.category,
        "cluster": record.cluster,
        "item": record.item,
        "target": str(record.target),
        "needs_review": "yes" if record.score.needs_review else "no",
        "repetition": str(record.repetition),
    }
    known = {**columns, **record.condition}
    return ":".join(known.get(name, "") for name in factor.split(":"))


def mean_score(records: Sequence[Record]) -> float:
    """Of scores, a tie as its part."""
    return sum(record.score.value for record in records) / len(records)
