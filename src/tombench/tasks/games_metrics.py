"""What a run of task=games comes to: cooperation, what it hangs on, how far it is from others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tombench.metrics import by_level, share
from tombench.schema import Item, Metric, Record
from tombench.scorers.yes_no import UNPARSED
from tombench.statistics.deviance import decompose
from tombench.statistics.gap import Rates, Transfer, gap_closed
from tombench.statistics.improvement import improvement
from tombench.strategy.equilibria import dominance, pure_equilibria
from tombench.strategy.likelihoods import Choices, fits
from tombench.strategy.payoffs import Game
from tombench.tasks.base import Metrics
from tombench.tasks.games_counts import predictors
from tombench.tasks.games_items import PUBLIC_GOODS
from tombench.tasks.games_numbers import written
from tombench.tasks.games_scoring import INVALID, probabilities

FACTORS = ("game", "context", "split", "payoffs", "labels", "order", "game_class")
COUNTED = 300
"""Draws that an exact probability counts as in a fit: the study's."""


@dataclass(frozen=True)
class CellRate:
    """How often a cell's first action was chosen, of the answers that say anything."""

    item: str
    cluster: str
    condition: Mapping[str, str]
    rate: float
    n: int  # answers that could be parsed; 0: an exact probability
    invalid: float  # share, or probability, of answers that say nothing


def rates_of(records: Sequence[Record]) -> list[CellRate]:
    """One a cell, donations left out; cells without any valid answer are left out too."""
    grouped: dict[str, list[Record]] = {}
    for record in records:
        if record.condition["game"] != PUBLIC_GOODS and record.error is None:
            grouped.setdefault(record.item, []).append(record)
    found = (_rate(own) for _, own in sorted(grouped.items()))
    return [one for one in found if one is not None]


def _rate(records: Sequence[Record]) -> CellRate | None:
    first = records[0]
    parsed = [record for record in records if record.score.answer != UNPARSED]
    if not parsed:
        return None
    exact = len(records) == 1 and bool(first.log_probs)
    invalid = probabilities(first)[INVALID] if exact else 1 - len(parsed) / len(records)
    rate = sum(record.score.value for record in parsed) / len(parsed)
    count = 0 if exact else len(parsed)
    return CellRate(first.item, first.cluster, first.condition, rate, count, invalid)


@dataclass(frozen=True)
class Measured:
    """Metrics of the records of a run."""

    records: Sequence[Record]
    items: Mapping[str, Item]  # by id

    @cached_property
    def cells(self) -> list[CellRate]:
        return rates_of(self.records)

    def whole(self) -> dict[str, Metric]:
        """Cooperation, invalid answers, agreement with theory, liking for labels and places."""
        found = self.part(self.records)
        if dominant := self._agreeing(_dominant):
            found["dominant_rate"] = dominant
        if agreeing := self._agreeing(_equilibrium):
            found["equilibrium_agreement"] = agreeing
        for name, factor, pairs in (
            ("label_lean", "labels", (("cd", "dc"), ("xy", "yx"), ("blue_green", "green_blue"))),
            ("order_lean", "order", (("first", "second"),)),
        ):
            if lean := self._moved(factor, pairs):
                found[name] = lean
        for name, payoffs in (("scale_shift", "doubled"), ("origin_shift", "shifted")):
            if moved := self._moved("payoffs", (("published", payoffs),)):
                found[name] = moved
        return found

    def part(self, records: Sequence[Record]) -> dict[str, Metric]:
        """Of some records: how much is cooperated and given, and what says nothing."""
        cells = rates_of(records)
        found: dict[str, Metric] = {}
        if cells:
            found["cooperation_rate"] = _share(cells, lambda one: one.rate)
        gifts = [r for r in records if r.condition["game"] == PUBLIC_GOODS and r.error is None]
        parsed = [record for record in gifts if record.score.answer != UNPARSED]
        if parsed:
            given = share([r.score.value for r in parsed], [r.cluster for r in parsed])
            most = self.items[parsed[0].item].content.game.endowment
            found["mean_donation"] = Metric(
                *(most * value for value in (given.value, given.low, given.high)),
                given.n,
                given.clusters,
            )
        invalid = [(_invalid(record), record.cluster) for record in records]
        found["invalid"] = share(*map(list, zip(*invalid, strict=True)))
        return found

    def awareness(self) -> dict[str, Any] | None:
        """How much of what tells cells apart is the game, and how much the context."""
        games = sorted({cell.condition["game"] for cell in self.cells})
        contexts = sorted({cell.condition["context"] for cell in self.cells})
        if min(len(games), len(contexts)) < 2:
            return None
        table: dict[tuple[str, str], list[CellRate]] = {}
        for cell in self.cells:
            table.setdefault((cell.condition["game"], cell.condition["context"]), []).append(cell)
        if len(table) < len(games) * len(contexts):
            return None
        exact = all(cell.n == 0 for cell in self.cells)
        trials = np.array(
            [[sum(max(c.n, 1) for c in table[g, x]) for x in contexts] for g in games], dtype=float
        )
        rates = np.array(
            [[np.average([c.rate for c in table[g, x]],
                         weights=[max(c.n, 1) for c in table[g, x]]) for x in contexts]
             for g in games]
        )  # fmt: skip
        found = decompose(rates * trials, trials, exact)
        return {"alone": asdict(found.alone), "shapley": asdict(found.shapley)}

    def fitted(self) -> list[dict[str, Any]]:
        """Models of behaviour fitted to the choices; an exact probability counts as 300 draws."""
        choices = []
        for cell in self.cells:
            total = cell.n or COUNTED
            game = self.items[cell.item].content.game
            choices.append(Choices(game, round(cell.rate * total), total))
        if not choices:
            return []
        return [
            {"model": fit.model, "parameters": dict(fit.parameters),
             "log_likelihood": fit.log_likelihood}
            for fit in fits(choices).values()
        ]  # fmt: skip

    def _agreeing(self, wanted: Callable[[Game], int | None]) -> Metric | None:
        told = []
        for cell in self.cells:
            action = wanted(self.items[cell.item].content.game)
            if action is not None:
                told.append((cell, cell.rate if action == 0 else 1 - cell.rate))
        if not told:
            return None
        return share([value for _, value in told], [cell.cluster for cell, _ in told])

    def _moved(self, factor: str, pairs: Sequence[tuple[str, str]]) -> Metric | None:
        """Mean |difference| in P(C) between cells that differ in one word of the presentation."""
        by_rest: dict[tuple[tuple[str, str], ...], dict[str, CellRate]] = {}
        for cell in self.cells:
            rest = tuple((k, v) for k, v in sorted(cell.condition.items())
                         if k not in (factor, "split"))  # fmt: skip
            by_rest.setdefault(rest, {})[cell.condition[factor]] = cell
        told = [
            (abs(own[one].rate - own[other].rate), own[one].condition["context"])
            for own in by_rest.values()
            for one, other in pairs
            if one in own and other in own
        ]
        return share(*map(list, zip(*told, strict=True))) if told else None


def games_metrics(
    records: Sequence[Record],
    items: Mapping[str, Item],
    model: str,
    teacher: Mapping[str, CellRate] | None = None,
    untuned: Mapping[str, CellRate] | None = None,
) -> Metrics:
    """Values with intervals; beside a teacher and the model before training what was learnt."""
    measured = Measured(records, items)
    whole = measured.whole()
    awareness = measured.awareness()
    learnt = _learnt(measured.cells, teacher, untuned)
    for split in learnt:
        if split["split"] == "all":
            whole |= _learnt_metrics(split)
    groups = {
        factor: by_level(
            [record for record in records if factor in record.condition],
            lambda record, factor=factor: record.condition[factor],
            measured.part,
        )
        for factor in FACTORS
    }
    groups = {"model": {model: whole}} | {name: own for name, own in groups.items() if own}
    extra = {
        "games": written(
            {
                "cells": [_row(cell) for cell in measured.cells],
                "awareness": awareness,
                "fits": measured.fitted(),
                "learnt": learnt,
            }
        )
    }
    return Metrics(whole, groups, extra)


def _learnt(
    cells: Sequence[CellRate],
    teacher: Mapping[str, CellRate] | None,
    untuned: Mapping[str, CellRate] | None,
) -> list[dict[str, Any]]:
    """By split, and of all: the share of the gap to the teacher that is closed, and baselines."""
    if teacher is None or untuned is None:
        return []
    shared = [cell for cell in cells if cell.item in teacher and cell.item in untuned]
    found = []
    for split in ["all", *sorted({cell.condition["split"] for cell in shared})]:
        own = [cell for cell in shared if split in ("all", cell.condition["split"])]
        if len(own) < 2:
            continue
        transfer = Transfer(
            _as_rates([untuned[cell.item] for cell in own]),
            _as_rates(own),
            _as_rates([teacher[cell.item] for cell in own]),
        )
        closed = gap_closed(transfer)
        found.append(
            {
                "split": split,
                "gap_closed": asdict(closed),
                "improvement": asdict(improvement(transfer, of="shares")),
                "predictors": [asdict(one) for one in predictors(transfer)],
            }
        )
    return found


def _learnt_metrics(split: Mapping[str, Any]) -> dict[str, Metric]:
    closed, study = split["gap_closed"], split["improvement"]
    cells = closed["cells"]
    found = {"gap_closed": Metric(closed["value"], closed["low"], closed["high"], cells, cells)}
    if study["cells"]:
        found["improvement_published"] = Metric(
            study["mean"], study["low"], study["high"], study["cells"], study["cells"]
        )
    for one in split["predictors"]:
        found[f"baseline/{one['name']}"] = Metric(
            one["closed"], one["closed"], one["closed"], cells, cells
        )
    return found


def _as_rates(cells: Sequence[CellRate]) -> Rates:
    draws = [float(cell.n) if cell.n else float("inf") for cell in cells]
    return Rates(np.array([cell.rate for cell in cells]), np.array(draws))


def _row(cell: CellRate) -> dict[str, Any]:
    return {**cell.condition, "item": cell.item, "p": cell.rate, "n": cell.n,
            "invalid": cell.invalid}  # fmt: skip


def _share(cells: Sequence[CellRate], value: Callable[[CellRate], float]) -> Metric:
    return share([value(cell) for cell in cells], [cell.condition["context"] for cell in cells])


def _invalid(record: Record) -> float:
    if record.log_probs:
        return min(1.0, probabilities(record)[INVALID])
    return float(record.score.answer == UNPARSED)


def _dominant(game: Game) -> int | None:
    found = dominance(game)
    return None if found is None else int(found.action)


def _equilibrium(game: Game) -> int | None:
    """The action of the one pure equilibrium; None where there is none, or are several."""
    found = pure_equilibria(game)
    return int(found[0][0]) if len(found) == 1 else None
