"""What files of answers say of learning: three models in their roles, split by split."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from tombench.schema import Metric
from tombench.statistics.gap import GapClosed, gap_closed
from tombench.statistics.improvement import Improvement, improvement, improvements
from tombench.tasks.games_cells import Cell, Donations
from tombench.tasks.games_counts import Aligned, Predictor, aligned, compare, predictors
from tombench.tasks.games_donations import donation_improvement
from tombench.tasks.games_learnt import transfer_metrics

ROLES = (("7b", "7bF", "70b"), ("untuned", "student", "teacher"))
"""Before, after and teacher among the models of files: the study's names, and ours."""
SPLITS = {"doubled": "new_payoffs", "new_contexts": "new_context"}
"""The splits of keys, as records name them; others stand for themselves."""
IN_SAMPLE, DOUBLED = "in_sample", "doubled"
Finding = Mapping[str, Any]


@dataclass(frozen=True)
class Lesson:
    """One split that all three models answered."""

    split: str  # as records name it
    roles: tuple[str, str, str]
    side: Aligned

    @cached_property
    def closed(self) -> GapClosed:
        return gap_closed(self.side.transfer)

    @cached_property
    def study(self) -> Improvement:
        """The study's improvement, of counts."""
        return improvement(self.side.transfer)

    @cached_property
    def predictors(self) -> tuple[Predictor, ...]:
        return predictors(self.side.transfer)

    def metrics(self) -> dict[str, Metric]:
        """Names as a model's own run has them."""
        return transfer_metrics(self.closed, self.study, self.predictors)

    def told(self) -> Finding:
        """As metrics.json has it under games.learnt; improvements in percent, cell by cell."""
        each = improvements(self.side.transfer)
        shares = zip(*(one.shares for one in self.side.transfer.models), strict=True)
        return {
            "split": self.split,
            "roles": list(self.roles),
            "gap_closed": asdict(self.closed),
            "improvement": asdict(self.study),
            "cells": [
                {"cell": key.name, "rates": list(map(float, three)), "improvement": float(value)}
                for key, three, value in zip(self.side.keys, shares, each, strict=True)
            ],
            "predictors": [asdict(one) for one in self.predictors],
            "left_out": [key.name for key in self.side.left_out],
        }


def lessons(cells: Sequence[Cell]) -> list[Lesson]:
    """By roles and split, where each of the three has an answer."""
    found = []
    for roles in ROLES:
        for split in dict.fromkeys(cell.key.split for cell in cells):
            own = [cell for cell in cells if cell.key.split == split and cell.parsed]
            keys = [{cell.key for cell in own if cell.model == role} for role in roles]
            if set.intersection(*keys):
                found.append(Lesson(SPLITS.get(split, split), roles, aligned(own, *roles)))
    return found


def donation_lessons(donations: Sequence[Donations]) -> Iterator[Finding]:
    """The study's improvement of mean amounts."""
    gifts = {one.model: one for one in donations if one.amounts}
    for roles in ROLES:
        if set(roles) <= set(gifts):
            value = donation_improvement(*(gifts[role] for role in roles))
            yield {"split": "public_goods", "roles": list(roles), "improvement": {"mean": value}}


def payoff_tests(cells: Sequence[Cell]) -> Iterator[Finding]:
    """By model, doubled payoffs less those as published, in each game and context."""
    for model in sorted({cell.model for cell in cells}):
        own = [cell for cell in cells if cell.model == model and cell.parsed]
        plain = [cell for cell in own if cell.key.split == IN_SAMPLE]
        doubled = [cell for cell in own if cell.key.split == DOUBLED]
        if not _places(plain) & _places(doubled):
            continue
        for test in compare(plain, doubled):
            yield {
                "model": model,
                "cell": test.first.key.name,
                **asdict(test.contrast),
                "p_holm": float(test.holm),
                "p_published": float(test.published),
            }


def _places(cells: Sequence[Cell]) -> set[tuple[str, str]]:
    return {(cell.key.context, cell.key.game) for cell in cells}
