"""What task=games gives to stage=finetune and stage=prepare: a teacher's choices, never of a test.

task.train_games=cells learns what the teacher's run chose in its own in-sample cells. Where a law
answered (backend=behaviour), task.train_games=random learns what it chooses in games without end.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass as checked

from tombench.config import identity_hash
from tombench.corpus import content_words, corpus_digest, draw_texts
from tombench.errors import UserError
from tombench.schema import STRICT, Item
from tombench.stories.text import Text
from tombench.strategy.contexts import NONE
from tombench.tasks.games_alpaca import Alpaca
from tombench.tasks.games_examples import CellChoices, LawChoices
from tombench.tasks.games_probe import Asked, probe_of
from tombench.tasks.games_split import held_out
from tombench.tasks.games_teacher import Teacher
from tombench.tasks.suite_fields import several

Labels = Literal["cd", "dc", "xy", "yx", "blue_green", "green_blue"]
Share = Annotated[float, Field(ge=0, le=1)]
DIGESTED = 50
"""Groups of examples that stand for the generator in a training's identity."""
PROBED = 32
"""Groups of four games that the probe asks about."""


@checked(frozen=True, config=STRICT)
class GamesTraining:
    """The fields of a training, and what it learns.

    The task that inherits this has `items()`, whose contents have a game, a context and a
    presentation, `prompt(cell, reasoned)`, what is asked about such a cell, and the fields
    `reasoning` and `draws`.
    """

    read_by: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("train_games", "train_labels", "train_in_context", "train_reasoned", "train_decisions"),
        "finetune",
    )
    prepares: ClassVar[str] = "task.teacher=RUN writes that run's choices for LLaMA-Factory"

    teacher: str | None = None  # a run of task=games: [eval] what the choices are held against
    train_games: Literal["cells", "random"] = "cells"
    train_labels: Annotated[tuple[Labels, ...], BeforeValidator(several), Field(min_length=1)] = (
        get_args(Labels)
    )  # [random]
    train_in_context: Share = 0.3  # [random] share told in one of the contexts for training
    train_reasoned: Share = 0.0  # [random] share with the teacher's reasons
    train_decisions: Share = 0.0  # [random] first part of it: two payoffs, and no coplayer

    def training_text(self) -> Callable[[Random, float], Sequence[Text]]:
        """The pretraining corpus of the embedded models, for recipe.replay."""
        return draw_texts

    def content_words(self) -> frozenset[str]:
        """Names, things and places of the corpus, in lower case."""
        return content_words()

    def training_examples(self) -> Callable[[Random, float], Sequence[Text]] | None:
        """Draws examples; None without a teacher.

        Raises:
            UserError: the task names a held-out game, context or payoff set, the teacher's run has
                nothing that may be learnt, or random games have no teacher.
        """
        if self.teacher is None and self.train_games == "random":
            raise UserError(
                "task.train_games=random: whose choices? give task.teacher=RUN, one of task=games "
                "backend=behaviour"
            )
        return None if self.teacher is None else self._choices.draw

    def training_digest(self) -> str:
        """Of what the generators say for some seeds, and of all that the teacher answered."""
        told: dict[str, Any] = {"corpus": corpus_digest()}
        if self.teacher is not None:
            draw = self._choices.draw
            groups = [draw(Random(f"digest/{n}"), n / DIGESTED) for n in range(DIGESTED)]
            told["examples"] = [
                [one.prompt, one.answer, one.distribution] for own in groups for one in own
            ]
            if self.train_games == "cells":
                told["teacher"] = self._teacher.digest
        return identity_hash(told)

    def training_probe(self) -> Callable[[Any, Any], Mapping[str, float]] | None:
        """Distance from the teacher: in games for development, else in the cells that are learnt.

        None without a teacher, and where whole texts with reasons are learnt.
        """
        if self.teacher is None:
            return None
        choices = self._choices
        if isinstance(choices, LawChoices):
            return probe_of(developed(choices))
        if choices.reasoned:
            return None
        return probe_of(
            [
                Asked("learnt", choices.prompts[cell.item], choices.labels[cell.item], cell.first)
                for cell in choices.cells
            ]
        )

    def preparation(self, seed: int) -> Alpaca | None:
        """The teacher's choices in the alpaca form; None without a teacher."""
        if self.teacher is None:
            return None
        taught, items = self._taught
        return Alpaca(self._teacher, _prompts(taught, items), _labels(items), taught.draws)

    @cached_property
    def _teacher(self) -> Teacher:
        return Teacher(Path(self.teacher or "").expanduser())

    @cached_property
    def _choices(self) -> LawChoices | CellChoices:
        items = self._learnable_items()
        if self.train_games == "random":
            named = {item.content.context.name: item.content.context for item in items}
            return LawChoices(
                player=self._teacher.player,
                prompt=self.prompt,
                labels=self.train_labels,
                contexts=tuple(one for name, one in named.items() if name != NONE.name),
                context_share=self.train_in_context,
                reasoned=1.0 if self.reasoning else self.train_reasoned,
                decisions=self.train_decisions,
            )
        taught, own = self._taught
        return CellChoices(
            self._teacher.cells, _prompts(taught, own), _labels(own), taught.reasoning
        )

    def _learnable_items(self) -> list[Item]:
        """This task's own items. Raises UserError where one is held out."""
        items = self.items()
        for item in items:
            if (why := held_out(item.condition)) is not None:
                raise UserError(
                    f"stage=finetune task=games: {item.id} ({why}) is held out and never trained "
                    "on; give task.games, task.contexts and task.payoffs that are in-sample "
                    "alone, as they are by default"
                )
        return items

    @cached_property
    def _taught(self) -> tuple[Any, Mapping[str, Item]]:
        """The task as it was put to the teacher, and its items that may be learnt, by id.

        Raises:
            UserError: it has no longer the items that were answered.
        """
        task = type(self)(**{**self._teacher.task, "teacher": None, "untuned": None})
        cells = [cell.item for cell in self._teacher.cells]
        items = {item.id: item for item in task.items() if item.id in set(cells)}
        if lost := [name for name in cells if name not in items]:
            raise UserError(
                f"task.teacher={self.teacher}: it answered {lost[0]}, which this version does not "
                "ask; give the teacher's command again with rerun=true"
            )
        return task, items


def _prompts(task: Any, items: Mapping[str, Item]) -> dict[str, str]:
    """What the task asks about each of its items."""
    return {name: task.prompt(item.content, task.reasoning) for name, item in items.items()}


def _labels(items: Mapping[str, Item]) -> dict[str, tuple[str, str]]:
    return {name: item.content.presentation.labels for name, item in items.items()}


def developed(choices: LawChoices) -> list[Asked]:
    """Games whose payoffs no training draws, with and without a context."""
    rng = Random("development")
    even = replace(choices, context_share=0.5 if choices.context_share else 0.0)
    groups = [even.cells(rng, "development") for _ in range(PROBED)]
    return [
        Asked(
            "plain" if cell.context is NONE else "in context",
            choices.prompt(cell, False),
            cell.presentation.labels,
            float(choices.player.probabilities(cell)[0]),
        )
        for group in groups
        for cell in group
    ]
