"""How long a run would take: a few planned batches are run, the rest follows by their size."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tombench.backends.base import Estimate, answer
from tombench.backends.hf.counting import Items, new_tokens, prompt_tokens
from tombench.backends.hf.memory import SLACK, Shape, peak_so_far, resident
from tombench.backends.hf.sizing import item_size, most_held
from tombench.schema import GenerateRequest, Request

if TYPE_CHECKING:
    from tombench.backends.hf.server import HfServer

FEW, SOME = 4, 12  # new tokens of the two cut runs, between which the cost of a step is read
PATIENCE = 10.0  # seconds: a batch that is expected to take less is run whole
SPREAD = (0.5, 0.1, 0.9)  # which planned batches are looked at, by their place in the plan


def estimate(server: "HfServer", requests: Items) -> Estimate:
    """Count tokens and bytes, and measure seconds (see `Estimate`)."""
    batches = [[requests[index] for index in batch] for batch in server.batches(requests)]
    weights = server.loaded.weights_bytes
    prompts = prompt_tokens(server.loaded.encoding, requests)
    new = new_tokens(server.loaded.encoding, requests)
    if not batches:
        return Estimate(0, 0, weights, 0.0, "nothing to do")
    memory = _memory(server, batches)
    looked_at = list(dict.fromkeys(int(share * len(batches)) for share in SPREAD))
    seconds = work = 0.0
    whole = measured = 0
    for place in looked_at:
        if measured and seconds > PATIENCE:
            break
        took, complete = _measure(server, batches[place])
        seconds, work = seconds + took, work + _work(server, batches[place])
        whole, measured = whole + complete, measured + 1
    total = seconds * sum(_work(server, batch) for batch in batches) / work
    how = f"measured on {measured} of {len(batches)} batches, {whole} of them run whole"
    return Estimate(prompts, new, weights, total, how, memory)


def _memory(server: "HfServer", batches: Sequence[Items]) -> int | None:
    """Bytes at the peak: what lies in memory once the weights have been used, and a batch."""
    loaded = server.loaded
    shape = Shape.of(loaded.causal_lm.config, loaded.causal_lm.dtype.itemsize)
    if shape is None:
        return None
    _cut_run(server, [min(batches[-1], key=lambda item: item_size(server.loaded, item).rows)], 1)
    batch = most_held(loaded, shape, batches, server.batch_tokens)
    if loaded.device.type != "cpu":
        return loaded.weights_bytes + batch
    return max(peak_so_far(), resident() + round(SLACK * batch))


def _measure(server: "HfServer", batch: Items) -> tuple[float, bool]:
    """Seconds that a batch takes, and whether it was run whole to find them."""
    most = max((r.sampling.max_new_tokens for item in batch for r in item if _draws(r)), default=0)
    thinking = server.loaded.encoding.most_thinking if most else 0
    parts = 2 if thinking else 1  # thinking and answer, each of as many new tokens
    _cut_run(server, batch, 1)  # the first call sets up memory and threads
    if most + thinking <= SOME:
        return _timed(server, batch), True
    few, some = _cut_run(server, batch, FEW), _cut_run(server, batch, SOME)
    step = max(0.0, (some - few) / (SOME - FEW) / parts)
    expected = few + step * (most + thinking - FEW * parts)
    if expected > PATIENCE:
        return expected, False
    return _timed(server, batch), True


def _timed(server: "HfServer", batch: Items) -> float:
    began = time.perf_counter()
    answer(server, batch)
    return time.perf_counter() - began


def _cut_run(server: "HfServer", batch: Items, limit: int) -> float:
    """Seconds that a batch takes with at most `limit` new tokens of thinking and of each answer."""
    encoding = server.loaded.encoding
    if encoding.most_thinking > limit:
        loaded = replace(server.loaded, encoding=replace(encoding, thinking=limit))
        server = type(server)(loaded, server.batch_tokens)
    return _timed(server, _cut(batch, limit))


def _cut(batch: Items, limit: int) -> list[list[Request]]:
    """The batch with at most `limit` new tokens a sample."""
    return [[_shorter(request, limit) for request in item] for item in batch]


def _shorter(request: Request, limit: int) -> Request:
    if not isinstance(request, GenerateRequest):
        return request
    fewer = min(limit, request.sampling.max_new_tokens)
    return replace(request, sampling=replace(request.sampling, max_new_tokens=fewer))


def _draws(request: Request) -> bool:
    return isinstance(request, GenerateRequest)


def _work(server: "HfServer", batch: Items) -> int:
    """Padded tokens of a batch: what its seconds are taken to be proportional to."""
    sizes = [item_size(server.loaded, item) for item in batch]
    return sum(size.rows for size in sizes) * max(size.length for size in sizes)
