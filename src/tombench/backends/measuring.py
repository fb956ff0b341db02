"""How long a run would take: a few planned batches are run, the rest follows by their size."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from tombench.backends.base import Estimate, answer
from tombench.backends.counting import Items, new_tokens, prompt_tokens
from tombench.schema import GenerateRequest, Request

if TYPE_CHECKING:
    from tombench.backends.hf_server import HfServer

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
    return Estimate(prompts, new, weights, total, how)


def _measure(server: "HfServer", batch: Items) -> tuple[float, bool]:
    """Seconds that a batch takes, and whether it was run whole to find them."""
    most = max((r.sampling.max_new_tokens for item in batch for r in item if _draws(r)), default=0)
    _timed(server, _cut(batch, 1))  # the first call sets up memory and threads
    if most <= SOME:
        return _timed(server, batch), True
    few, some = _timed(server, _cut(batch, FEW)), _timed(server, _cut(batch, SOME))
    step = max(0.0, (some - few) / (SOME - FEW))
    expected = few + step * (most - FEW)
    if expected > PATIENCE:
        return expected, False
    return _timed(server, batch), True


def _timed(server: "HfServer", batch: Items) -> float:
    began = time.perf_counter()
    answer(server, batch)
    return time.perf_counter() - began


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
    sizes = [server.size(item) for item in batch]
    return sum(size.rows for size in sizes) * max(size.length for size in sizes)
