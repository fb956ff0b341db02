"""A run of task=games as a teacher: what it chose in each cell, and by which law if it has one."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tombench.datafile import digest
from tombench.errors import UserError
from tombench.runs import RECORDS, read_records, read_run
from tombench.schema import Record
from tombench.strategy.backend import BehaviourBackend
from tombench.strategy.player import Player
from tombench.tasks.games_split import held_out

BEHAVIOUR = f"{BehaviourBackend.__module__}.{BehaviourBackend.__qualname__}"

logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class Taught:
    """A cell that may be learnt, and what the teacher did there."""

    item: str  # the cell's id
    condition: Mapping[str, str]
    first: float  # probability of the first action, of the answers that could be parsed
    answers: tuple[str, ...]  # as drawn, those that could be parsed; () of exact probabilities


@dataclass(frozen=True)
class Teacher:
    """A finished run of stage=eval task=games.

    Raises:
        UserError: the folder holds no such run.
    """

    folder: Path

    def __post_init__(self) -> None:
        run = read_run(self.folder)
        identity = run.get("identity", {})
        task = identity.get("task", {}).get("name")
        if identity.get("stage") != "eval" or task != "games":
            raise UserError(
                f"task.teacher={self.folder}: a run of stage={identity.get('stage')} task={task}; "
                "name one of stage=eval task=games"
            )
        if run.get("status") != "finished":
            raise UserError(
                f"task.teacher={self.folder}: the run is not finished; give its command again first"
            )

    @cached_property
    def task(self) -> Mapping[str, Any]:
        """The task's fields in that run."""
        own = dict(read_run(self.folder)["configuration"]["task"])
        own.pop("_target_", None)
        return own

    @cached_property
    def cells(self) -> tuple[Taught, ...]:
        """Those that may be learnt, in the order of their ids; how many may not is logged.

        Raises:
            UserError: there is none; the first that is held out is named.
        """
        kept: dict[str, list[Record]] = {}
        refused: dict[str, str] = {}
        for record in read_records(self.folder):
            if (why := held_out(record.condition)) is None:
                kept.setdefault(record.item, []).append(record)
            else:
                refused.setdefault(record.item, why)
        first = next((f"{item} ({why})" for item, why in sorted(refused.items())), "")
        found = [_taught(item, records) for item, records in sorted(kept.items())]
        cells = tuple(one for one in found if one is not None)
        if not cells:
            raise UserError(
                f"task.teacher={self.folder}: no cell with an answer that may be trained on"
                + (f"; held out: {first} and {len(refused) - 1} more" if refused else "")
                + "; ask the teacher about task.contexts=[training]"
            )
        if refused:
            logger.info(
                "%s: %d cells are held out and not trained on; the first is %s",
                self.folder, len(refused), first,
            )  # fmt: skip
        return cells

    @cached_property
    def player(self) -> Player:
        """The law that answered, which can answer about any other game.

        Raises:
            UserError: a model answered.
        """
        backend = dict(read_run(self.folder)["configuration"]["backend"])
        if backend.pop("_target_", None) != BEHAVIOUR:
            raise UserError(
                f"task.train_games=random: a model answered in task.teacher={self.folder}, which "
                "has nothing to say of other games; give task.train_games=cells, or a teacher of "
                "backend=behaviour"
            )
        built = BehaviourBackend(**backend)
        return Player(built.law(), built.context_shift)

    @property
    def model(self) -> str:
        """Who answered, in a word or two."""
        configuration = read_run(self.folder)["configuration"]
        backend = configuration["backend"]
        if backend.get("_target_") == BEHAVIOUR:
            return f"behaviour:{backend['chooser']}"
        return str(configuration["model"]["name"])

    @property
    def digest(self) -> str:
        """Of what it answered."""
        return digest([self.folder / RECORDS])


def _taught(item: str, records: list[Record]) -> Taught | None:
    """One cell; None where nothing could be parsed. Each record weighs alike."""
    parsed = [one for one in records if one.score.answer != "unparsed" and one.error is None]
    if not parsed:
        return None
    drawn = tuple(one.response for one in parsed if one.repetition)
    first = sum(one.score.value for one in parsed) / len(parsed)
    return Taught(item, parsed[0].condition, first, drawn)
