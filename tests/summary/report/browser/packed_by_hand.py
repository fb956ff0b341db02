"""A run's records in the form that a report carries them, packed by the plainest code."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from gzip import compress
from json import dumps
from typing import Any

from tombench.schema import Record
from tombench.summary.report.packed import PackedRun


def packed(records: Sequence[Record], told: int) -> PackedRun:
    """The rows of all records, and the texts of the first `told`."""
    kept = records[:told]
    return PackedRun(
        block(rows_of(records, len(kept))),
        block(texts_of(kept)),
        len(records),
        len(records),
        len(kept),
    )


def block(value: Any) -> str:
    """Gzipped JSON in base64."""
    return b64encode(compress(dumps(value).encode(), mtime=0)).decode()


def rows_of(records: Sequence[Record], told: int) -> dict[str, Any]:
    """The columns of a `rows-` block."""
    factors = dict.fromkeys(factor for record in records for factor in record.condition)
    return {
        "n": len(records),
        "of": len(records),
        "columns": {
            "item": _column(r.item for r in records),
            "cluster": _column(r.cluster for r in records),
            "answer": _column(r.score.answer for r in records),
            "target": _column(r.target for r in records),
            "category": _column(r.score.category for r in records),
            "needs_review": _column(r.score.needs_review for r in records),
        },
        "condition": {
            factor: _column(r.condition.get(factor) for r in records) for factor in factors
        },
        "repetition": [r.repetition for r in records],
        "score": [r.score.value for r in records],
        "id": [r.id for r in records],
        "text": [place if place < told else -1 for place in range(len(records))],
    }


def texts_of(records: Sequence[Record]) -> dict[str, Any]:
    """The columns of a `texts-` block."""
    return {
        "prompt": _column(r.prompt for r in records),
        "response": [r.response for r in records],
        "reason": _column(r.score.reason for r in records),
        "thinking": [r.thinking for r in records],
        "error": [r.error for r in records],
        "log_probs": [dict(r.log_probs) or None for r in records],
        "tokens": [r.tokens for r in records],
        "truncated": [r.truncated for r in records],
    }


def _column(values: Iterable[Any]) -> dict[str, Any]:
    places: dict[Any, int] = {}
    at = [places.setdefault(value, len(places)) for value in values]
    return {"levels": list(places), "at": at}
