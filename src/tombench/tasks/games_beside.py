"""The runs that a student's is held against: its teacher's, and its own before it was trained."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tombench.errors import UserError
from tombench.runs import RECORDS, read_records, read_run
from tombench.statistics.gap import Rates, Transfer
from tombench.tasks.games_rates import CellRate, rates_of

Cells = Mapping[str, CellRate]
"""By item."""


@dataclass(frozen=True)
class Beside:
    """Runs that a student's is held against, cell by cell."""

    teacher: Cells
    untuned: Cells | None = None  # the student before it was trained

    def shared(self, cells: Sequence[CellRate]) -> list[CellRate]:
        """Those that everybody has an answer to."""
        return [
            cell
            for cell in cells
            if cell.item in self.teacher and (self.untuned is None or cell.item in self.untuned)
        ]

    def transfer(self, cells: Sequence[CellRate]) -> Transfer:
        """Untuned, student and teacher over these; without an untuned run the student is both."""
        before = cells if self.untuned is None else [self.untuned[cell.item] for cell in cells]
        sides = (before, cells, [self.teacher[cell.item] for cell in cells])
        return Transfer(*map(_rates, sides))


def cells_of(name: str, path: str, asked: Iterable[str]) -> Cells:
    """What was chosen in the run that task.`name` names.

    Args:
        asked: ids of the items that are to be held against it.

    Raises:
        UserError: it is no finished run of task=games, or answered nothing that is asked.
    """
    folder = Path(path).expanduser()
    if not (folder / RECORDS).is_file():
        raise UserError(f"task.{name}={path}: no run there (no {RECORDS}); name one of task=games")
    if (status := read_run(folder).get("status")) != "finished":
        raise UserError(f"task.{name}={path}: the run is {status}; give its command again first")
    records = read_records(folder)
    if not all({"game", "context"} <= set(record.condition) for record in records):
        raise UserError(f"task.{name}={path}: no run of task=games; name one that is")
    found = {cell.item: cell for cell in rates_of(records)}
    wanted = list(asked)
    if wanted and not any(item in found for item in wanted):
        raise UserError(
            f"task.{name}={path}: it has no answer to {wanted[0]} nor to any other cell asked "
            "here; ask it with the same task.games, contexts, payoffs, labels and orders"
        )
    return found


def _rates(cells: Sequence[CellRate]) -> Rates:
    """Of amounts as if they were known, since an amount is no yes or no."""
    draws = [np.inf if cell.exact or cell.donation else float(cell.n) for cell in cells]
    return Rates(np.array([cell.rate for cell in cells]), np.array(draws))
