"""stage=finetune: train a model by a recipe on a task's text; a run folder holds the weights.

tombench stage=finetune task=vignettes recipe=pretrain model=tiny
tombench stage=eval model=local model.path=outputs/finetune/vignettes/tiny-pretrain/v0001
"""

import logging
import shutil
from pathlib import Path
from typing import Any, ClassVar

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass as checked

from tombench import __version__
from tombench.config import build, plain
from tombench.errors import UserError
from tombench.progress import progress
from tombench.provenance import facts, hardware
from tombench.recipes.base import TrainingJob
from tombench.records import open_run
from tombench.schema import STRICT
from tombench.stages.base import log_into

NEEDED_TO_RESUME = ("checkpoint", "tokenizer")  # the tokenizer stands in model/ too

logger = logging.getLogger("tombench")


@checked(frozen=True, config=STRICT)
class Finetune:
    """Build task, model and recipe; train, or go on with an interrupted training."""

    uses: ClassVar[tuple[str, ...]] = ("task", "model", "recipe")

    def run(self, config: DictConfig) -> Path | None:
        task, model, recipe = (build(config, key) for key in ("task", "model", "recipe"))
        if not model.architecture:
            raise UserError(
                f"model={model.name}: it has no architecture to train from scratch; "
                "take model=tiny, or give model.architecture in a YAML file"
            )
        name = type(recipe).__name__.lower()
        if config.dry_run:
            print("\n".join(recipe.plan(model.architecture)))
            return None
        identity = {
            "stage": "finetune",
            "version": __version__,
            "task": {"name": task.name},
            "model": {"architecture": plain(model.architecture)},
            "recipe": {"name": name}
            | {k: v for k, v in plain(recipe).items() if k not in recipe.not_identity},
            "seed": config.seed,
        }
        parent = Path(config.output_root) / "finetune" / task.name / f"{model.name}-{name}"
        with open_run(parent, identity, facts(config), config.rerun) as run:
            if run.finished:
                logger.info("finished before; nothing to do (rerun=true runs it again)")
                return run.path
            with (
                log_into(run.path),
                progress(f"{name} · {model.name}", 0, quiet=config.quiet) as bar,
            ):
                job = TrainingJob(
                    task.training_text(), model.architecture, run.path, config.seed, bar.reached
                )
                for line in recipe.plan(model.architecture):
                    logger.info(line)
                results: dict[str, Any] = recipe.train(job)
                logger.debug("done: %s", results)
            run.finish(hardware=hardware(), results=results)
            for name in NEEDED_TO_RESUME:
                shutil.rmtree(run.path / name, ignore_errors=True)
        for key, value in results.items():
            print(f"{key:10} {value:,.4g}")
        return run.path
