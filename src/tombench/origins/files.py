"""Data files: JSON lists, JSON Lines, CSV and Parquet. Nothing in them is executed or unpickled."""

import csv
import gzip
import io
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tombench.datafile import digest, read_entries, read_text
from tombench.errors import UserError, listed, told
from tombench.models.tokenizer import first_line
from tombench.origins.table import Table, table_of_lines, table_of_rows

KEY = "data"
"""The list of rows of a JSON file that is an object."""
TEXT = ".txt"
"""The ending of a file that is one text."""
LARGEST_FIELD = 2**31 - 1
"""Characters of a CSV field: the largest limit that the csv module takes on every system."""


@dataclass(frozen=True)
class DataFile:
    """One file; its format is told by its suffix, that of JSON by what is in it."""

    name: str  # as the user wrote it
    path: Path

    def table(self, split: str) -> Table:
        """Its rows; a file has no splits.

        Raises:
            UserError: the suffix is unknown, or the file malformed; names file and line.
        """
        return self._reader()(self.path)

    def splits(self) -> list[str]:
        """A file has none."""
        return []

    def fingerprint(self, split: str) -> str:
        """sha256 of its bytes."""
        self._reader()
        return digest([self.path])

    def _reader(self) -> Callable[[Path], Table]:
        suffix = data_suffix(self.path)
        if suffix is None:
            raise UserError(
                told(
                    f"{self.path}: data files end in {listed(list(READERS))}",
                    "rename it, or write it as one of these",
                )
            )
        return READERS[suffix]


def data_suffix(path: Path) -> str | None:
    """The ending by which a file is known as data; None: by none."""
    return next((suffix for suffix in READERS if path.name.lower().endswith(suffix)), None)


def _json(path: Path) -> Table:
    entries = read_entries(path, KEY)
    values = [entry.values for entry in entries]
    return table_of_lines(str(path), values, [entry.line for entry in entries])


def _packed_json(path: Path) -> Table:
    """JSON that gzip has packed; unpacked next to nothing of the user's, and told as the packed."""
    with TemporaryDirectory() as folder:
        plain = Path(folder) / "data.json"
        try:
            with gzip.open(path) as packed, plain.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
        except (OSError, EOFError, zlib.error) as error:
            raise UserError(
                f"{path}: not a whole gzip file ({first_line(error)}); is it cut off?"
            ) from error
        try:
            table = _json(plain)
        except UserError as error:
            lines = [line.replace(str(plain), str(path)) for line in error.mistakes]
            raise UserError(*lines) from error
    return table_of_lines(str(path), table.rows, table.numbers)


def _csv(path: Path) -> Table:
    return _separated(path, ",")


def _tsv(path: Path) -> Table:
    return _separated(path, "\t")


def _separated(path: Path, delimiter: str) -> Table:
    """RFC 4180: the first line names the columns; a quoted field may hold line breaks."""
    records = _records(path, delimiter)
    _, header = next(records)
    for position, column in enumerate(header):
        if not column.strip():
            raise UserError(
                f"{path} line 1: column {position + 1} has no name; the header names all"
            )
        if column in header[:position]:
            raise UserError(f"{path} line 1: two columns are called '{column}'; names must differ")
    rows, lines = [], []
    for line, record in records:
        if len(record) != len(header):
            raise UserError(
                f"{path} line {line}: {len(record)} fields, and the header has {len(header)}; a "
                "field with commas or line breaks stands in double quotes"
            )
        rows.append(dict(zip(header, record, strict=True)))
        lines.append(line)
    return table_of_lines(str(path), rows, lines)


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records that are not blank, with the lines that they begin on."""
    before = csv.field_size_limit(LARGEST_FIELD)  # of the whole process
    reader = csv.reader(io.StringIO(read_text(path), newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            if record:
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(
            f"{path} line {line}: not CSV ({error}); close each quote, and double a quote that "
            "stands inside a field"
        ) from error
    finally:
        csv.field_size_limit(before)


def _parquet(path: Path) -> Table:
    import pyarrow
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:  # not read_table, which reads columns off folder names
            rows = file.read().to_pylist()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise UserError(
            f"{path}: not a Parquet file that can be read ({first_line(error)}); is it cut off?"
        ) from error
    return table_of_rows(str(path), rows)


READERS: dict[str, Callable[[Path], Table]] = {
    ".json": _json,
    ".jsonl": _json,
    ".ndjson": _json,
    ".json.gz": _packed_json,
    ".jsonl.gz": _packed_json,
    ".csv": _csv,
    ".tsv": _tsv,
    ".parquet": _parquet,
}
