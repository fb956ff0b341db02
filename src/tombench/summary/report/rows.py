"""What a report tells of every record but its texts: columns of one run, and their JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tombench.scorers.yes_no import UNPARSED
from tombench.summary.columns import CONDITION, RunColumns, factors

SHARED = ("item", "cluster", "answer", "target", "category")
VERDICTS = ("right", "wrong", "partly", "unparsed")
DIGITS = 6  # of scores, which are 0, 1, or shares

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Levels:
    """Texts that records share: the distinct ones, and of each record which is its own."""

    levels: tuple[str | None, ...]
    at: Places

    def of(self, rows: Places) -> "Levels":
        """Those of some records, in the order of the first record that has each."""
        used, first, at = np.unique(self.at[rows], return_index=True, return_inverse=True)
        order = np.argsort(first, kind="stable")
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return Levels(tuple(self.levels[place] for place in used[order]), rank[at])

    @property
    def plain(self) -> dict[str, Any]:
        return {"levels": list(self.levels), "at": self.at.tolist()}


@dataclass(frozen=True, eq=False)
class Rows:
    """One run's records without their texts, in the order in which they were written."""

    shared: Mapping[str, Levels]  # by name, those of SHARED
    condition: Mapping[str, Levels]  # by factor
    needs_review: NDArray[np.bool_]
    repetition: Places
    score: NDArray[np.float64]
    ids: tuple[str, ...] | None  # None: each is ITEM/RR

    def __len__(self) -> int:
        return len(self.score)

    @cached_property
    def verdict(self) -> Places:
        """Of each record the place in VERDICTS."""
        answer = self.shared["answer"]
        unread = np.array([level == UNPARSED for level in answer.levels] or [False])
        found = np.where(self.score == 1, 0, np.where(self.score == 0, 1, 2))
        return np.where(unread[answer.at] if len(answer.at) else False, 3, found)

    def json(self, rows: Places, text: Places) -> str:
        """The block of some records, in their order.

        Args:
            rows: places of records, ascending.
            text: of each of them the place of its texts, -1 where they are not told.
        """
        shared = {name: levels.of(rows).plain for name, levels in self.shared.items()}
        review = {"levels": [False, True], "at": self.needs_review[rows].astype(int).tolist()}
        block = {
            "n": len(rows),
            "of": len(self),
            "columns": {**shared, "needs_review": review},
            "condition": {name: one.of(rows).plain for name, one in self.condition.items()},
            "repetition": self.repetition[rows].tolist(),
            "score": _short(self.score[rows]),
            "id": None if self.ids is None else [self.ids[row] for row in rows],
            "text": text.tolist(),
        }
        return compact(block)


def rows_of(columns: RunColumns) -> Rows:
    """The rows of a run, from its pieces."""
    gathered: dict[str, _Gathered] = {}
    arrays: dict[str, list[NDArray[Any]]] = {"needs_review": [], "repetition": [], "score": []}
    ids: list[str] = []
    regular, before = True, 0
    for table in columns.tables():
        names = [*SHARED, *(f"{CONDITION}{factor}" for factor in factors(table))]
        for name in names:
            gathered.setdefault(name, _Gathered()).add(table[name], before)
        for name, parts in arrays.items():
            parts.append(table[name].to_numpy())
        own = table["id"].to_pylist()
        items = table["item"].to_pylist()
        repetitions = table["repetition"].to_pylist()
        parts = zip(own, items, repetitions, strict=True)
        regular = regular and all(one == f"{item}/{number:02d}" for one, item, number in parts)
        ids += own
        before += len(table)
    whole = {name: one.levels(before) for name, one in gathered.items()}
    return Rows(
        {name: whole.get(name, Levels((), np.zeros(0, np.int64))) for name in SHARED},
        {n.removeprefix(CONDITION): one for n, one in whole.items() if n.startswith(CONDITION)},
        _joined(arrays["needs_review"], bool),
        _joined(arrays["repetition"], np.int64),
        _joined(arrays["score"], np.float64),
        None if regular else tuple(ids),
    )


class _Gathered:
    """A column of levels over the pieces of a run."""

    def __init__(self) -> None:
        self.places: dict[str | None, int] = {}
        self.parts: list[Places] = []
        self.rows = 0

    def add(self, column: pa.ChunkedArray, before: int) -> None:
        """The next piece's column; `before` it stand so many records."""
        self._lacking(before)
        for chunk in column.unify_dictionaries().chunks:
            levels = [*chunk.dictionary.to_pylist(), None]
            nothing = len(levels) - 1
            at = chunk.indices.fill_null(nothing).to_numpy().astype(np.int64)
            used = np.unique(at)
            places = np.zeros(len(levels), dtype=np.int64)
            places[used] = [self._place(levels[place]) for place in used]
            self.parts.append(places[at])
            self.rows += len(chunk)

    def levels(self, rows: int) -> Levels:
        self._lacking(rows)
        return Levels(tuple(self.places), _joined(self.parts, np.int64))

    def _lacking(self, rows: int) -> None:
        """Null for records of pieces that have no such column."""
        if rows > self.rows:
            place = self._place(None)
            self.parts.append(np.full(rows - self.rows, place, dtype=np.int64))
            self.rows = rows

    def _place(self, level: str | None) -> int:
        return self.places.setdefault(level, len(self.places))


def compact(value: Any) -> str:
    """JSON without blanks; no number that is none."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _short(scores: NDArray[np.float64]) -> list[float | int | None]:
    """Scores in few digits, but 0 and 1 only where they are that."""
    if np.isin(scores, (0, 1)).all():
        return scores.astype(int).tolist()
    near = scores.round(DIGITS)
    near = np.where(np.isin(near, (0, 1)), scores, near)
    return [value if np.isfinite(value) else None for value in near.tolist()]


def _joined(parts: Sequence[NDArray[Any]], kind: Any) -> NDArray[Any]:
    return np.concatenate(parts).astype(kind) if parts else np.zeros(0, kind)
