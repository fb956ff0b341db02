"""The training loop behind every recipe: kill it anywhere, run it again, same weights."""

import hashlib
import json
import math
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from tombench.errors import UserError
from tombench.recipes import checkpoint
from tombench.recipes.base import TrainingJob
from tombench.recipes.curve import append_points, plot_curve, points_of, read_curve, write_curve
from tombench.recipes.forward import Forward
from tombench.recipes.log import LogRow, append_row, plot_loss, read_log, write_log
from tombench.recipes.optimizers import new_optimizers, set_learning_rates
from tombench.recipes.packing import Batch
from tombench.recipes.settings import TrainingSettings

LOG_EVERY = 10  # steps


class Batches(Protocol):
    """What is trained on."""

    def batch(self, step: int) -> Batch:
        """The batch of a step (0-based): the same whenever it is asked for."""
        ...


@dataclass(frozen=True)
class Learner:
    """A model to be trained, and on what."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    batches: Batches
    identity: Any  # plain values: what decides the weights besides settings and seed


class Training:
    """One training in one folder."""

    def __init__(self, settings: TrainingSettings, job: TrainingJob, learner: Learner) -> None:
        self.settings, self.job, self.learner = settings, job, learner
        self.model = learner.model.train()
        self.forward = Forward(self.model, settings.precision)
        self.optimizers = new_optimizers(settings, self.model)
        self.checkpoint = job.folder / "checkpoint" / "training.safetensors"
        self.measured = 0.0  # seconds that the probe took

    def run(self) -> dict[str, float]:
        """Train what is left to train, then write model and pictures.

        Returns loss, tokens, seconds, parameters and the probe's last numbers.
        """
        settings, folder = self.settings, self.job.folder
        identity = self._identity()
        weights = dict(self.model.named_parameters())
        done = checkpoint.load(self.checkpoint, weights, self.optimizers, identity).step
        rows = read_log(folder / "log.csv", until=done)
        write_log(folder / "log.csv", rows)
        self._start_curve(done)
        losses: list[float] = []
        self.measured = 0.0  # what the probe took before the clock starts does not count
        earlier, started = (rows[-1].seconds if rows else 0.0), time.monotonic()
        for step in range(done, settings.steps):
            losses.append(self._step(step))
            finished = step + 1
            seconds = earlier + time.monotonic() - started - self.measured
            if finished % LOG_EVERY == 0 or finished == settings.steps:
                rows.append(self._row(finished, losses, seconds, rows))
                append_row(folder / "log.csv", rows[-1])
                losses = []
            if self._is_due(finished, settings.evaluate_every):
                self._measure(finished, seconds)
            if self._is_due(finished, settings.checkpoint_every):  # last: what is kept is whole
                state = checkpoint.State(finished, identity)
                checkpoint.save(self.checkpoint, weights, self.optimizers, state)
            self.job.progress(finished, settings.steps)
        return self._conclude(rows)

    def _step(self, step: int) -> float:
        """One update; returns the loss before it, in nats a token."""
        torch.manual_seed(_step_seed(self.job.seed, step))  # dropout, where a model has it
        set_learning_rates(self.optimizers, self.settings, step)
        loss = self.forward.learn(self.learner.batches.batch(step))
        learnt = [weight for weight in self.model.parameters() if weight.requires_grad]
        norm = torch.nn.utils.clip_grad_norm_(learnt, self.settings.gradient_clip)
        if not (math.isfinite(loss) and torch.isfinite(norm)):
            raise UserError(
                f"step {step + 1}: loss {loss}, gradient norm {norm.item()}; the last good "
                f"checkpoint stays in {self.checkpoint.parent}; lower recipe.learning_rate or "
                "raise recipe.warmup"
            )
        for optimizer in self.optimizers.values():
            optimizer.step()
            optimizer.zero_grad()
        return loss

    def _row(
        self, finished: int, losses: list[float], seconds: float, rows: list[LogRow]
    ) -> LogRow:
        """The log's next row."""
        tokens_a_step = self.settings.batch_size * self.settings.sequence_length
        since = max(seconds - (rows[-1].seconds if rows else 0.0), 1e-9)
        rate = next(iter(self.optimizers.values())).param_groups[0]["lr"]
        return LogRow(
            finished,
            round(sum(losses) / len(losses), 5),
            round(rate, 6),
            finished * tokens_a_step,
            round(len(losses) * tokens_a_step / since, 1),
            round(seconds, 2),
        )

    def _is_due(self, finished: int, every: int) -> bool:
        return every > 0 and (finished % every == 0 or finished == self.settings.steps)

    def _start_curve(self, done: int) -> None:
        """Keep what was measured before an interruption; measure the model that is given."""
        self.points = read_curve(self.job.folder / "curve.csv", until=done)
        if self.job.probe is None or not self.settings.evaluate_every:
            return
        write_curve(self.job.folder / "curve.csv", self.points)
        if done == 0:
            self._measure(0, 0.0)

    def _measure(self, finished: int, seconds: float) -> None:
        """Ask the probe, and keep what it says."""
        if self.job.probe is None:
            return
        started = time.monotonic()
        with torch.no_grad():
            values = self.job.probe(self.model.eval(), self.learner.tokenizer)
        self.model.train()
        tokens = finished * self.settings.batch_size * self.settings.sequence_length
        points = points_of(finished, tokens, seconds, values)
        append_points(self.job.folder / "curve.csv", points)
        self.points += points
        self.measured += time.monotonic() - started

    def _identity(self) -> str:
        """Everything but the texts that decides the weights."""
        unread = self.settings.not_identity
        settings = {k: v for k, v in asdict(self.settings).items() if k not in unread}
        named = json.dumps([settings, self.learner.identity, self.job.seed], sort_keys=True)
        return hashlib.sha256(named.encode()).hexdigest()

    def _conclude(self, rows: list[LogRow]) -> dict[str, float]:
        """Write pictures and model; the numbers that remain."""
        folder = self.job.folder
        plot_loss(rows, folder / "figures" / "loss.png")
        last = [point for point in self.points if point.step == self.settings.steps]
        if self.points:
            plot_curve(self.points, folder / "figures" / "curve.png")
        export(self.model, self.learner.tokenizer, folder / "model")
        return {
            "loss": rows[-1].loss,
            "tokens": rows[-1].tokens,
            "seconds": rows[-1].seconds,
            "parameters": sum(weight.numel() for weight in self.model.parameters()),
        } | {point.name: point.value for point in last}


def export(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Weights rounded to bfloat16, configuration and tokenizer, as transformers reads them.

    The model itself is rounded: nothing is to be trained or measured after this.
    """
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    model.to(torch.bfloat16).save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    partial.rename(folder)


def _step_seed(seed: int, step: int) -> int:
    """Torch's seed at a step, so that a resumed training drops out the same units."""
    return int.from_bytes(hashlib.sha256(f"step/{seed}/{step}".encode()).digest()[:7], "big")
