"""dry_run=true: what a run would do and what it takes, before it does anything."""

from collections import Counter
from collections.abc import Sequence

from tombench.backends.base import Estimate, Preview
from tombench.schema import GenerateRequest, Request

SHOWN = 2  # prompts


def show_plan(server: Preview, requests: Sequence[Sequence[Request]]) -> None:
    """Print items, requests, tokens, memory, time, and two prompts exactly as they are sent."""
    flat = [request for item in requests for request in item]
    kinds = Counter(type(request).__name__ for request in flat)
    drawn = sum(len(r.seeds) for r in flat if isinstance(r, GenerateRequest))
    estimate = server.estimate(requests)
    print(f"items      {len(requests)}")
    print(
        f"requests   {len(flat)}: {kinds['GenerateRequest']} to generate ({drawn} answers), "
        f"{len(flat) - kinds['GenerateRequest']} to score"
    )
    print(f"tokens     {estimate.prompt_tokens:,} in prompts, at most {estimate.new_tokens:,} new")
    print(f"memory     {_memory(estimate)}")
    print(f"time       {_duration(estimate.seconds)} ({estimate.how})")
    for note in estimate.notes:
        print(note)
    for number, request in enumerate(_first_prompts(flat), start=1):
        print(f"\n--- prompt {number} of {len(flat)}, between the bars exactly as sent ---")
        print(f"|{server.prompt_as_sent(request)}|")
    print("\nnothing was written (dry_run=true)")


def _first_prompts(requests: Sequence[Request]) -> list[Request]:
    """The first request of each of the first items; different texts where there are."""
    texts: dict[str, Request] = {}
    for request in requests:
        texts.setdefault(request.text, request)
    return list(texts.values())[:SHOWN]


def _memory(estimate: Estimate) -> str:
    weights = f"{_size(estimate.weights_bytes)} of weights"
    if estimate.memory_bytes is None:
        return f"{weights}, peak not known" if estimate.weights_bytes else weights
    return f"{weights}, about {_size(estimate.memory_bytes)} at the peak"


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "not known"
    if seconds < 90:
        return f"about {seconds:.0f} s"
    minutes = seconds / 60
    return f"about {minutes:.0f} min" if minutes < 90 else f"about {minutes / 60:.1f} h"
