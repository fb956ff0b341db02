"""Put the same multiple-choice requests to lm-evaluation-harness and to ours, side by side.

    benchmarks/install_lm_eval
    python benchmarks/lm_evaluation_harness.py [--model PATH] [--rounds 5] [--threads 2]

Both hold the model in a process of their own, in float32, with as many threads, and answer in
turns, so that other work on the machine slows both. Ours runs as an evaluation does; theirs is
`HFLM.loglikelihood` of lm-eval 0.4.13 at several batch sizes, of which the fastest counts. What is
printed: the largest difference of log-likelihoods, agreement on `greedy`, options scored a second
(medians of the rounds), their ratio by the clock and by processor time.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORKER = ROOT / "benchmarks" / "scoring_worker.py"
THEIRS = ("4", "8", "16")  # batch sizes, in sequences
OURS = "16384"  # batch_tokens, the default

NAMES = ("Ilse", "Omar", "Petra", "Jun", "Nadia", "Tomas", "Wren", "Malik", "Sofia", "Bram")
THINGS = ("brass key", "blue folder", "clay cup", "red scarf", "silver spoon", "paper map")
PLACES = ("left hook", "top drawer", "wicker basket", "tin box", "kitchen shelf", "green chest")
ROOMS = ("harbour museum", "school library", "small bakery", "theatre workshop", "town archive")
YES_NO = (" yes", " no")

Question = tuple[str, list[str]]  # context, options


@dataclass(frozen=True)
class Scene:
    """Somebody puts a thing away; somebody else moves it."""

    first: str
    second: str
    thing: str
    here: str
    there: str
    text: str

    @classmethod
    def drawn(cls, random: Random) -> "Scene":
        first, second = random.sample(NAMES, 2)
        here, there = random.sample(PLACES, 2)
        thing, room = random.choice(THINGS), random.choice(ROOMS)
        filler = " ".join(
            f"{random.choice(NAMES)} sweeps the floor near the {random.choice(PLACES)}."
            for _ in range(random.randrange(1, 6))
        )
        text = (
            f"{first} and {second} work at the {room}. {first} puts the {thing} on the {here}"
            f" and goes home for lunch. {filler} While {first} is away, {second} needs the"
            f" {here} and moves the {thing} to the {there}. Nobody tells {first} about it."
        )
        return cls(first, second, thing, here, there, text)

    def asked(self, question: str) -> str:
        return f"Scenario: {self.text} Question: {question} Answer:"


def one_token(random: Random) -> list[Question]:
    """A story a question, two options of one token."""
    scenes = [Scene.drawn(random) for _ in range(160)]
    asked = [f"Does {s.first} believe that the {s.thing} is on the {s.here}?" for s in scenes]
    return [(s.asked(q), list(YES_NO)) for s, q in zip(scenes, asked, strict=True)]


def long_options(random: Random) -> list[Question]:
    """A story a question, four options of about 40 tokens."""

    def option(s: Scene, one: str, other: str) -> str:
        return (
            f" {s.first} believes that the {s.thing} is on the {one}. {s.second} believes that the"
            f" {s.thing} is on the {other}."
        )

    scenes = [Scene.drawn(random) for _ in range(40)]
    return [
        (
            s.asked("Who believes what?"),
            [option(s, *both) for both in product((s.here, s.there), repeat=2)],
        )
        for s in scenes
    ]


def one_story(random: Random) -> list[Question]:
    """Six questions on each story, two options of one token."""
    asked = (
        "Does {first} believe that the {thing} is on the {here}?",
        "Does {second} believe that the {thing} is on the {here}?",
        "Is the {thing} on the {there} now?",
        "Did {first} see who moved the {thing}?",
        "Will {first} look for the {thing} on the {there}?",
        "Does {second} think that {first} knows where the {thing} is?",
    )
    scenes = [Scene.drawn(random) for _ in range(40)]
    return [(s.asked(q.format(**vars(s))), list(YES_NO)) for s in scenes for q in asked]


def worked_examples(random: Random) -> list[Question]:
    """Two worked examples before every question, two options of one token."""
    shown = [Scene.drawn(random) for _ in range(2)]
    header = "".join(
        s.asked(f"Is the {s.thing} on the {s.there}?") + " yes, it was moved there.\n\n"
        for s in shown
    )
    return [(header + context, options) for context, options in one_token(random)[:60]]


CASES: dict[str, Callable[[Random], list[Question]]] = {
    "one-token options": one_token,
    "long options": long_options,
    "six questions a story": one_story,
    "two worked examples": worked_examples,
}


class Worker:
    """A process that has loaded the model."""

    def __init__(self, python: str, *words: str, threads: int) -> None:
        names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
        limits = dict.fromkeys(names, str(threads)) | {"HF_HUB_OFFLINE": "1"}
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [python, str(WORKER), *words, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | limits,
            text=True,
        )
        self._read()
        self.startup = time.perf_counter() - began

    def ask(self, questions: list[Question]) -> dict[str, Any]:
        print(json.dumps(questions), file=self.process.stdin, flush=True)
        reply = self._read()
        self.peak = reply["peak"]  # bytes
        return reply

    def _read(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args} ended; run it by hand to see why")
        return json.loads(line)


def compare(name: str, questions: list[Question], workers: dict[str, Worker], rounds: int) -> None:
    """Ask all in turns and print one line."""
    answered = {side: worker.ask(questions) for side, worker in workers.items()}  # warm-up
    took: dict[str, list[dict[str, Any]]] = {side: [] for side in workers}
    for _ in range(rounds):
        for side, worker in workers.items():
            took[side].append(worker.ask(questions))
    ours, theirs = (answered[side]["answers"] for side in list(workers)[:2])
    difference = max(abs(a[0] - b[0]) for a, b in zip(ours, theirs, strict=True))
    agree = sum(a[1] == b[1] for a, b in zip(ours, theirs, strict=True))
    speed, cpu = (
        {side: len(ours) / median(one[unit] for one in own) for side, own in took.items()}
        for unit in ("seconds", "cpu")
    )
    best = max(list(workers)[1:], key=speed.__getitem__)
    each = ", ".join(f"{side} {speed[side]:.0f}" for side in list(workers)[1:])
    print(
        f"{name:22} {len(ours):5} {difference:9.1e} {agree:5}/{len(ours):<5}"
        f" {speed['ours']:8.0f} {speed[best]:8.0f} {speed['ours'] / speed[best]:6.2f}"
        f" {cpu['ours'] / max(cpu[side] for side in list(workers)[1:]):6.2f}   {each}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=str(ROOT / "data" / "models" / "tiny"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--python", default=str(ROOT / ".venv-lm-eval" / "bin" / "python"))
    options = parser.parse_args()
    if not Path(options.python).exists():
        raise SystemExit(f"{options.python} is missing: run benchmarks/install_lm_eval first")
    threads = options.threads
    workers = {"ours": Worker(sys.executable, "ours", options.model, OURS, threads=threads)}
    for size in THEIRS:
        words = ("lm-eval", options.model, size)
        workers[f"lm-eval {size}"] = Worker(options.python, *words, threads=threads)
    started = ", ".join(f"{side} {worker.startup:.1f} s" for side, worker in workers.items())
    print(f"{threads} threads, {options.rounds} rounds, medians; start-up: {started}")
    print(
        f"{'options':>28} {'max diff':>9} {'greedy':>11} {'ours/s':>8} {'theirs/s':>8}"
        f" {'ratio':>6} {'cpu':>6}   theirs by batch size"
    )
    for name, case in CASES.items():
        compare(name, case(Random(0)), workers, options.rounds)
    peaks = (f"{side} {worker.peak / 2**20:.0f} MiB" for side, worker in workers.items())
    print(f"peak memory: {', '.join(peaks)}")
    for worker in workers.values():
        worker.process.stdin.close()
        worker.process.wait()


if __name__ == "__main__":
    main()
