"""Numbers of a PPO training to wandb or tensorboard: `recipe.report`."""

from collections.abc import Callable, Mapping
from typing import Any

from tombench.recipes.base import TrainingJob

Report = Callable[[int, Mapping[str, float]], object]
"""Takes a finished step and its numbers."""


def reporter(name: str, job: TrainingJob) -> Report:
    """none, wandb or tensorboard; its library is there, `check` has seen to that."""
    if name == "tensorboard":
        return _to_tensorboard(job)
    if name == "wandb":
        return _to_wandb(job)
    return lambda step, numbers: None


def _to_tensorboard(job: TrainingJob) -> Report:
    from torch.utils.tensorboard import SummaryWriter

    writer: Any = SummaryWriter(str(job.folder / "tensorboard"))

    def write(step: int, numbers: Mapping[str, float]) -> None:
        for key, value in numbers.items():
            writer.add_scalar(key, value, step)
        writer.flush()

    return write


def _to_wandb(job: TrainingJob) -> Report:
    import wandb

    name = f"{job.folder.parent.name}/{job.folder.name}"
    run = wandb.init(project="tombench", name=name, dir=str(job.folder), resume="allow")
    return lambda step, numbers: run.log(dict(numbers), step=step)
