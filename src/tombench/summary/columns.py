"""The records of runs as Arrow columns on the disk, for files and report to be made of.

Reading JSON lines is slow and their objects are large, so it is done once: a run's records become
pieces of some thousand rows, which later are read as fast as the disk gives them.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from tombench.errors import RunFailed
from tombench.provenance import redacted
from tombench.schema import Record

CONDITION = "condition_"
"""Begins the names of columns of factors."""
ROWS, BYTES = 5_000, 1 << 26
"""A piece ends at so many records, or at so many bytes of their lines."""
LEVELS = pa.dictionary(pa.int32(), pa.string())
"""Of texts that many records share."""

FIELDS: Mapping[str, tuple[pa.DataType, Callable[[Record], Any]]] = {
    "id": (pa.string(), lambda record: record.id),
    "item": (LEVELS, lambda record: record.item),
    "repetition": (pa.int64(), lambda record: record.repetition),
    "cluster": (LEVELS, lambda record: record.cluster),
    "target": (LEVELS, lambda record: record.target),
    "answer": (LEVELS, lambda record: record.score.answer),
    "score": (pa.float64(), lambda record: record.score.value),
    "category": (LEVELS, lambda record: record.score.category),
    "needs_review": (pa.bool_(), lambda record: record.score.needs_review),
    "reason": (LEVELS, lambda record: record.score.reason),
    "truncated": (pa.bool_(), lambda record: record.truncated),
    "tokens": (pa.int64(), lambda record: record.tokens),
    "thinking_tokens": (pa.int64(), lambda record: record.thinking_tokens),
    "error": (LEVELS, lambda record: record.error),
    "response": (pa.string(), lambda record: record.response),
    "prompt": (LEVELS, lambda record: record.prompt),
    "thinking": (pa.string(), lambda record: record.thinking),
    "log_probs": (pa.string(), lambda record: json_text(record.log_probs)),
}
"""A record's columns beside those of its condition: their types, and what stands in them."""

_JSON = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True)
class RunColumns:
    """Where the records of one run lie."""

    pieces: tuple[Path, ...] = ()
    records: int = 0

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(piece.stat().st_size for piece in self.pieces)

    def tables(self) -> Iterator[pa.Table]:
        """Its pieces in the order of its records, one at a time."""
        for piece in self.pieces:
            with pa.memory_map(str(piece)) as file:
                yield pa.ipc.open_file(file).read_all()

    def schemas(self) -> Iterator[pa.Schema]:
        """Of its pieces; nothing else of them is read."""
        for piece in self.pieces:
            with pa.memory_map(str(piece)) as file:
                yield pa.ipc.open_file(file).schema

    def column(self, name: str) -> Iterator[pa.ChunkedArray]:
        """One column of its pieces; no other is unpacked."""
        for piece in self.pieces:
            with pa.memory_map(str(piece)) as file:
                place = pa.ipc.open_file(file).schema.get_field_index(name)
                options = pa.ipc.IpcReadOptions(included_fields=[place])
                yield pa.ipc.open_file(file, options=options).read_all()[name]


@dataclass
class Shelf:
    """Takes the records of runs, and puts them away in pieces."""

    folder: Path
    _pieces: dict[int, list[Path]] = field(default_factory=dict)
    _records: dict[int, int] = field(default_factory=dict)

    def put(self, place: int, records: Sequence[Record]) -> None:
        """One more piece of the run at `place`.

        Raises:
            ValueError, TypeError: a value is not of its column's type.
            RunFailed: there is no room.
        """
        own = self._pieces.setdefault(place, [])
        table = _table(records)
        path = self.folder / f"{place:06d}-{len(own):06d}.arrow"
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        try:
            with pa.ipc.new_file(str(path), table.schema, options=options) as writer:
                writer.write_table(table)
        except OSError as error:
            raise RunFailed(
                f"cannot put records aside in {self.folder}: {error.strerror or error}; make room "
                "there, or name another folder for what is temporary in TMPDIR"
            ) from error
        own.append(path)
        self._records[place] = self._records.get(place, 0) + len(records)

    def run(self, place: int) -> RunColumns:
        """What was put there; nothing where nothing was."""
        return RunColumns(tuple(self._pieces.get(place, ())), self._records.get(place, 0))


@contextmanager
def shelf() -> Iterator[Shelf]:
    """A shelf in a temporary folder that goes with it."""
    with TemporaryDirectory(prefix="tombench-") as folder:
        yield Shelf(Path(folder))


def factors(table: pa.Table) -> list[str]:
    """The factors of its records' conditions."""
    names = (name for name in table.column_names if name.startswith(CONDITION))
    return [name.removeprefix(CONDITION) for name in names]


def json_text(values: Mapping[str, float | None]) -> str:
    """Log-probabilities as JSON; what is no number is null."""
    known = {
        name: value if value is not None and math.isfinite(value) else None
        for name, value in values.items()
    }
    return _JSON.encode(known)


def _table(records: Sequence[Record]) -> pa.Table:
    """Records as columns: those of FIELDS, then the factors in the order of their first records."""
    columns = {
        name: _array([value(record) for record in records], kind)
        for name, (kind, value) in FIELDS.items()
    }
    named = dict.fromkeys(factor for record in records for factor in record.condition)
    for factor in named:
        levels = [_level(record.condition.get(factor)) for record in records]
        columns[f"{CONDITION}{factor}"] = _array(levels, LEVELS)
    return pa.table(columns)


def _level(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if kind == LEVELS:
        return pa.array(_told(values), pa.string()).dictionary_encode()
    return pa.array(_told(values) if kind == pa.string() else values, kind)


def _told(texts: Sequence[str | None]) -> Sequence[str | None]:
    """Texts without secrets, and with lone surrogates (which no file can hold) written out.

    All are looked through at once, for it is seldom that there is anything.
    """
    known = {text for text in texts if text is not None}
    whole = "\n".join(known)
    if redacted(whole) == whole and _encodable(whole) == whole:
        return texts
    told: dict[str | None, str | None] = {text: _encodable(redacted(text)) for text in known}
    return [told.get(text) for text in texts]


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
