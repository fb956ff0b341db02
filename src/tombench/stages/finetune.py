"""stage=finetune: train a model by a recipe on a task's texts; a run folder holds the weights.

tombench stage=finetune task=vignettes recipe=pretrain model=tiny
tombench stage=finetune task=vignettes recipe=sft model=tiny
tombench stage=eval model=local model.path=outputs/finetune/vignettes/tiny-sft/v0001
"""

import logging
import shutil
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any, ClassVar

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass as checked

from tombench import __version__
from tombench.config import build, plain
from tombench.models.base import Model
from tombench.progress import progress
from tombench.provenance import facts, hardware
from tombench.recipes.base import Recipe, TrainingJob
from tombench.records import RunFolder, open_run
from tombench.schema import STRICT
from tombench.stages.base import log_into
from tombench.tasks.base import Task

NEEDED_TO_RESUME = ("checkpoint", "tokenizer")  # the tokenizer stands in model/ too

logger = logging.getLogger("tombench")


@checked(frozen=True, config=STRICT)
class Finetune:
    """Build task, model and recipe; train, or go on with an interrupted training."""

    uses: ClassVar[tuple[str, ...]] = ("task", "model", "recipe")

    def run(self, config: DictConfig) -> Path | None:
        task, model, recipe = (build(config, key) for key in ("task", "model", "recipe"))
        name = type(recipe).__name__.lower()
        parent = Path(config.output_root) / "finetune" / task.name / f"{model.name}-{name}"
        job = job_of(task, model, parent, config.seed)
        recipe.check(job)
        if config.dry_run:
            print("\n".join(recipe.plan(job)))
            return None
        identity = identity_of(task, recipe, job)
        with open_run(parent, identity, facts(config), config.rerun) as run:
            if run.finished:
                logger.info("finished before; nothing to do (rerun=true runs it again)")
                return run.path
            label = f"{name} · {model.name}"
            with log_into(run.path), progress(label, 0, quiet=config.quiet) as bar:
                job = replace(job, folder=run.path, progress=bar.reached)
                _train(recipe, job, run)
        return run.path


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
        content_words=given("content_words", frozenset()),
        probe=given("training_probe"),
    )


def identity_of(task: Task, recipe: Recipe, job: TrainingJob) -> dict[str, Any]:
    """Everything that can change the weights or the learning curve, and nothing else."""
    corpus = getattr(task, "training_digest", None)
    settings = {k: v for k, v in plain(recipe).items() if k not in recipe.not_identity}
    return {
        "stage": "finetune",
        "version": __version__,
        "task": {"name": task.name, "corpus": corpus() if corpus else None},
        "model": recipe.identity(job.model),
        "recipe": {"name": type(recipe).__name__.lower()} | settings,
        "seed": job.seed,
    }


def _train(recipe: Recipe, job: TrainingJob, run: RunFolder) -> None:
    """Train, record what it came to, and clear away what only a resumption needs."""
    for line in takewhile(bool, recipe.plan(job)):  # up to a blank line come the numbers
        logger.info(line)
    results = recipe.train(job)
    logger.debug("done: %s", results)
    run.finish(hardware=hardware(), results=results)
    for name in NEEDED_TO_RESUME:
        shutil.rmtree(run.path / name, ignore_errors=True)
    for key, value in results.items():
        print(f"{key:10} {value:,.4g}")
