"""CSV that a spreadsheet may open: texts of models and files are never formulas."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection), and that with
apostrophes before it, so that what is guarded can be read back."""

RETURN = "\r\n"
"""Ends a row for csv.writer, which puts texts in quotes that hold a character of it: a lone \\r in
a model's answer would else begin a new row. In the file a row ends with \\n."""


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe says that it is text."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text of a `guarded` cell."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV under the columns of all of them; None is an empty cell.

    Texts are `guarded`, the columns' names too. Numbers stay numbers.
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
    return guarded(value) if isinstance(value, str) else value
