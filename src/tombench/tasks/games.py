"""Games: what a model chooses, whether it sees the game, and whether a small one can learn it.

    tombench task=games model=tiny
    tombench task=games backend=behaviour backend.chooser=quantal_response backend.rate=0.5
    tombench stage=finetune task=games task.teacher=RUN model=tiny
    tombench task=games model=local model.path=STUDENT task.teacher=RUN task.untuned=RUN
    tombench task=games task.answers=FOLDER

"Large model strategic thinking, small model efficiency" (Lorè et al. 2024; sepehrilami/LFB), with
its statistics mended.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass as checked

from tombench.config import identity_hash
from tombench.errors import UserError
from tombench.schema import (
    STRICT,
    ChoiceRequest,
    ChoiceResponse,
    FolderName,
    GenerateRequest,
    Item,
    Record,
    Request,
    Response,
    Sampling,
)
from tombench.scorers.digest import rules_digest
from tombench.strategy import choice_forms, clauses, commitments, donations
from tombench.strategy.public_goods import Sharing
from tombench.tasks import games_answers, games_cells, games_files, games_repeats
from tombench.tasks.base import Metrics, Setting, sample_seed
from tombench.tasks.games_beside import Beside, cells_of
from tombench.tasks.games_given import GivenGames, file_names
from tombench.tasks.games_items import Cell, Grid
from tombench.tasks.games_metrics import games_metrics
from tombench.tasks.games_prompts import prompt, spellings
from tombench.tasks.games_scoring import exact_record, sampled_records
from tombench.tasks.games_shown import show_given
from tombench.tasks.games_training import GamesTraining, Labels
from tombench.tasks.suite_fields import several

Several = Annotated[tuple[str, ...], BeforeValidator(several), Field(min_length=1)]
Files = Annotated[tuple[str, ...], BeforeValidator(file_names)]
ONE_LETTER, REASONED = Sampling(0.8, 50, 0.9, 1), Sampling(0.8, 50, 0.9, 600)
"""The study's sampler; its 600 new tokens are room for reasons."""
READERS = (
    *(choice_forms, clauses, commitments, donations),
    *(games_answers, games_cells, games_files, games_repeats),
)
"""Modules that decide what is read out of an answer."""


@checked(frozen=True, config=STRICT)
class Games(GamesTraining):
    """A grid of games, payoffs, contexts, labels and orders."""

    unused: ClassVar[frozenset[str]] = frozenset({"prompting"})

    name: FolderName = "games"
    games: Several = ("prison", "delight", "snowdrift", "staghunt")
    payoffs: Annotated[
        tuple[Literal["published", "doubled", "shifted"], ...],
        BeforeValidator(several),
        Field(min_length=1),
    ] = ("published",)
    contexts: Several = ("training",)
    labels: Annotated[tuple[Labels, ...], BeforeValidator(several), Field(min_length=1)] = ("cd",)
    orders: Annotated[
        tuple[Literal["first", "second"], ...], BeforeValidator(several), Field(min_length=1)
    ] = ("first",)
    sharing: Sharing = "split"
    data: str | None = None  # a folder of prompts of the published form
    mode: Literal["exact", "sample"] = "exact"
    draws: Annotated[int, Field(ge=1)] = 300
    reasoning: bool = False
    as_published: bool = False
    repetition_penalty: Annotated[float, Field(gt=0)] = 1.1
    answers: Files | None = None  # what is counted in place of a model's answers
    untuned: str | None = None  # the student's run before it was trained

    def __post_init__(self) -> None:
        if self.reasoning and self.mode == "exact":
            raise UserError(
                "task.reasoning=true: what is reasoned has no one probability; give "
                "task.mode=sample"
            )
        if self.untuned is not None and self.teacher is None:
            raise UserError("task.untuned: beside which teacher? give task.teacher=RUN")

    @property
    def sampling(self) -> Sampling:
        """The study's."""
        return REASONED if self.reasoning else ONE_LETTER

    @property
    def repetitions(self) -> int:
        """Answers drawn for a cell."""
        return self.draws if self.mode == "sample" else 0

    @property
    def not_identity(self) -> frozenset[str]:
        """Fields that cannot change a result; runs stand there by their content."""
        drawn = {"draws"} if self.mode == "exact" else {"repetition_penalty"}
        return frozenset({"answers", "data", "teacher", "untuned", *self.read_by} | drawn)

    @property
    def told(self) -> str:
        """What is asked, in a few words."""
        return f"{len(self._items)} cells, {self.mode}"

    def data_digest(self) -> str:
        """Of cells, and of what is answered in the runs that they are held against."""
        cells = [(item.id, self.prompt(item.content, self.reasoning)) for item in self._items]
        return identity_hash({"cells": cells, "beside": self._beside})

    def rules_digest(self) -> str:
        """Of the rules that answers are read by, drawn ones and those of files."""
        return rules_digest(*(module.__file__ for module in READERS))

    def items(self) -> list[Item]:
        return self._items

    def prompt(self, cell: Cell, reasoned: bool = False) -> str:
        """What is asked about a cell."""
        return prompt(cell, reasoned, self.as_published)

    def requests(self, item: Item, setting: Setting) -> list[Request]:
        text = self.prompt(item.content, self.reasoning)
        if self.mode == "exact":
            options = spellings(item.content)
            penalty = self.repetition_penalty
            return [ChoiceRequest(item, text, options, setting.sampling, penalty)]
        seeds = tuple(sample_seed(setting.seed, item.id, number) for number in self._drawn)
        return [GenerateRequest(item, text, setting.sampling, seeds)]

    def score(
        self, item: Item, requests: Sequence[Request], responses: Sequence[Response]
    ) -> list[Record]:
        (response,) = responses
        if isinstance(response, ChoiceResponse):
            return [exact_record(item, response)]
        return sampled_records(item, response, self._drawn)

    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        items = {item.id: item for item in self._items}
        return games_metrics(records, items, setting.model, self._beside)

    def given_identity(self) -> dict[str, Any]:
        return {"name": self.name} | self._given.identity()

    def given_records(self, limit: int | None = None) -> list[Record]:
        return self._given.records()[:limit]

    def given_metrics(self, records: Sequence[Record]) -> Metrics:
        return self._given.metrics()

    def given_shown(self, values: Mapping[str, Any]) -> None:
        show_given(values)

    @cached_property
    def _given(self) -> GivenGames:
        return GivenGames(self.answers or ())

    @cached_property
    def _beside(self) -> Beside | None:
        """The runs that are named; None without a teacher."""
        if self.teacher is None:
            return None
        asked = [item.id for item in self._items]
        named = {"teacher": self.teacher, "untuned": self.untuned}
        return Beside(**{name: cells_of(name, path, asked) for name, path in named.items() if path})

    @property
    def _drawn(self) -> range:
        return range(1, self.draws + 1)

    @cached_property
    def _items(self) -> list[Item]:
        grid = {key: getattr(self, key) for key in ("games", "payoffs", "contexts", "labels")}
        data = None if self.data is None else Path(self.data).expanduser()
        return Grid(**grid, orders=self.orders, sharing=self.sharing, data=data).items()
