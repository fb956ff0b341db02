"""What a run of task=games says beside its metrics: who chose what in which cell.

A cell is a game in a context, with given payoffs, labels and order. Exact runs know probabilities,
one record a cell; sampled ones have a record a draw.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import exp, isfinite, nan
from pathlib import Path
from typing import Any

from tombench.errors import UserError
from tombench.runs import RECORDS, records_in
from tombench.schema import Record
from tombench.strategy.contexts import STUDY_NAMES, contexts_of
from tombench.summary.games_kin import Kin, kin_of

TASK = "Games"
"""The class of the task, as a run's identity names it."""
SPLITS = {
    "in_sample": "in-sample",
    "new_context": "new contexts",
    "new_payoffs": "new payoffs",
    "new_game": "new games",
    "public_goods": "public goods",
}
HELD_OUT = frozenset(
    name for one in contexts_of("held_out") for name in (one.name, STUDY_NAMES.get(one.name))
)
"""Contexts by our names and by the study's."""
PUBLISHED, DONATIONS, INVALID, UNPARSED = "published", "public_goods", "invalid", "unparsed"
SAMPLED = "sampled/"
"""Begins the log-probabilities after repetition penalty, temperature, top-k and top-p."""


@dataclass(frozen=True)
class Choices:
    """One model's choices in one cell."""

    item: str
    cluster: str  # context and game with its payoffs
    condition: Mapping[str, str]
    weights: Mapping[str, float]  # by answer, "invalid" too: draws, or a probability of each
    share: float  # of the first action, or of the endowment given, of parsed answers; else NaN
    draws: int  # 0: the probabilities themselves

    def of(self, factor: str) -> str:
        """A level of the cell's condition; "none" where it has no such factor."""
        return self.condition.get(factor, "none")

    @property
    def part(self) -> str:
        """What the cell tests, in words: its split, and payoffs that are not as published."""
        name = SPLITS.get(self.of("split"), self.of("split").replace("_", " "))
        payoffs = self.of("payoffs")
        return f"{name}: {payoffs}" if payoffs in ("doubled", "shifted") else name

    @property
    def held_out(self) -> bool:
        """Is its context one that nobody is trained on?"""
        return self.of("context") in HELD_OUT

    @property
    def exact(self) -> bool:
        return not self.draws

    @property
    def donation(self) -> bool:
        return self.of("split") == DONATIONS

    @property
    def invalid(self) -> float:
        """Draws, or a probability."""
        return self.weights.get(INVALID, 0.0)

    @property
    def parsed(self) -> float:
        return sum(self.weights.values()) - self.invalid

    @property
    def known(self) -> bool:
        """Could any answer be parsed?"""
        return self.parsed > 0 and isfinite(self.share)


@dataclass(frozen=True)
class Fitted:
    """A behavioural model at the parameters that make the choices the most likely."""

    model: str
    parameters: Mapping[str, float]
    log_likelihood: float | None  # nats; None: it gives no chance to what was chosen


@dataclass(frozen=True, eq=False)
class Played:
    """One model's part in a run of task=games."""

    folder: Path
    kin: Kin
    fits: tuple[Fitted, ...] = ()
    only: str | None = None  # of files with the answers of several models: whose

    @cached_property
    def cells(self) -> tuple[Choices, ...]:
        """In the order of their items' ids.

        Raises:
            UserError: a line of records.jsonl is no record, or names no cell.
        """
        path = self.folder / RECORDS
        found = _cells_in(path, path.stat().st_mtime_ns) if path.exists() else {}
        return found.get(self.only or "", ())


def played_of(
    folder: Path, run: Mapping[str, Any], values: Mapping[str, Any], model: str
) -> Played | None:
    """From a run's folder, run.json and metrics.json; None of another task's.

    Args:
        model: which it is, where the run holds several.
    """
    if run["identity"]["task"].get("class") != TASK:
        return None
    fits = tuple(Fitted(**row) for row in values.get("games", {}).get("fits", ()))
    return Played(folder, kin_of(run), fits, model if "cells" in values else None)


def law_words(identity: Mapping[str, Any]) -> dict[str, Any]:
    """What sets runs apart that no model answered: the law's settings; {} of other runs."""
    if identity["task"].get("class") != TASK or identity.get("model"):
        return {}
    backend = identity.get("backend") or {}
    return {f"backend.{name}": value for name, value in backend.items() if name != "class"}


@lru_cache(maxsize=4)
def _cells_in(path: Path, changed: int) -> dict[str, tuple[Choices, ...]]:
    """A file's cells by model; read once for all the models whose answers it holds."""
    return read_cells((record for _, record in records_in(path)), path)


def read_cells(records: Iterable[Record], where: Path) -> dict[str, tuple[Choices, ...]]:
    """Records as cells by model, "" where records name none, in the order of items' ids.

    Raises:
        UserError: a record is of no cell.
    """
    grouped: dict[tuple[str, str], _Drawn] = {}
    for record in records:
        if not {"game", "context", "split"} <= set(record.condition):
            raise UserError(
                f"{where}: record {record.id} names no game, context and split; evaluate again "
                "with rerun=true"
            )
        place = record.condition.get("model", ""), record.item
        grouped.setdefault(place, _Drawn(record)).add(record)
    found: dict[str, list[Choices]] = {}
    for model, item in sorted(grouped):
        found.setdefault(model, []).append(grouped[model, item].choices)
    return {model: tuple(cells) for model, cells in found.items()}


@dataclass
class _Drawn:
    """What the records of a cell come to, one after the other."""

    first: Record
    weights: dict[str, float] = field(default_factory=dict)
    scores: list[float] = field(default_factory=list)

    def add(self, record: Record) -> None:
        for answer, weight in _answers(record).items():
            self.weights[answer] = self.weights.get(answer, 0.0) + weight
        if record.score.answer != UNPARSED and record.error is None:
            self.scores.append(record.score.value)

    @property
    def choices(self) -> Choices:
        mean = sum(self.scores) / len(self.scores) if self.scores else nan
        draws = round(sum(self.weights.values())) if self.first.repetition else 0
        first = self.first
        return Choices(first.item, first.cluster, first.condition, self.weights, mean, draws)


def _answers(record: Record) -> dict[str, float]:
    """What a record adds to its cell: one draw, or a probability of each answer."""
    if record.error is not None:
        return {INVALID: 1.0}
    if record.repetition:
        answer = record.score.answer
        return {INVALID if answer == UNPARSED else answer: 1.0}
    told = {
        answer: 0.0 if value is None else exp(value)
        for answer, value in record.log_probs.items()
        if not answer.startswith(SAMPLED)
    }
    return {INVALID: max(0.0, 1 - sum(told.values()))} | told
