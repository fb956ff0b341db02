"""CSV that a spreadsheet may open: texts of models and files are never formulas."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMULA = frozenset("=+-@\t\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection)."""

RETURN = "\r\n"
"""Ends a row for csv.writer, which puts texts in quotes that hold a character of it: a lone \\r in
a model's answer would else begin a new row. In the file a row ends with \\n."""


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV under the columns of all of them; None is an empty cell.

    A text that begins like a formula gets an apostrophe before it, which spreadsheets read as
    "this is text". Numbers stay numbers.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines: list[str] = []
    writer = csv.writer(_Lines(lines.append), lineterminator=RETURN)
    writer.writerow([_cell(name) for name in columns])
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return "".join(line.removesuffix(RETURN) + "\n" for line in lines)


@dataclass(frozen=True)
class _Lines:
    """What csv.writer takes for a file."""

    write: Callable[[str], object]


def _cell(value: Any) -> Any:
    return f"'{value}" if type(value) is str and value[:1] in FORMULA else value
