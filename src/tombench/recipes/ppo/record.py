"""What is seen of a PPO training: log.csv, curve.csv, the probe; it goes on after a kill."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from tombench.errors import UserError
from tombench.recipes.base import TrainingJob
from tombench.recipes.checkpoint import State
from tombench.recipes.curve import (
    Point,
    append_points,
    plot_curve,
    points_of,
    read_curve,
    write_curve,
)
from tombench.recipes.log import LogRow, append_row, plot_loss, read_log, write_log
from tombench.recipes.ppo.report import Report
from tombench.recipes.trainers.watch import peak_memory

IN_LOG = ("loss", "rate", "tokens")


@dataclass
class Record:
    """One row and some points a step."""

    job: TrainingJob
    tokenizer: Any
    updates: int
    evaluate_every: int
    report: Report
    rows: list[LogRow] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    tokens: int = 0
    before: float = 0.0  # seconds of training before this start
    started: float = 0.0
    measured: float = 0.0  # seconds that the probe took

    @property
    def seconds(self) -> float:
        """Of training so far, interruptions and the probe not counted."""
        return self.before + time.monotonic() - self.started - self.measured

    def start(self, state: State, network: Any) -> None:
        """Keep what was written up to the checkpoint; measure what is given."""
        self.tokens = int(state.numbers.get("tokens", 0))
        self.before = state.numbers.get("seconds", 0.0)
        self.job.folder.mkdir(parents=True, exist_ok=True)
        self.rows = read_log(self.job.folder / "log.csv", until=state.step)
        self.points = read_curve(self.job.folder / "curve.csv", until=state.step)
        write_log(self.job.folder / "log.csv", self.rows)
        write_curve(self.job.folder / "curve.csv", self.points)
        self.started = time.monotonic()
        if state.step == 0:
            self._probe(0, network)

    def state(self) -> dict[str, float]:
        """What a resumed training goes on counting from."""
        return {"tokens": float(self.tokens), "seconds": self.seconds}

    def add(self, step: int, numbers: Mapping[str, float], network: Any) -> None:
        """A finished step. Raises UserError where one of its numbers is none."""
        wrong = [name for name, value in numbers.items() if not math.isfinite(value)]
        if wrong:
            raise UserError(
                f"step {step}: {wrong[0]} is {numbers[wrong[0]]}; the last good checkpoint stays "
                f"in {self.job.folder / 'checkpoint'}; lower recipe.learning_rate"
            )
        earlier = self.rows[-1].seconds if self.rows else 0.0
        self.tokens += int(numbers["tokens"])
        seconds = self.seconds
        self.rows.append(
            LogRow(
                step=step,
                loss=round(numbers["loss"], 6),
                learning_rate=float(f"{numbers['rate']:.6g}"),
                tokens=self.tokens,
                tokens_per_second=round(numbers["tokens"] / max(seconds - earlier, 1e-9), 1),
                seconds=round(seconds, 2),
                memory_mib=peak_memory(),
            )
        )
        append_row(self.job.folder / "log.csv", self.rows[-1])
        self.report(step, numbers)
        self._keep(step, {k: v for k, v in numbers.items() if k not in IN_LOG})
        if self.evaluate_every and (step % self.evaluate_every == 0 or step == self.updates):
            self._probe(step, network)

    def _probe(self, step: int, network: Any) -> None:
        """Ask the task's probe, and keep what it says; torch's random stream is left as it is."""
        if self.job.probe is None or not self.evaluate_every:
            return
        started = time.monotonic()
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            values = self.job.probe(network.eval(), self.tokenizer)
        self.measured += time.monotonic() - started
        self._keep(step, values)

    def _keep(self, step: int, values: Mapping[str, float]) -> None:
        points = points_of(step, self.tokens, self.seconds, values)
        append_points(self.job.folder / "curve.csv", points)
        self.points += points

    def conclude(self) -> dict[str, float]:
        """Draw the pictures; the numbers that remain."""
        figures = self.job.folder / "figures"
        plot_loss(self.rows, figures / "loss.png")
        plot_curve(self.points, figures / "curve.png")
        last = {point.name: point.value for point in self.points}
        row = self.rows[-1]
        return {"loss": row.loss, "tokens": row.tokens, "seconds": row.seconds} | last
