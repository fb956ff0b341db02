"""stage=finetune: train a model by a recipe; a run folder holds what was learnt.

tombench stage=finetune task=vignettes recipe=pretrain model=tiny
tombench stage=finetune task=vignettes recipe=sft model=tiny
tombench stage=finetune recipe=sft model=llama3-8b recipe.data=pairs.jsonl
tombench stage=finetune recipe=rlhf model=tiny
tombench stage=eval model=local model.path=outputs/finetune/vignettes/tiny-sft/v0001
"""

import logging
import shutil
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
from itertools import takewhile
from pathlib import Path
from typing import Any, ClassVar

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass as checked

from tombench import __version__, processes
from tombench.config import build, plain
from tombench.errors import RunFailed
from tombench.models.base import Model
from tombench.processes import Team, place
from tombench.progress import progress
from tombench.provenance import facts, hardware
from tombench.recipes.base import Recipe, TrainingJob
from tombench.recipes.chain import Chain
from tombench.records import RunFolder, open_run
from tombench.schema import STRICT
from tombench.stages.base import log_into
from tombench.tasks.base import Task

NEEDED_TO_RESUME = ("checkpoint", "checkpoints", "tokenizer")  # the tokenizer stands in model/ too

logger = logging.getLogger("tombench")


@checked(frozen=True, config=STRICT)
class Finetune:
    """Build task, model and recipe; train, or go on with an interrupted training."""

    uses: ClassVar[tuple[str, ...]] = ("task", "model", "recipe")
    several_processes: ClassVar[bool] = True

    def run(self, config: DictConfig) -> Path | None:
        task, model, recipe = (build(config, key) for key in ("task", "model", "recipe"))
        start = Link(task, model, recipe, config)
        recipe.check(start.job)
        if config.dry_run:
            print("\n".join(recipe.plan(start.job)))
            return None
        course = Course(config, processes.team())
        return course.chain(start) if isinstance(recipe, Chain) else course.link(start)


@dataclass(frozen=True)
class Link:
    """One training: what is trained by which recipe."""

    task: Task
    model: Model
    recipe: Recipe
    config: DictConfig

    @property
    def name(self) -> str:
        """The recipe's, as the command line has it."""
        return self.recipe.name

    @property
    def parent(self) -> Path:
        """Where its run folders stand."""
        root = Path(self.config.output_root) / "finetune"
        return root / self.task.name / f"{self.model.name}-{self.name}"

    @property
    def job(self) -> TrainingJob:
        """What the task gives to train on."""
        return job_of(self.task, self.model, self.parent, self.config.seed)

    def identity(self) -> dict[str, Any]:
        """Everything that can change the weights or the learning curve, and nothing else."""
        return identity_of(self.task, self.recipe, self.job)


@dataclass
class Course:
    """The links of a command, one after the other; several processes walk them together."""

    config: DictConfig
    team: Team
    walked: int = field(default=0)  # links so far

    def link(self, link: Link) -> Path | None:
        """Train in a run folder, unless that is done; its path. Followers help where they can."""
        self.walked += 1
        opened, ended = f"opened/{self.walked}", f"ended/{self.walked}"
        if not self.team.leads:
            folder = self.team.hear(opened)
            if folder is not None and link.recipe.several_processes:
                link.recipe.train(replace(link.job, folder=Path(folder)))
            return Path(self.team.hear(ended))
        known = facts(self.config) | {"processes": place().world}
        with open_run(link.parent, link.identity(), known, self.config.rerun) as run:
            if run.finished:
                self.team.tell(opened, None)
                _clear(run.path)  # a kill may have come between the end and this
                logger.info("%s: finished before (rerun=true runs it again)", run.path)
            else:
                label = f"{link.name} · {link.model.name}"
                with log_into(run.path), progress(label, 0, quiet=self.config.quiet) as bar:
                    self.team.tell(opened, str(run.path))
                    job = replace(link.job, folder=run.path, progress=bar.reached, log=logger.info)
                    _train(link.recipe, job, run)
        self.team.tell(ended, str(run.path))
        return run.path

    def chain(self, start: Link) -> Path | None:
        """Each link in a run folder of its own; the chain's folder points at the last."""
        chain = start.recipe
        done: list[Path] = []

        def run(recipe: Recipe, model: Model) -> Path:
            path = self.link(Link(start.task, model, recipe, self.config))
            done.append(path)
            return path

        if not self.team.leads:
            chain.follow(start.model, run)
            return None
        with open_run(start.parent, start.identity(), facts(self.config), self.config.rerun) as own:
            if own.finished:
                logger.info("finished before; nothing to do (rerun=true runs it again)")
                return own.path
            with log_into(own.path):
                last = chain.follow(start.model, run)
                point_at(own.path, last)
                links = [str(path) for path in done]
                own.finish(hardware=hardware(), links=links)
                print("\n".join(links))
        return own.path


def point_at(folder: Path, last: Path) -> None:
    """The chain's folder leads to the weights of its last link: `merged` or `model`."""
    for name in ("merged", "model", "adapter"):
        if (last / name).is_dir():
            link = folder / name
            link.unlink(missing_ok=True)
            link.symlink_to(Path("..") / ".." / last.parent.name / last.name / name)
            return


def job_of(task: Task, model: Model, folder: Path, seed: int) -> TrainingJob:
    """What a task gives to train on; a task need not have any of it."""

    def given(name: str, default: Any = None) -> Any:
        method = getattr(task, name, None)
        return default if method is None else method()

    return TrainingJob(
        model=model,
        folder=folder,
        seed=seed,
        text=given("training_text"),
        examples=given("training_examples"),
        preferences=given("training_preferences"),
        reward=given("training_reward"),
        content_words=given("content_words", frozenset()),
        probe=given("training_probe"),
    )


def identity_of(task: Task, recipe: Recipe, job: TrainingJob) -> dict[str, Any]:
    """Everything that can change the weights or the learning curve, and nothing else."""
    corpus = getattr(task, "training_digest", None)
    several = {"processes": place().world} if recipe.several_processes and place().world > 1 else {}
    return {
        "stage": "finetune",
        "version": __version__,
        "task": {"name": task.name, "corpus": corpus() if corpus else None},
        "model": recipe.identity(job.model),
        "recipe": {"name": recipe.name} | settings_of(recipe),
        "data": recipe.data_identity(),
        "seed": job.seed,
    } | several


def _clear(folder: Path) -> None:
    """Take away what only a resumption needs."""
    for name in NEEDED_TO_RESUME:
        shutil.rmtree(folder / name, ignore_errors=True)


def settings_of(recipe: Recipe) -> dict[str, Any]:
    """A recipe's fields that can change its result; those of a chain's links alike."""
    found = {}
    for key in (one.name for one in dataclass_fields(recipe)):
        value = getattr(recipe, key)
        if key not in recipe.not_identity:
            found[key] = settings_of(value) if hasattr(value, "not_identity") else plain(value)
    return found


def _train(recipe: Recipe, job: TrainingJob, run: RunFolder) -> None:
    """Train, record what it came to, and clear away what only a resumption needs."""
    for line in takewhile(bool, recipe.plan(job)):  # up to a blank line come the numbers
        logger.info(line)
    try:
        results = recipe.train(job)
    except OSError as error:
        named = f" {error.filename}" if error.filename else ""
        raise RunFailed(
            f"cannot write{named}: {error.strerror or error}; checkpoints are kept: make room, "
            "then give the same command again"
        ) from error
    logger.debug("done: %s", results)
    run.finish(hardware=hardware(), results=results)
    _clear(run.path)
    for key, value in results.items():
        if not key.startswith("training") and "/cell " not in key:
            whole = float(value).is_integer() and abs(value) >= 1
            print(f"{key:24} {value:,.0f}" if whole else f"{key:24} {value:,.4g}")
