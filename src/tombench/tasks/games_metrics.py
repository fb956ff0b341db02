"""What a run of task=games comes to: cooperation, what it hangs on, how far it is from others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tombench.metrics import by_level
from tombench.schema import Item, Metric, Record
from tombench.statistics.deviance import Decomposition
from tombench.strategy.likelihoods import Fit
from tombench.tasks.base import Metrics
from tombench.tasks.games_fit import agreement, awareness, dependence, fit_metrics, fitted
from tombench.tasks.games_invariance import leans, shifts
from tombench.tasks.games_learnt import Beside, Learnt, learnt
from tombench.tasks.games_numbers import written
from tombench.tasks.games_rates import (
    CellRate,
    cooperation_rate,
    invalid_share,
    mean_donation,
    rates_of,
)

FACTORS = ("game", "context", "split", "payoffs", "labels", "order", "game_class")


@dataclass(frozen=True)
class Measured:
    """Metrics of the records of a run."""

    records: Sequence[Record]
    items: Mapping[str, Item]  # by id
    beside: Beside | None = None

    @cached_property
    def rates(self) -> list[CellRate]:
        return rates_of(self.records)

    @cached_property
    def cells(self) -> list[CellRate]:
        """Without donations."""
        return [cell for cell in self.rates if not cell.donation]

    @cached_property
    def dependence(self) -> Decomposition | None:
        """On game and context."""
        return dependence(self.cells)

    @cached_property
    def fitted(self) -> tuple[list[Fit], int]:
        """Laws, and of how many choices; none of donations alone."""
        return fitted(self.cells, self.items) if self.cells else ([], 0)

    @cached_property
    def learnt(self) -> Mapping[str, Learnt]:
        """By split; {} where no teacher is named."""
        return {} if self.beside is None else learnt(self.rates, self.beside)

    @property
    def left_out(self) -> list[str]:
        """Items that the teacher or the untuned model has no answer to."""
        if self.beside is None:
            return []
        shared = {cell.item for cell in self.beside.shared(self.rates)}
        return [cell.item for cell in self.rates if cell.item not in shared]

    def part(self, records: Sequence[Record]) -> dict[str, Metric]:
        """Of some records: what is chosen and given, agreement with theory, leans."""
        rates = rates_of(records)
        cells = [cell for cell in rates if not cell.donation]
        gifts = [cell for cell in rates if cell.donation]
        found: dict[str, Metric] = {}
        if cells:
            found["cooperation_rate"] = cooperation_rate(cells)
        if gifts:
            found["mean_donation"] = mean_donation(gifts, self.items)
        found["invalid"] = invalid_share(records)
        return found | agreement(cells, self.items) | leans(cells) | shifts(cells)

    def whole(self) -> dict[str, Metric]:
        """Of all records: the same, what choices hang on, laws that fit them, what was learnt."""
        found = self.part(self.records)
        if self.dependence is not None:
            found |= awareness(self.dependence, self.cells)
        found |= fit_metrics(*self.fitted, self.cells)
        if all_cells := self.learnt.get("all") or self.learnt.get("public_goods"):
            found |= all_cells.metrics()
        return found

    def groups(self) -> dict[str, dict[str, Mapping[str, Metric]]]:
        """By factor and level; by split also what was learnt there."""
        found = {
            factor: by_level(
                [record for record in self.records if factor in record.condition],
                lambda record, factor=factor: record.condition[factor],
                self.part,
            )
            for factor in FACTORS
        }
        for split, one in self.learnt.items():
            if split in found["split"]:
                found["split"][split] = {**found["split"][split], **one.metrics()}
        return {factor: levels for factor, levels in found.items() if levels}

    def told(self) -> dict[str, Any]:
        """What stands under `games` in metrics.json, beside the metrics."""
        table = self.dependence
        return {
            "cells": [_row(cell) for cell in self.rates],
            "awareness": table and {"alone": table.alone, "shapley": table.shapley},
            "fits": [
                {
                    "model": law.model,
                    "parameters": law.parameters,
                    "log_likelihood": law.log_likelihood,
                }
                for law in self.fitted[0]
            ],
            "learnt": [one.told(split) for split, one in self.learnt.items()],
            "left_out": self.left_out,
        }


def games_metrics(
    records: Sequence[Record],
    items: Mapping[str, Item],
    model: str,
    beside: Beside | None = None,
) -> Metrics:
    """Values with intervals; beside a teacher and the model before training what was learnt."""
    measured = Measured(records, items, beside)
    whole = measured.whole()
    groups = {"model": {model: whole}} | measured.groups()
    return Metrics(whole, groups, {"games": written(measured.told())})


def _row(cell: CellRate) -> dict[str, Any]:
    """C and D as counts, of an exact cell as probabilities."""
    told = {"item": cell.item, "p": cell.rate, "n": cell.n, "invalid": cell.invalid}
    if not cell.donation:
        valid = 1 - cell.invalid if cell.exact else cell.n
        first = cell.rate * valid if cell.exact else round(cell.rate * valid)
        told |= {"cooperate": first, "defect": valid - first}
    return {**cell.condition, **told}
