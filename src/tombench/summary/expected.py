"""What a published table says, as an experiment's file names it: rows, columns, tolerances.

    expected:
      _target_: tombench.summary.expected.Expected
      name: boosting_table
      rows:
        - row: GPT4All-J v1.3
          where: {model: gpt4all-j, prompting: COLUMN}
          columns: [base, sbs, cot, sbs_cot]
          published: {file: vignettes, table: rows, of: {model: GPT4All-J v1.3}}
          tolerance: 0.11
          why: …

The numbers themselves stand once, in `data/reference`, with their sources.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass as checked

from tombench.datafile import EMBEDDED
from tombench.errors import UserError
from tombench.schema import STRICT
from tombench.summary.expected_readings import METRICS

COLUMN = "COLUMN"
"""In `where`: the name of the cell's column."""
ANY = "*"
"""In `where`: whatever it is, but something."""

Bound = Literal["near", "at_least", "at_most"]


def _told(value: Any) -> str:
    """A text that YAML may have folded over several lines, in one."""
    return " ".join(str(value).split())


def _metric(value: str) -> str:
    if value.partition("/")[0] not in METRICS:
        raise ValueError(f"no such number of a run; there are {', '.join(METRICS)}")
    return value


Line = Annotated[str, BeforeValidator(_told)]


@checked(frozen=True, config=STRICT)
class Published:
    """A row of a table in `data/reference`."""

    file: str  # vignettes: data/reference/vignettes.json
    table: str  # a key of it whose value is a list of rows
    of: dict[str, str | None]  # the values that the row has

    @property
    def values(self) -> Mapping[str, Any]:
        """The row.

        Raises:
            UserError: there is no such file, no such table in it, or not one such row.
        """
        rows = _table(self.file, self.table)
        found = [row for row in rows if self.of.items() <= row.items()]
        if len(found) != 1:
            raise UserError(
                f"expected: data/reference/{self.file}.json, {self.table}: {len(found)} rows have "
                f"{self.of}; one must"
            )
        return found[0]


@checked(frozen=True, config=STRICT)
class Row:
    """Published numbers that stand beside each other, and the runs that ours are taken from."""

    row: str
    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    published: Published
    where: dict[str, Any]  # words of the command: model=…, task.theme=…; "*": any, null: none
    tolerance: Annotated[float, Field(ge=0)]  # in the published unit
    why: Line  # whence the tolerance
    metric: Annotated[str, BeforeValidator(_metric)] = "accuracy"
    bound: Bound = "near"
    per: Literal[1, 100] = 1  # 100: published in percent of what a run has
    n: int | None = None  # answers that the published number is of; runs of others are not like it
    data: dict[str, str] = field(default_factory=dict)  # the study's files that must be given

    @property
    def digits(self) -> int:
        """That the published row is printed with, after the point."""
        printed = [one for one in self.published.values.values() if isinstance(one, float)]
        most = max((len(repr(one).partition(".")[2]) for one in printed), default=0)
        return max(most, 1 if self.per == 100 else 2)

    def cells(self) -> Iterator["Cell"]:
        """One a column; without a number where none was printed."""
        values = self.published.values
        for column in self.columns:
            where = {key: column if v == COLUMN else v for key, v in self.where.items()}
            yield Cell(self, column, values.get(column), where)


@dataclass(frozen=True)
class Cell:
    """One published number, and how its run is told from others."""

    row: Row
    column: str
    published: float | None  # None: its source does not have it
    where: Mapping[str, Any]

    def inside(self, ours: float) -> bool:
        """Is our number within the tolerance? Both in the published unit."""
        if self.published is None:
            raise ValueError(f"{self.row.row}, {self.column}: no number was published")
        beyond = ours - self.published
        if self.row.bound == "at_least":
            beyond = min(beyond, 0.0)
        if self.row.bound == "at_most":
            beyond = max(beyond, 0.0)
        return abs(beyond) <= self.row.tolerance + 1e-12


@checked(frozen=True, config=STRICT)
class Expected:
    """What a published table or figure says, so far as it is known."""

    name: str  # of the experiment
    source: Line  # study and where it was printed
    table: Line  # which of its tables or figures
    hardware: Line  # what our command needs
    rows: tuple[Row, ...] = ()
    answers_only: bool = False  # it is of answers in files: no model is asked in their place
    note: Line = ""  # what a reader must know: what differs, what is not known
    by_model: dict[str, str] = field(default_factory=dict)
    """What of the file's settings hangs on the model, for its own interpolations."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(cell for row in self.rows for cell in row.cells())


@cache
def _table(file: str, table: str) -> tuple[Mapping[str, Any], ...]:
    path = EMBEDDED / "reference" / f"{file}.json"
    if not path.is_file():
        raise UserError(f"expected: no data/reference/{file}.json")
    rows = json.loads(path.read_text(encoding="utf-8")).get(table)
    if not isinstance(rows, list):
        raise UserError(f"expected: data/reference/{file}.json has no table {table}")
    return tuple(rows)
