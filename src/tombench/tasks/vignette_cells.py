"""Right answers by scenario, and by model and prompting where a run holds several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tombench.schema import Item, Record
from tombench.tasks.hand_counts import Cell
from tombench.tasks.yes_no import measure


@dataclass(frozen=True)
class CellRecords:
    """The records of one model under one prompting."""

    model: str
    prompting: str
    records: tuple[Record, ...]

    def counts(self, items: Sequence[Item]) -> Cell:
        """Right answers and all answers of each scenario, in the order of `items`: all the data."""
        right = counted(self.records, items)
        asked = {name: 0 for name in right}
        for record in self.records:
            asked[record.cluster] += 1
        order = {name: n for n, name in enumerate(dict.fromkeys(item.cluster for item in items))}
        return Cell(
            model=self.model,
            prompting=self.prompting,
            scenarios=tuple(right),
            places=tuple(order[name] for name in right),
            total=len(order),
            ours=tuple(right.values()),
            asked=tuple(asked.values()),
        )


def counted(records: Sequence[Record], items: Sequence[Item]) -> dict[str, float]:
    """Right answers by scenario, in the order of `items`; whole where no answer is half right."""
    right: dict[str, float] = {}
    for record in records:
        right[record.cluster] = right.get(record.cluster, 0.0) + record.score.value
    order = [name for name in dict.fromkeys(item.cluster for item in items) if name in right]
    return {name: int(right[name]) if right[name].is_integer() else right[name] for name in order}


def cells(records: Sequence[Record]) -> list[CellRecords]:
    """Records by the model and prompting that their condition names."""
    grouped: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        key = record.condition["model"], record.condition["prompting"]
        grouped.setdefault(key, []).append(record)
    return [CellRecords(*key, tuple(grouped[key])) for key in sorted(grouped)]


def cell_counts(by_cell: Sequence[CellRecords], items: Sequence[Item]) -> dict[str, Any]:
    """What metrics.json says of each cell: its metrics, and its right answers by scenario."""
    counts: dict[str, dict[str, list[float]]] = {}
    metrics: dict[str, dict[str, Any]] = {}
    seen = {record.cluster for cell in by_cell for record in cell.records}
    for cell in by_cell:
        counts.setdefault(cell.model, {})[cell.prompting] = list(cell.counts(items).ours)
        metrics.setdefault(cell.model, {})[cell.prompting] = measure(cell.records)
    order = [name for name in dict.fromkeys(item.cluster for item in items) if name in seen]
    return {"cell_counts": counts, "scenarios": order, "cells": metrics}
