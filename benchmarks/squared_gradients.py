"""Squared gradients of single samples: samples a second and peak memory, by how they are read.

    python benchmarks/squared_gradients.py [MODEL ...]

Each case is a process of its own, on one thread. *plain* is a forward and a backward pass of one
sample with gradients of all weights, none kept: what any way of taking gradients costs. *windows*
are 128 tokens that all count, *prompts* 24 to 56 whose last one does. The estimate is what
`gradient_memory` says beside the plain process's own memory; it holds for batches.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from random import Random

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from transformers import LlamaConfig, LlamaForCausalLM

from tombench.masking.batching import linear_modules, spans
from tombench.masking.memory import Reading, gradient_memory
from tombench.masking.names import layer_matrices, weights_by_name
from tombench.masking.per_sample import in_batches
from tombench.masking.squared_gradients import Sample, one_by_one

SHAPES = {
    "tiny": {"vocab_size": 2048, "hidden_size": 128, "intermediate_size": 384,
             "num_hidden_layers": 4, "num_attention_heads": 4},
    "llama-70m": {"vocab_size": 32000, "hidden_size": 512, "intermediate_size": 1408,
                  "num_hidden_layers": 12, "num_attention_heads": 8},
}  # fmt: skip
SAMPLES = {"tiny": 128, "llama-70m": 24}
WARM = 2  # samples that are not timed
WAYS = {"plain": 1, "one by one": 1, "batches of one": 1, "batched, 2048 tokens": 2048}
TEXTS = ("windows", "prompts")
MIB = 2**20
Step = Callable[[list[Sample]], None]


def samples_of(texts: str, count: int) -> list[Sample]:
    """Random tokens."""
    random = Random(0)
    if texts == "windows":
        return [Sample(random.choices(range(2048), k=128)) for _ in range(count)]
    lengths = [random.randint(24, 56) for _ in range(count)]
    return [Sample.last_token(random.choices(range(2048), k=length)) for length in lengths]


def plain(model: nn.Module, samples: list[Sample]) -> None:
    """What training would do, a sample at a time."""
    for sample in samples:
        ids = torch.tensor(sample.ids)
        logits = model(input_ids=ids[None], use_cache=False).logits[0, sample.first - 1 : -1]
        cross_entropy(logits, ids[sample.first :]).backward()
        model.zero_grad(set_to_none=True)


def timed(step: Step, samples: list[Sample], tokens: int) -> float:
    """Samples a second of this process's own time, which other processes do not count in."""
    step(samples[:WARM])
    rest = samples[WARM:]
    begun = time.process_time()
    for first, stop in spans([len(one.ids) for one in rest], 0, len(rest), tokens):
        step(rest[first:stop])
    return len(rest) / (time.process_time() - begun)


def estimate(model: nn.Module, samples: list[Sample], tokens: int) -> float:
    """MiB that `gradient_memory` says."""
    lengths = [len(one.ids) for one in samples]
    first, stop = next(spans(lengths, 0, len(samples), tokens))
    batch = samples[first:stop]
    counted = sum(len(one.ids) - one.first for one in batch)
    reading = Reading(len(batch) * max(lengths[:stop]), counted, model.config.vocab_size)
    weights = weights_by_name(model)
    shapes = {name: tuple(weights[name].shape) for name in layer_matrices(model)}
    size = sum(weight.numel() for weight in weights.values()) * 4
    return gradient_memory(size, shapes, reading, entry_bytes=4).total / MIB


def measure(name: str, texts: str, way: str) -> None:
    """One case, told as samples a second, MiB that came on top, MiB estimated."""
    torch.set_num_threads(1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    torch.manual_seed(0)
    model = LlamaForCausalLM(LlamaConfig(**SHAPES[name])).eval()
    samples, tokens = samples_of(texts, SAMPLES[name] + WARM), WAYS[way]
    if way == "plain":
        speed = timed(lambda batch: plain(model, batch), samples, tokens)
    else:
        weights, modules = weights_by_name(model), linear_modules(model)
        names = layer_matrices(model)
        sums = {one: torch.zeros_like(weights[one]) for one in names}
        adding = (
            one_by_one(model, {one: weights[one] for one in names}, sums)
            if way == "one by one"
            else in_batches(model, {one: modules[one] for one in names}, sums)
        )
        with adding as add:
            speed = timed(lambda batch: add(batch, 0), samples, tokens)
    on_top = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024  # KiB on Linux
    print(speed, on_top, estimate(model, samples, tokens))


def main() -> None:
    if len(sys.argv) == 4 and sys.argv[3] in WAYS:
        measure(*sys.argv[1:])
        return
    print("| model | texts | way | samples/s | of plain | peak MiB | estimate |")
    print("|---|---|---|---:|---:|---:|---:|")
    for name in sys.argv[1:] or SHAPES:
        for texts in TEXTS:
            speeds: dict[str, float] = {}
            for way in WAYS:
                command = [sys.executable, __file__, name, texts, way]
                told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                speeds[way], peak, said = map(float, told.split())
                share = speeds[way] / speeds["plain"]
                says = "" if way == "plain" else f"{said:,.0f}"
                cells = (name, texts, way, f"{speeds[way]:,.1f}", f"{share:.2f}")
                print(f"| {' | '.join(cells)} | {peak:,.0f} | {says} |", flush=True)


if __name__ == "__main__":
    main()
