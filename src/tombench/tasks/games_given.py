"""task.answers: published answers, read, counted and held against each other without a model.

tombench task=games task.answers=FOLDER
tombench task=games 'task.answers=[7b=a.json,7bF=b.json,70b=c.txt]'
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from tombench.datafile import digest
from tombench.metrics import share
from tombench.schema import Metric, Record, Score
from tombench.scorers.yes_no import UNPARSED
from tombench.tasks.base import Metrics
from tombench.tasks.games_answers import Answers, read_answers
from tombench.tasks.games_cells import Cell, CellKey, Donations
from tombench.tasks.games_counts import cooperation, dependence
from tombench.tasks.games_donations import mean_donation
from tombench.tasks.games_files import answer_files
from tombench.tasks.games_lessons import (
    IN_SAMPLE,
    SPLITS,
    Finding,
    donation_lessons,
    lessons,
    payoff_tests,
)
from tombench.tasks.games_numbers import written


def file_names(value: Any) -> Any:
    """A field's words as a tuple: one name, a list, or a list that came as one word.

    Hydra's grammar has no = in a list: `[7b=a.json,70b=b.txt]` arrives as it was typed.
    """
    if not isinstance(value, str):
        return tuple(value) if isinstance(value, list) else value
    inside = value.strip()
    if inside.startswith("[") and inside.endswith("]") and "=" in inside:
        return tuple(name.strip().strip("'\"") for name in inside[1:-1].split(","))
    return (value,)


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
        """By model its rates; of three models in their roles what the student has learnt.

        `gap_closed`, `improvement_published` and the baselines of the whole are those in-sample.
        """
        cells, donations = self.answers.cells, self.answers.donations
        models = sorted({one.model for one in self._counted()})
        own = {model: self._of_model(model) for model in models}
        found = lessons(cells)
        splits = self._by(lambda cell: SPLITS.get(cell.key.split, cell.key.split))
        for lesson in found:
            splits[lesson.split] |= lesson.metrics()
        whole = self._of(cells) | next((o.metrics() for o in found if o.split == IN_SAMPLE), {})
        told = {
            "warnings": self.answers.warnings,
            "cells": [_cell_row(cell) for cell in cells],
            "learnt": [*(one.told() for one in found), *donation_lessons(donations)],
            "tests": list(payoff_tests(cells)),
            "awareness": {model: self._awareness(model) for model in models},
        }
        groups = {"model": own, "split": splits, "game": self._by(lambda c: c.key.game)}
        named = {model: {"none": found} for model, found in own.items()}
        return Metrics(whole, groups, {"cells": named, "games": written(told)})

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
        if drawn := [cell for cell in cells if cell.draws]:
            told = [cell.invalid / cell.draws for cell in drawn]
            found["invalid"] = share(told, [cell.key.name for cell in drawn])
        return found

    def _by(self, level: Callable[[Cell], str]) -> dict[str, dict[str, Metric]]:
        levels: dict[str, list[Cell]] = {}
        for cell in self.answers.cells:
            levels.setdefault(level(cell), []).append(cell)
        return {name: self._of(cells) for name, cells in levels.items()}

    def _awareness(self, model: str) -> Finding | None:
        own = [c for c in self.answers.cells if c.model == model and c.key.split == "in_sample"]
        found = dependence(own) if own else None
        return found and {"alone": found.alone, "shapley": found.shapley}


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
