"""Grids as the report's tables: what is a number, what it links to, what is left to the files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tombench.summary.grid import Behind, Grid
from tombench.summary.report.links import Links

STATIC_ROWS = 200
"""Rows of a table that stand in the page; a browser lays out thousands slowly, and nobody reads
them there."""

LONG = 24  # characters of a cell that should not be broken into a word a line

_NUMBER = re.compile(r"[-−+<>≤≥~±]?\s?\d[\d,.]*(e[-−+]?\d+)?", re.IGNORECASE)
_WITH_INTERVAL = re.compile(r"(.+?)\s+(\[[^\[\]]*\])")
_NEGATIVE = re.compile(r"(?<![\w.\-])-(?=\d)")
_LABEL = re.compile(r"(.+?) \((.+=.+|first \d+ items)\)", re.DOTALL)
_ABSENT = frozenset({"", "–", "—", "-", "n/a"})


@dataclass(frozen=True)
class Cell:
    """One cell: its text, what belongs to it but is set smaller, and where it leads."""

    text: str
    aside: str = ""  # the interval of a number: "[0.38, 0.64]"; what sets a run apart
    link: str | None = None  # to the records behind it


@dataclass(frozen=True)
class Column:
    """A column's heading and how its cells are set."""

    name: str
    numeric: bool
    long: bool  # of texts that need room


@dataclass(frozen=True)
class Row:
    """Cells of one row."""

    cells: tuple[Cell, ...]
    ruled: bool  # a line parts it from the row above


@dataclass(frozen=True)
class TableView:
    """A table ready for the page."""

    anchor: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    more: int  # rows that are not shown
    name: str | None  # of its files under tables/, without an ending


def table_view(grid: Grid, links: Links, anchor: str, name: str | None = None) -> TableView:
    """A grid's table; each cell that its `behind` tells of leads to those records."""
    columns = [_column(grid, n) for n in range(len(grid.header))]
    rows = []
    for number, texts in enumerate(grid.rows[:STATIC_ROWS]):
        cells = (
            _cell(
                text, column.numeric, _link(grid, number, place, links) if column.numeric else None
            )
            for place, (text, column) in enumerate(zip(texts, columns, strict=True))
        )
        rows.append(Row(tuple(cells), number in grid.rules))
    return TableView(
        anchor,
        grid.title,
        tuple(columns),
        tuple(rows),
        grid.notes,
        max(0, len(grid.rows) - STATIC_ROWS),
        name,
    )


def parted_label(label: str) -> tuple[str, str]:
    """ "tiny (seed=1, sets=40)" as the model, and what sets the run apart."""
    found = _LABEL.fullmatch(label)
    return (found[1], found[2]) if found else (label, "")


def typeset(text: str) -> str:
    """The text with a true minus before negative numbers; words with hyphens stay as they are."""
    return _NEGATIVE.sub("−", text)


def _cell(text: str, numeric: bool, link: str | None) -> Cell:
    if not numeric:
        return Cell(*parted_label(text))
    if text.strip() in _ABSENT:
        return Cell(text)
    parted = _WITH_INTERVAL.fullmatch(text)
    value, interval = parted.groups() if parted else (text, "")
    return Cell(typeset(value), typeset(interval), link)


def _link(grid: Grid, row: int, column: int, links: Links) -> str | None:
    behind: Behind | None = grid.behind.get((row, column)) or grid.behind.get((row, -1))
    return links.records(behind) if behind else None


def _column(grid: Grid, place: int) -> Column:
    texts = [row[place] for row in grid.rows]
    numeric = _is_numeric(texts)
    return Column(
        grid.header[place], numeric, not numeric and max(map(len, texts), default=0) > LONG
    )


def _is_numeric(texts: Sequence[str]) -> bool:
    """Does every cell that says something begin with a number?"""
    told = [text.strip() for text in texts if text.strip() not in _ABSENT]
    return bool(told) and all(_NUMBER.match(text) for text in told)
