"""Recipes in a row, each link in its own run folder: recipe=rlhf, recipe=sft_dpo.

A link that is finished is found by its identity and not repeated, so a chain that was interrupted,
or whose last link was changed, goes on from there.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, ClassVar

from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.recipes.base import Recipe, TrainingJob
from tombench.recipes.dpo import Dpo
from tombench.recipes.merge import Merge
from tombench.recipes.ppo.recipe import Ppo
from tombench.recipes.reward import Reward
from tombench.recipes.sft import Sft
from tombench.recipes.tuning import TuningSettings
from tombench.schema import STRICT

Run = Callable[[Recipe, Model], Path]
"""Trains a model by a recipe, or finds that it is done; the run folder."""


@checked(frozen=True, config=STRICT)
class Chain:
    """What all chains share: each field is a link."""

    name: ClassVar[str]
    not_identity: ClassVar[frozenset[str]] = frozenset()
    several_processes: ClassVar[bool] = True  # of its links, those that can

    @abstractmethod
    def follow(self, model: Model, run: Run) -> Path:
        """Run the links in their order; the last one's folder."""

    def check(self, job: TrainingJob) -> None:
        """Every link, as far as it can be told before the one before it has run."""
        for link in self.links:
            link.check(job)

    def identity(self, model: Model) -> Mapping[str, Any]:
        """Of the first link's weights; the links' settings are the chain's fields."""
        return {link.name: link.identity(model) for link in self.links}

    def data_identity(self) -> list[str | None]:
        """That of each link."""
        return [link.data_identity() for link in self.links]

    def plan(self, job: TrainingJob) -> list[str]:
        """Each link's plan; those after the first are told of the model that is given."""
        lines = []
        for link in self.links:
            lines += [f"== {link.name}", *link.plan(job), ""]
        return lines

    def train(self, job: TrainingJob) -> dict[str, float]:
        """The stage walks the links; there is nothing of its own to train."""
        raise NotImplementedError

    @property
    def links(self) -> list[TuningSettings]:
        """Those that learn; merges come between them."""
        return [getattr(self, field.name) for field in fields(self)]


@checked(frozen=True, config=STRICT)
class SftDpo(Chain):
    """sft -> merge -> dpo -> merge, as the vignettes study's second pipeline."""

    name: ClassVar[str] = "sft_dpo"
    sft: Sft
    dpo: Dpo

    def follow(self, model: Model, run: Run) -> Path:
        """The reference of dpo is what sft made."""
        tuned = merged(run, run(self.sft, model), model)
        return merged(run, run(self.dpo, at(model, tuned)), at(model, tuned))


@checked(frozen=True, config=STRICT)
class Rlhf(Chain):
    """sft -> merge -> reward -> merge -> ppo -> merge, as the vignettes study's first pipeline."""

    name: ClassVar[str] = "rlhf"
    sft: Sft
    reward: Reward
    ppo: Ppo

    def check(self, job: TrainingJob) -> None:
        """Answers are paid by the chain's own reward model. Raises UserError for another."""
        for key in ("reward", "reward_model"):
            if getattr(self.ppo, key) is not None:
                raise UserError(
                    f"recipe.ppo.{key}: in recipe=rlhf the chain's own reward model pays; leave it "
                    "out, or run recipe=ppo alone"
                )
        self.sft.check(job)
        self.reward.check(job)
        self.ppo.check(replace(job, reward=job.reward or _later))

    def follow(self, model: Model, run: Run) -> Path:
        """Policy, reference and reward model start from what sft made.

        ppo takes the reward model's adapter, not its merged weights: so all three share one base.
        """
        tuned = at(model, merged(run, run(self.sft, model), model))
        judge = run(self.reward, tuned)
        merged(run, judge, tuned)
        policy = run(replace(self.ppo, reward_model=str(judge)), tuned)
        return merged(run, policy, tuned)


def _later(*_: Any) -> list[float]:
    """Stands for the reward model that is yet to be trained."""
    raise NotImplementedError


def merged(run: Run, trained: Path, base: Model) -> Path:
    """The run that holds whole weights: where an adapter was trained, a link more."""
    if not (trained / "adapter").is_dir():
        return trained
    return run(Merge(), replace(base, adapter=str(trained)))


def at(model: Model, run: Path) -> Model:
    """The model of a finished run, under the name that the user knows it by."""
    return replace(model, path=str(run), revision=None, adapter=None)
