"""Tidy files: every record, every metric and every group's metrics, a row each."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from tombench.provenance import redacted
from tombench.records import RunFolder
from tombench.runs import METRICS
from tombench.spreadsheet import RETURN, csv_text, guarded
from tombench.summary.answers import CELL
from tombench.summary.collect import EvaluatedRun
from tombench.summary.columns import CONDITION, LEVELS, RunColumns

OPTION = "log_prob_"
"""Begins the names of columns of log-probabilities, where all of a task's items have the same
options."""
OWN_OPTIONS = "log_probs"
"""The column of those of other runs: JSON by option."""
NUMBERS = {
    "value": pa.float64(),
    "low": pa.float64(),
    "high": pa.float64(),
    "n": pa.int64(),
    "clusters": pa.int64(),
}
"""What a metric's row tells, and of which types they are."""
IN_PARQUET_ALONE = ("prompt", "thinking")


@dataclass(frozen=True)
class _Records:
    """A run, and where its records lie."""

    run: EvaluatedRun
    columns: RunColumns

    def tables(self) -> Iterator[pa.Table]:
        """Its pieces with all columns that a tidy file has of them, the run's first."""
        about = redacted(run_columns(self.run))
        for piece in self.columns.tables():
            table = piece.drop_columns([OWN_OPTIONS])
            for place, (name, text) in enumerate(about.items()):
                table = table.add_column(place, name, _same(text, len(piece)))
            for name, values in self._options(piece[OWN_OPTIONS]).items():
                table = table.append_column(name, values)
            named = [f"{CONDITION}{factor}" for factor in CELL]
            table = table.drop_columns([name for name in named if name in table.column_names])
            yield table.append_column("run", _same(redacted(str(self.run.folder)), len(piece)))

    def fields(self) -> dict[str, pa.DataType]:
        """The columns of `tables`, without the records being read."""
        found: dict[str, pa.DataType] = dict.fromkeys(run_columns(self.run), LEVELS)
        left_out = {OWN_OPTIONS, *(f"{CONDITION}{factor}" for factor in CELL)}
        for schema in self.columns.schemas():
            found |= {f.name: f.type for f in schema if f.name not in left_out | found.keys()}
        if self._own_options:
            found[OWN_OPTIONS] = pa.string()
        else:
            for log_probs in self.columns.column(OWN_OPTIONS):
                found |= dict.fromkeys(self._options(log_probs), pa.float64())
        return found | {"run": LEVELS}

    @property
    def _own_options(self) -> bool:
        """Have its items options of their own, so that these make no columns?"""
        run = self.run
        return bool(run.stories or run.planner or run.sparsity or run.games)

    def _options(self, log_probs: pa.ChunkedArray) -> dict[str, pa.Array | pa.ChunkedArray]:
        """Log-probabilities as columns, where a task's items have the same options."""
        if self._own_options:
            return {OWN_OPTIONS: log_probs}
        rows = [json.loads(text) for text in log_probs.to_pylist()]
        names = dict.fromkeys(option for row in rows for option in row)
        return {
            f"{OPTION}{name}": pa.array([row.get(name) for row in rows], pa.float64())
            for name in names
        }


def write_tidy(
    folder: RunFolder, runs: Sequence[EvaluatedRun], columns: Sequence[RunColumns]
) -> list[str]:
    """Write records, metrics and groups as CSV and Parquet under `tables/`.

    The same runs give the same bytes. CSV is for spreadsheets: no text in it is a formula, no
    prompts are in it, and no records of runs under masks, which are too many for one.

    Returns:
        Lines that say what is left out of which file.
    """
    records = [_Records(*each) for each in zip(runs, columns, strict=True)]
    with (
        folder.writing("tables/records.parquet") as parquet,
        folder.writing("tables/records.csv") as text,
    ):
        _write_records(parquet, text, records)
    for name, rows in (("metrics", tidy_metrics(runs)), ("groups", tidy_groups(runs))):
        folder.write(f"tables/{name}.csv", csv_text(rows))
        with folder.writing(f"tables/{name}.parquet") as file:
            pq.write_table(_table(rows), file, compression="zstd")
    left_out = sum(one.columns.records for one in records if one.run.sparsity)
    if not left_out:
        return []
    return [
        f"tables/records.csv: without the {left_out:,} records under masks, too many for a "
        "spreadsheet; tables/records.parquet has all"
    ]


def tidy_metrics(runs: Sequence[EvaluatedRun]) -> list[dict[str, Any]]:
    """One row a metric of all runs."""
    return [
        run_columns(run)
        | {
            "metric": name,
            **{number: getattr(metric, number) for number in NUMBERS},
            "run": str(run.folder),
        }
        for run in runs
        for name, metric in run.metrics.items()
    ]


def tidy_groups(runs: Sequence[EvaluatedRun]) -> list[dict[str, Any]]:
    """One row a metric of each level of each factor, as metrics.json of each folder has them.

    A folder that holds several models' answers has groups of all of them together: its rows name
    no model and no prompting.
    """
    rows: list[dict[str, Any]] = []
    first: dict[Path, EvaluatedRun] = {}
    for run in runs:
        first.setdefault(run.folder, run)
    for folder, run in first.items():
        values = json.loads((folder / METRICS).read_text(encoding="utf-8"))
        about = run_columns(run)
        if run.one_of_several:
            about |= dict.fromkeys(CELL)
        for factor, levels in values.get("groups", {}).items():
            for level, metrics in levels.items():
                rows += (
                    about
                    | {"factor": factor, "level": level, "metric": name}
                    | {number: metric.get(number) for number in NUMBERS}
                    | {"run": str(folder)}
                    for name, metric in metrics.items()
                )
    return rows


def run_columns(run: EvaluatedRun) -> dict[str, Any]:
    """What says which run a row is of."""
    return {
        "task": run.task,
        "model": run.model,
        "prompting": run.prompting,
        "variant": run.variant,
    }


def _write_records(parquet: BinaryIO, text: BinaryIO, records: Sequence[_Records]) -> None:
    """Each piece into both files; the CSV as `spreadsheet.csv_text` writes rows."""
    schema = _schema(records)
    told = _schema([one for one in records if not one.run.sparsity])
    names = [name for name in told.names if name not in IN_PARQUET_ALONE]
    rows = csv.writer(_Rows(text), lineterminator=RETURN)
    rows.writerow([guarded(name) for name in names])
    with pq.ParquetWriter(parquet, schema, compression="zstd") as writer:
        for one in records:
            for table in one.tables():
                writer.write_table(_under(table, schema))
                if not one.run.sparsity:
                    rows.writerows(_csv_rows(table, names))


def _csv_rows(table: pa.Table, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    empty = [None] * len(table)
    known = set(table.column_names)
    columns = (_cells(table[name]) if name in known else empty for name in names)
    return zip(*columns, strict=True)


@dataclass(frozen=True)
class _Rows:
    """What csv.writer takes for a file; see `spreadsheet.RETURN`."""

    file: BinaryIO

    def write(self, row: str) -> None:
        self.file.write(row.removesuffix(RETURN).encode() + b"\n")


def _schema(records: Sequence[_Records]) -> pa.Schema:
    """The columns of all runs: those that all have, then others as they come; texts as such."""
    found: dict[str, pa.DataType] = {}
    for one in records:
        found |= {name: kind for name, kind in one.fields().items() if name not in found}
    last = found.pop("run", None)
    found |= {"run": last} if last else {}
    return pa.schema(
        [(name, pa.string() if kind == LEVELS else kind) for name, kind in found.items()]
    )


def _under(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A piece with the columns of all runs, null where it has none."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _cells(column: pa.ChunkedArray) -> Iterable[Any]:
    """A column's values for a CSV, texts guarded; each distinct one of levels once."""
    if column.type == LEVELS:
        column = column.unify_dictionaries()
        chunks = column.chunks
        known = [guarded(text) for text in chunks[0].dictionary.to_pylist()] if chunks else []
        places = (place for chunk in chunks for place in chunk.indices.to_pylist())
        return [None if place is None else known[place] for place in places]
    values = column.to_pylist()
    if column.type == pa.string():
        return [value if value is None else guarded(value) for value in values]
    return values


def _same(text: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))


def _table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows of metrics as columns."""
    names = dict.fromkeys(name for row in rows for name in row)
    schema = pa.schema([(name, NUMBERS.get(name, pa.string())) for name in names])
    return pa.Table.from_pylist(redacted(rows), schema)
