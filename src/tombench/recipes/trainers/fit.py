"""Run one of trl's trainers in a job's folder, from where it was left, and keep what it learnt."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tombench.errors import RunFailed
from tombench.processes import place
from tombench.recipes.base import TrainingJob
from tombench.recipes.trainers.arguments import training_arguments
from tombench.recipes.trainers.identity import training_identity
from tombench.recipes.trainers.mark import newest
from tombench.recipes.trainers.material import Material
from tombench.recipes.trainers.network import Pupil, learning_rate, told_of
from tombench.recipes.trainers.results import Learnt, keep
from tombench.recipes.trainers.streams import ByLength, as_dataset, eager_dataset
from tombench.recipes.trainers.tokens import Tokens
from tombench.recipes.trainers.watch import Watch
from tombench.recipes.tuning import TuningSettings

Columns = Callable[[Tokens], dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Setup:
    """All that a trainer is built from."""

    settings: TuningSettings
    job: TrainingJob
    pupil: Pupil
    material: Material

    @property
    def arguments(self) -> dict[str, Any]:
        """Keywords of the trainer's configuration class."""
        rate = learning_rate(self.settings, self.pupil.parameters)
        return training_arguments(self.settings, self.job, self.material.course, rate)

    def datasets(self, columns: Columns) -> dict[str, Any]:
        """What is trained on and what is evaluated on, as a trainer's keywords."""
        course = self.material.course
        ordered = ByLength(self.material.stream)
        stream = as_dataset(ordered, course.rows, course.effective_batch, columns)
        held_out = self.material.validation
        evaluates = held_out and self.settings.evaluate_every
        return {
            "train_dataset": stream,
            "eval_dataset": eager_dataset(held_out, columns) if evaluates else None,
        }


def fit(setup: Setup, trainer: Any) -> dict[str, float]:
    """Train to the end, from the newest whole checkpoint; writes what was learnt.

    Returns loss, tokens, seconds, parameters and what was measured last. Raises UserError on a
    loss that is no number and on a checkpoint of another training, RunFailed where memory or
    disk do not suffice.
    """
    settings, job = setup.settings, setup.job
    trainer.identity = training_identity(settings, job, setup.material.course)
    found = newest(job.folder / "checkpoints", trainer.identity)
    watch = Watch(
        job=job,
        tokenizer=setup.pupil.encoding.tokenizer,
        updates=setup.material.course.updates,
        evaluate_every=settings.evaluate_every,
    )
    if found is not None:
        watch.mark = found[1]
    trainer.watch = watch
    _only_ours(trainer, watch, settings)
    job.log(told_of(trainer.model))
    if watch.mark.step:
        job.log(f"goes on after update {watch.mark.step} of {watch.updates}")
    with memory_told(settings):
        if watch.mark.stopped:
            _take_best(trainer, found[0])
        else:
            trainer.train(resume_from_checkpoint=str(found[0]) if found else None)
    # what is sharded is gathered by all processes together
    state = trainer.accelerator.get_state_dict(trainer.model) if settings.fsdp else None
    if not place().leads:
        return {}
    kept = _ended_early(trainer, watch) if settings.early_stopping else None
    rate = learning_rate(settings, setup.pupil.parameters)
    numbers = {"learning rate": rate, "parameters": setup.pupil.parameters} | watch.conclude(kept)
    network = trainer.accelerator.unwrap_model(trainer.model)
    keep(settings, job, Learnt(network, state), setup.pupil, numbers)
    return numbers


def _take_best(trainer: Any, folder: Path) -> None:
    """A training that had ended early was killed before its weights were kept."""
    from transformers import TrainerState

    trainer.state = TrainerState.load_from_json(str(folder / "trainer_state.json"))
    trainer._load_best_model()


def _ended_early(trainer: Any, watch: Watch) -> int | None:
    """Tell where the training ended and which update's weights are kept; that update."""
    state = trainer.state
    kept = state.best_global_step
    if kept is None:
        return None
    watch.job.log(
        f"ended at update {state.global_step} of {watch.updates}; kept update {kept}, whose "
        f"evaluation loss is the best: {state.best_metric:.4g}"
    )
    return kept


def _only_ours(trainer: Any, watch: Watch, settings: TuningSettings) -> None:
    """Our eyes on the training in place of the prints; early stopping where it is asked for."""
    from transformers import EarlyStoppingCallback, PrinterCallback, ProgressCallback

    for printing in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(printing)
    trainer.add_callback(watch)
    if settings.report == "tensorboard" and place().leads:
        from torch.utils.tensorboard import SummaryWriter
        from transformers.integrations import TensorBoardCallback

        folder = str(watch.folder / "tensorboard")  # not in checkpoints/, which go in the end
        trainer.add_callback(TensorBoardCallback(SummaryWriter(folder)))
    if settings.early_stopping:
        trainer.add_callback(EarlyStoppingCallback(settings.early_stopping))


@contextmanager
def memory_told(settings: TuningSettings) -> Iterator[None]:
    """One line where the device's memory does not suffice."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise RunFailed(
            f"the device's memory does not hold recipe.batch_size={settings.batch_size}; give a "
            "smaller one with recipe.accumulation as much larger, recipe.gradient_checkpointing="
            "true, model.quantization=nf4, or several GPUs with recipe.fsdp=full_shard"
        ) from error
