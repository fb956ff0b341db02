"""A data set as it was found: columns, rows, and where each row stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tombench.errors import UserError


@dataclass(frozen=True)
class Table:
    """Rows may lack columns that other rows have; texts are not yet told from anything else."""

    name: str  # as the user wrote it: what error lines call it
    rows: Sequence[Mapping[str, Any]]
    numbers: Sequence[int]  # of the rows, from 1
    unit: Literal["line", "row"]  # what `numbers` count
    columns: tuple[str, ...]  # of any row, in the order of their first appearance

    def place(self, index: int) -> str:
        """Where a row stands, as error lines say it."""
        return f"{self.name} {self.unit} {self.numbers[index]}"


def table_of_rows(name: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """A table whose rows are counted from 1.

    Raises:
        UserError: there is no row.
    """
    return _table(name, rows, range(1, len(rows) + 1), "row")


def table_of_lines(name: str, rows: Sequence[Mapping[str, Any]], lines: Sequence[int]) -> Table:
    """A table whose rows stand on lines of a text file.

    Raises:
        UserError: there is no row.
    """
    return _table(name, rows, lines, "line")


def _table(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    numbers: Sequence[int],
    unit: Literal["line", "row"],
) -> Table:
    if not rows:
        raise UserError(f"{name}: it has no rows; give a data set with some")
    columns = dict.fromkeys(column for row in rows for column in row)
    return Table(name, rows, numbers, unit, tuple(columns))
