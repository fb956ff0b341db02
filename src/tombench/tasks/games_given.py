"""task.answers: published answers, read, counted and held against each other without a model.

tombench task=games task.answers=FOLDER
tombench task=games 'task.answers=[7b=a.json,7bF=b.json,70b=c.txt]'
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from math import isfinite
from typing import Any

from tombench.datafile import digest
from tombench.metrics import share
from tombench.schema import Metric, Record, Score
from tombench.scorers.yes_no import UNPARSED
from tombench.statistics.gap import gap_closed
from tombench.statistics.improvement import improvement, improvements
from tombench.tasks.base import Metrics
from tombench.tasks.games_answers import Answers, read_answers
from tombench.tasks.games_cells import Cell, CellKey, Donations
from tombench.tasks.games_counts import aligned, compare, cooperation, dependence, predictors
from tombench.tasks.games_donations import donation_improvement, mean_donation
from tombench.tasks.games_files import answer_files
from tombench.tasks.games_numbers import written
from tombench.terminal import print_table

ROLES = (("7b", "7bF", "70b"), ("untuned", "student", "teacher"))
"""Before, after and teacher among the models of files: the study's names, and ours."""
SPLITS = {"doubled": "new_payoffs", "new_contexts": "new_context"}
"""The splits of keys, as records name them; others stand for themselves."""
Finding = Mapping[str, Any]


@dataclass(frozen=True)
class GivenGames:
    """What files of answers hold."""

    named: tuple[str, ...]

    @cached_property
    def answers(self) -> Answers:
        return read_answers(self.named)

    def identity(self) -> dict[str, Any]:
        """Of the files' bytes, and of whose they are."""
        files = answer_files(self.named)
        return {"answers": digest(f.path for f in files), "models": [f.model for f in files]}

    def records(self) -> list[Record]:
        """One a draw; of counts as many as they count."""
        return [record for own in self._counted() for record in _records(own)]

    def metrics(self) -> Metrics:
        """By model its rates; of three models in their roles what the student has learnt."""
        models = sorted({cell.model for cell in self.answers.cells}
                        | {one.model for one in self.answers.donations})  # fmt: skip
        own = {model: self._of_model(model) for model in models}
        whole = self._of(self.answers.cells)
        extra = {
            "cells": {model: {"none": found} for model, found in own.items()},
            "games": written(
                {
                    "warnings": list(self.answers.warnings),
                    "cells": [_cell_row(cell) for cell in self.answers.cells],
                    "learnt": [found for roles in ROLES for found in self._learnt(roles)],
                    "tests": [row for model in models for row in self._tests(model)],
                    "awareness": {model: self._awareness(model) for model in models},
                }
            ),
        }
        return Metrics(whole, {"model": own, "game": self._by_game()}, extra)

    def _counted(self) -> Iterator[Cell | Donations]:
        yield from self.answers.cells
        yield from self.answers.donations

    def _of_model(self, model: str) -> dict[str, Metric]:
        found = self._of([cell for cell in self.answers.cells if cell.model == model])
        for one in self.answers.donations:
            if one.model == model and one.amounts:
                found["mean_donation"] = mean_donation(one)
        return found

    def _of(self, cells: Sequence[Cell]) -> dict[str, Metric]:
        found: dict[str, Metric] = {}
        if parsed := [cell for cell in cells if cell.parsed]:
            found["cooperation_rate"] = cooperation(parsed)
        if cells:
            told = [cell.invalid / cell.draws for cell in cells if cell.draws]
            found["invalid"] = share(told, [cell.key.name for cell in cells if cell.draws])
        return found

    def _by_game(self) -> dict[str, dict[str, Metric]]:
        games = dict.fromkeys(cell.key.game for cell in self.answers.cells)
        return {g: self._of([c for c in self.answers.cells if c.key.game == g]) for g in games}

    def _learnt(self, roles: tuple[str, str, str]) -> Iterator[Finding]:
        """By split, where all three models answered."""
        cells = self.answers.cells
        for split in dict.fromkeys(cell.key.split for cell in cells):
            own = [cell for cell in cells if cell.key.split == split]
            if not set(roles) <= {cell.model for cell in own}:
                continue
            side = aligned(own, *roles)
            each = improvements(side.transfer)
            yield {
                "split": split,
                "roles": list(roles),
                "gap_closed": asdict(gap_closed(side.transfer)),
                "improvement": asdict(improvement(side.transfer)),
                "cells": {k.name: float(v) if isfinite(v) else None
                          for k, v in zip(side.keys, each, strict=True)},
                "predictors": [asdict(one) for one in predictors(side.transfer)],
                "left_out": [key.name for key in side.left_out],
            }  # fmt: skip
        gifts = {one.model: one for one in self.answers.donations}
        if set(roles) <= set(gifts):
            value = donation_improvement(*(gifts[role] for role in roles))
            yield {"split": "public_goods", "roles": list(roles), "improvement": {"mean": value}}

    def _tests(self, model: str) -> Iterator[Finding]:
        """Doubled payoffs against those as published, cell by cell."""
        own = [cell for cell in self.answers.cells if cell.model == model]
        plain = [cell for cell in own if cell.key.split == "in_sample"]
        doubled = [cell for cell in own if cell.key.split == "doubled"]
        if not (plain and doubled and _places(plain) & _places(doubled)):
            return
        for test in compare(plain, doubled):
            yield {
                "model": model,
                "cell": test.first.key.name,
                **asdict(test.contrast),
                "p_holm": test.holm,
                "p_published": test.published,
            }

    def _awareness(self, model: str) -> Finding | None:
        own = [c for c in self.answers.cells if c.model == model and c.key.split == "in_sample"]
        found = dependence(own) if own else None
        return None if found is None else {"alone": asdict(found.alone),
                                           "shapley": asdict(found.shapley)}  # fmt: skip


def show_given(values: Mapping[str, Any]) -> None:
    """Rates by model, then what was learnt by split, as metrics.json has it."""
    rows = []
    for model, found in values["cells"].items():
        named = {name: Metric(**metric) for name, metric in found["none"].items()}
        if rate := named.get("cooperation_rate"):
            invalid = _interval(named["invalid"])
            rows.append([model, _interval(rate), str(rate.n), invalid])
    print_table("Answers that files hold", ["Model", "C ratio", "answers", "invalid"], rows)
    told = [_learnt_row(one) for one in values["games"]["learnt"] if "gap_closed" in one]
    if told:
        header = [
            "Split",
            "cells",
            "gap closed",
            "student's gap",
            "a coin's",
            "improvement, % (study's)",
        ]
        print_table("What the student has learnt", header, told)
        print(
            "  The study's improvement rewards overshoot: on its data who always says D scores 713."
        )
    for line in values["games"]["warnings"]:
        print(f"  {line}")


def _interval(metric: Metric) -> str:
    return f"{metric.value:.2f} [{metric.low:.2f}, {metric.high:.2f}]"


def _learnt_row(found: Finding) -> list[str]:
    closed, study = found["gap_closed"], found["improvement"]
    gaps = {one["name"]: one["gap"] for one in found["predictors"]}
    interval = f"{closed['value']:.3f} [{closed['low']:.2f}, {closed['high']:.2f}]"
    return [found["split"], str(closed["cells"]), interval, f"{gaps['student']:.3f}",
            f"{gaps['coin']:.3f}", f"{study['mean']:.2f}"]  # fmt: skip


def _places(cells: Sequence[Cell]) -> set[tuple[str, str]]:
    return {(cell.key.context, cell.key.game) for cell in cells if cell.parsed}


def _cell_row(cell: Cell) -> Finding:
    key = asdict(cell.key)
    return {"model": cell.model, **key, "split": cell.key.split, "cooperate": cell.cooperate,
            "defect": cell.defect, "invalid": cell.invalid, "notes": list(cell.notes)}  # fmt: skip


def _records(own: Cell | Donations) -> Iterator[Record]:
    condition = _condition(own.model, own.key)
    item = f"{condition['context']}/{own.key.game}.{condition['payoffs']}"
    for number, (answer, value) in enumerate(_draws(own), start=1):
        yield Record(
            id=f"{own.model}/{item}/{number:03d}",
            item=item,
            repetition=number,
            cluster=item,
            condition=condition,
            prompt="",
            response=answer if answer != UNPARSED else "",
            target=None,
            score=Score(value, answer, "as published"),
        )


def _draws(own: Cell | Donations) -> Iterator[tuple[str, float]]:
    if isinstance(own, Donations):
        most = max(10.0, *own.amounts) if own.amounts else 10.0
        yield from ((f"{amount:g}", amount / most) for amount in own.amounts)
    else:
        yield from (("C", 1.0) for _ in range(own.cooperate))
        yield from (("D", 0.0) for _ in range(own.defect))
    yield from ((UNPARSED, 0.0) for _ in range(own.invalid))


def _condition(model: str, key: CellKey) -> dict[str, str]:
    return {
        "model": model,
        "game": key.game,
        "context": key.context or "none",
        "payoffs": key.variant or "published",
        "split": SPLITS.get(key.split, key.split),
    }
