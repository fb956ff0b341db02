"""What a report tells of a sample of records: prompt, response, why, log-probabilities."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from tombench.summary.columns import RunColumns
from tombench.summary.report.rows import Places, compact

TOLD = ("prompt", "response", "reason", "thinking", "error", "log_probs", "tokens", "truncated")
LONGEST = 20_000
"""Characters of a text; what is left out of longer ones is said at their end."""
DIGITS = 4  # of log-probabilities, nats: what they are reproducible to


def texts_json(columns: RunColumns, rows: Places) -> str:
    """The block of some records of a run.

    Args:
        rows: their places, ascending.
    """
    table = pa.concat_tables(_taken(columns, rows), promote_options="permissive")
    found = {name: table[name].to_pylist() for name in table.column_names}
    block = {
        "prompt": _levels(found.get("prompt", [])),
        "response": [cut(text) for text in found.get("response", [])],
        "reason": _levels(found.get("reason", [])),
        "thinking": _where_any(found.get("thinking", [])),
        "error": _where_any(found.get("error", [])),
        "log_probs": [_rounded(json.loads(text)) for text in found.get("log_probs", [])],
        "tokens": found.get("tokens", []),
        "truncated": found.get("truncated", []),
    }
    return compact(block)


def cut(text: str) -> str:
    """A text, or its beginning and how much more there is."""
    if len(text) <= LONGEST:
        return text
    left_out = len(text) - LONGEST
    return f"{text[:LONGEST]}\n[{left_out:,} more characters stand in the run's records.jsonl]"


def _taken(columns: RunColumns, rows: Places) -> Iterator[pa.Table]:
    """The records of each piece that are told."""
    yield pa.table({})
    before = 0
    for table in columns.tables():
        own = rows[(rows >= before) & (rows < before + len(table))] - before
        before += len(table)
        if len(own):
            taken = table.select(TOLD).take(own)
            kinds = [
                pa.string() if pa.types.is_dictionary(f.type) else f.type for f in taken.schema
            ]
            yield taken.cast(pa.schema(list(zip(TOLD, kinds, strict=True))))


def _levels(texts: list[str]) -> dict[str, Any]:
    places: dict[str, int] = {}
    at = [places.setdefault(text, len(places)) for text in texts]
    return {"levels": [cut(text) for text in places], "at": at}


def _where_any(texts: list[str | None]) -> list[str | None] | None:
    """None where no record has such a text."""
    return [text and cut(text) for text in texts] if any(texts) else None


def _rounded(log_probs: dict[str, float | None]) -> dict[str, float | None] | None:
    told = {name: value and round(value, DIGITS) for name, value in log_probs.items()}
    return told or None
