"""What is changed in all of trl's trainers: examples in our order, whole checkpoints, no NaN."""

import math
import shutil
from pathlib import Path
from typing import Any

import torch
import trl.trainer.utils
from torch.utils.data import SequentialSampler

from tombench.errors import RunFailed, UserError
from tombench.processes import place
from tombench.recipes.trainers.mark import Mark, put_mark
from tombench.recipes.trainers.watch import Watch

LEAST_ROOM = 1 << 20  # bytes

# trl projects the labelled positions alone where it has Triton, and every position elsewhere: that
# a device might compile each shape anew does not hold for a processor, and most are prompt.
if hasattr(trl.trainer.utils, "_use_triton"):
    trl.trainer.utils._use_triton = lambda device: True


class Steady:
    """Mixed into a trainer before trl's class."""

    watch: Watch
    identity: str = ""

    def _get_train_sampler(self, dataset: Any = None) -> SequentialSampler:
        """The rows' order is the stream's."""
        return SequentialSampler(self.train_dataset if dataset is None else dataset)

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        """Rows are token ids already."""
        return dataset

    def training_step(self, model: Any, inputs: Any, *rest: Any, **named: Any) -> torch.Tensor:
        """One batch; a loss that is not a number ends the training where it appears."""
        loss = super().training_step(model, inputs, *rest, **named)
        self._count(inputs)
        if not math.isfinite(loss.item()):
            raise UserError(self._told_of(f"loss {loss.item()}"))
        return loss

    def _count(self, inputs: Any) -> None:
        """Tokens that this batch holds, and those of the other processes alike."""
        self.watch.tokens += int(inputs["attention_mask"].sum()) * place().world

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """A checkpoint counts once it is whole; one that cannot be written is taken away."""
        step = self.state.global_step
        folder = Path(self.args.output_dir) / f"checkpoint-{step}"
        learnt = (weight for weight in model.parameters() if weight.requires_grad)
        if not all(bool(torch.isfinite(weight).all()) for weight in learnt):
            raise UserError(self._told_of("weights that are no numbers"))
        try:
            super()._save_checkpoint(model, trial)
            self.accelerator.wait_for_everyone()  # each process writes a file of its own
            if place().leads:
                put_mark(folder, self._mark())
        except UserError:
            raise
        except Exception as error:  # torch, safetensors and the system each have their own
            shutil.rmtree(folder, ignore_errors=True)
            earlier = any(folder.parent.glob("checkpoint-*"))
            kept = f"earlier ones in {folder.parent} are kept" if earlier else "it was the first"
            raise RunFailed(
                f"step {step}: the checkpoint cannot be written ({_why(error, folder.parent)}); "
                f"{kept}: make room, then give the same command again"
            ) from error

    def _mark(self) -> Mark:
        watch, ended = self.watch, bool(self.control.should_training_stop)
        step = self.state.global_step
        stopped = ended and step < watch.updates
        return Mark(step, watch.tokens, watch.seconds, self.identity, stopped)

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """Cards are ours."""

    def _told_of(self, what: str) -> str:
        return (
            f"step {self.state.global_step + 1}: {what}; the last good checkpoint stays in "
            f"{self.args.output_dir}; lower recipe.learning_rate or raise recipe.warmup"
        )


def _why(error: Exception, folder: Path) -> str:
    """What a library says, or that the disk is full, which torch does not say."""
    if shutil.disk_usage(folder).free < LEAST_ROOM:
        return "no space left on the device"
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
