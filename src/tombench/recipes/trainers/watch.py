"""What is seen of a training while it goes on: log.csv, curve.csv, the probe, the progress bar."""

import resource
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from tombench.processes import place
from tombench.recipes.base import TrainingJob
from tombench.recipes.curve import (
    Point,
    append_points,
    plot_curve,
    points_of,
    read_curve,
    write_curve,
)
from tombench.recipes.log import LogRow, append_row, plot_loss, read_log, write_log
from tombench.recipes.trainers.mark import Mark

SPOKEN = {"loss", "learning_rate", "epoch", "step", "num_tokens", "num_input_tokens_seen"}
"""Names that log.csv has columns for, or that say nothing new."""
UNUSED = (
    *("runtime", "per_second", "total_flos", "train_loss", "num_tokens", "epoch", "step_time"),
    *("min_", "max_", "low_min", "high_max", "terminated", "rewards/rewards"),
)
"""Parts of names that are left out: spans beside their means, and what says nothing of learning."""


@dataclass
class Watch(TrainerCallback):
    """Writes in process 0 alone; what it counts goes on after an interruption."""

    job: TrainingJob
    tokenizer: Any
    updates: int
    evaluate_every: int
    mark: Mark = field(default_factory=Mark)  # where the training goes on from
    rows: list[LogRow] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    tokens: int = 0  # read in all processes
    measured: float = 0.0  # seconds that evaluations took since the start
    started: float = 0.0
    logged: tuple[int, float] = (0, 0.0)  # tokens and seconds at the row before

    @property
    def seconds(self) -> float:
        """Of training so far, interruptions and evaluations not counted."""
        return self.mark.seconds + time.monotonic() - self.started - self.measured

    @property
    def folder(self) -> Path:
        return self.job.folder

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        done = self.mark.step
        self.tokens, self.logged = self.mark.tokens, (self.mark.tokens, self.mark.seconds)
        if place().leads:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.rows = read_log(self.folder / "log.csv", until=done)
            self.points = read_curve(self.folder / "curve.csv", until=done)
            write_log(self.folder / "log.csv", self.rows)
            write_curve(self.folder / "curve.csv", self.points)
        self.started = time.monotonic()
        if done == 0:
            self._probe(0, kwargs["model"])

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        step = state.global_step
        if self.evaluate_every and (step % self.evaluate_every == 0 or step == self.updates):
            self._probe(step, kwargs["model"])
        if step == self.updates:
            control.should_log = True
        self.job.progress(step, self.updates)

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        logs = kwargs["logs"]
        if not place().leads:
            return
        if any(name.startswith("eval_") for name in logs):
            self._keep(state.global_step, "evaluation", logs, "eval_")
        elif "loss" in logs:
            self._row(state.global_step, logs)
            self._keep(state.global_step, "training", logs, "")

    def _row(self, step: int, logs: dict[str, Any]) -> None:
        seconds, (tokens, earlier) = self.seconds, self.logged
        if self.rows and self.rows[-1].step == step:
            return  # the last update is told twice where it is a tenth one
        speed = (self.tokens - tokens) / max(seconds - earlier, 1e-9)
        self.rows.append(
            LogRow(
                step=step,
                loss=round(float(logs["loss"]), 6),
                learning_rate=float(f"{logs['learning_rate']:.6g}"),
                tokens=self.tokens,
                tokens_per_second=round(speed, 1),
                seconds=round(seconds, 2),
                memory_mib=peak_memory(),
            )
        )
        append_row(self.folder / "log.csv", self.rows[-1])
        self.logged = (self.tokens, seconds)

    def _keep(self, step: int, panel: str, logs: dict[str, Any], prefix: str) -> None:
        """Further numbers of a trainer (rewards, accuracies, entropy) as points of the curve."""
        values = {
            _named(panel, name.removeprefix(prefix)): float(value)
            for name, value in logs.items()
            if isinstance(value, int | float)
            and not (name in SPOKEN and not prefix)
            and not any(part in name for part in UNUSED)
        }
        self._add(step, values)

    def _probe(self, step: int, model: Any) -> None:
        """Ask the task's probe in process 0, and keep what it says."""
        if self.job.probe is None or not self.evaluate_every or not place().leads:
            return
        started, was_training = time.monotonic(), model.training
        # what is measured must not move what is learnt
        with torch.no_grad(), torch.random.fork_rng(devices=_cuda_devices()):
            values = self.job.probe(model.eval(), self.tokenizer)
        model.train(was_training)
        self.measured += time.monotonic() - started
        self._add(step, values)

    def _add(self, step: int, values: dict[str, float]) -> None:
        points = points_of(step, self.tokens, self.seconds, values)
        append_points(self.folder / "curve.csv", points)
        self.points += points

    def conclude(self, kept: int | None = None) -> dict[str, float]:
        """Draw the pictures; the numbers that remain, of update `kept` where not of the last."""
        figures = self.folder / "figures"
        if self.rows:
            plot_loss(self.rows, figures / "loss.png")
        if self.points:
            plot_curve(self.points, figures / "curve.png")
        counted = [point for point in self.points if kept is None or point.step <= kept]
        last = {point.name: point.value for point in counted}  # a later one replaces an earlier
        known = self.rows[-1] if self.rows else None
        found = (
            {"loss": known.loss, "tokens": known.tokens, "seconds": known.seconds} if known else {}
        )
        return found | last


def _named(panel: str, name: str) -> str:
    """A point's name, PANEL/LINE: what trl measures on several scales has several panels."""
    words = name.replace("_", " ")
    if "accurac" in words:
        return f"accuracy/{panel} {words.replace('/', ' ')}"
    group, _, rest = words.rpartition("/")
    return f"{panel} {group}/{rest}" if group else f"{panel}/{words}"


def peak_memory() -> float:
    """MiB: of the GPU where there is one, else of the process."""
    if torch.cuda.is_available():
        return round(torch.cuda.max_memory_allocated() / 2**20, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10, 1)


def _cuda_devices() -> list[int]:
    return [torch.cuda.current_device()] if torch.cuda.is_available() else []
