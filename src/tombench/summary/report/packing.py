"""The records of all runs, packed into a given number of bytes: all if they fit, else a sample."""

import gzip
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tombench.summary.collect import EvaluatedRun
from tombench.summary.columns import RunColumns
from tombench.summary.report.fitting import fitted
from tombench.summary.report.packed import PackedRun
from tombench.summary.report.rows import Places, Rows, rows_of
from tombench.summary.report.sample import Order, first_items, in_order, item_order
from tombench.summary.report.texts import texts_json

ROWS_SHARE = 0.5
"""Of the budget, for all that is not text."""
TRIAL = 64  # records a run, to learn how large texts are
SURE = 4
"""Texts of all records are tried first where no more than so many times the room is on the disk."""
PLACE = 4  # bytes, at most, in which a row names its texts
LEVEL = 6  # of gzip; higher ones are slower and gain one percent


def pack(
    runs: Sequence[EvaluatedRun], columns: Sequence[RunColumns], budget: int
) -> list[PackedRun]:
    """Pack each run's records, those of all within `budget` bytes.

    Rows of all records come first, as far as they fit into half of the budget; then the texts of as
    many as there is room for. Of runs that have more records than there is room for, each gets the
    same number of them, as whole items, the same ones in runs of one task (`sample.item_order`).
    The same records are packed into the same bytes.

    Returns:
        One for each run; its numbers say what it lacks.
    """
    own = _contents(runs, columns)
    numbers = [len(one.rows) for one in own]
    whole = max(numbers, default=0)
    share = int(budget * ROWS_SHARE)
    kept = fitted(lambda place, most: own[place].rows_size(most), numbers, share, whole)
    left = budget - sum(one.rows_size(kept) for one in own)
    trial = whole if sum(one.size for one in columns) <= SURE * left else TRIAL
    some = [min(kept, number) for number in numbers]
    told = fitted(lambda place, most: own[place].texts_size(most), some, left, trial)
    return [one.packed(kept, told) for one in own]


@dataclass(frozen=True, eq=False)
class _Content:
    """One run's records, to be packed in part or whole."""

    rows: Rows
    order: "_TaskOrder"
    columns: RunColumns
    _texts: dict[int, str] = field(default_factory=dict)
    _sizes: dict[int, int] = field(default_factory=dict)

    def rows_size(self, most: int) -> int:
        """Bytes of the rows of at most so many records, none of them with texts."""
        most = min(most, len(self.rows))
        if most not in self._sizes:
            kept = self._some(most)
            self._sizes[most] = len(_packed(self.rows.json(kept, np.full(len(kept), -1))))
        return self._sizes[most]

    def texts_size(self, most: int) -> int:
        """Bytes of the texts of at most so many records, and of what names them."""
        return len(self._block(most)) + PLACE * len(self._some(most))

    def packed(self, kept: int, told: int) -> PackedRun:
        """Rows of at most `kept` records, and texts of at most `told` of these."""
        known, texts = self._some(kept), self._some(told)
        places = np.full(len(self.rows), -1)
        places[texts] = np.arange(len(texts))
        rows = _packed(self.rows.json(known, places[known]))
        return PackedRun(rows, self._block(told), len(self.rows), len(known), len(texts))

    def _block(self, most: int) -> str:
        most = min(most, len(self.rows))
        if most not in self._texts:
            self._texts[most] = _packed(texts_json(self.columns, self._some(most)))
        return self._texts[most]

    def _some(self, most: int) -> Places:
        if most >= len(self.rows):
            return np.arange(len(self.rows))
        return first_items(self.rows, self._ordered, most)

    @cached_property
    def _ordered(self) -> Places:
        return in_order(self.rows, self.order.items)


@dataclass(frozen=True, eq=False)
class _TaskOrder:
    """The order of items that runs of one task share, found when it is first asked for."""

    runs: Sequence[Rows]

    @cached_property
    def items(self) -> Order:
        return item_order(self.runs)


def _contents(runs: Sequence[EvaluatedRun], columns: Sequence[RunColumns]) -> list[_Content]:
    """All runs' records, with the order that those of one task share."""
    every = [rows_of(one) for one in columns]
    orders = {
        task: _TaskOrder([rows for run, rows in zip(runs, every, strict=True) if run.task == task])
        for task in {run.task for run in runs}
    }
    return [
        _Content(rows, orders[run.task], one)
        for run, rows, one in zip(runs, every, columns, strict=True)
    ]


def _packed(text: str) -> str:
    """Gzipped, in base64; the same bytes each time."""
    return b64encode(gzip.compress(text.encode(), LEVEL, mtime=0)).decode("ascii")
