"""What a run has cost so far, as the server counts it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class Tally:
    """Requests and tokens since the run was last started."""

    requests: int = 0  # that were answered
    retries: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0  # thinking among them
    thinking_tokens: int = 0

    def add(self, reply: Mapping[str, Any]) -> int:
        """Count one answer; how many tokens it took in all, 0 where the server does not say."""
        usage = usage_of(reply)
        self.requests += 1
        self.prompt_tokens += usage.prompt
        self.completion_tokens += usage.completion
        self.thinking_tokens += usage.thinking or 0
        return usage.prompt + usage.completion


@dataclass(frozen=True)
class Usage:
    """Tokens of one answer, by the server's own count; 0 where it gives none."""

    prompt: int
    completion: int
    thinking: int | None  # among `completion`; None: not said


def usage_of(reply: Mapping[str, Any]) -> Usage:
    """Read `usage`, in whatever part it is there."""
    usage = reply.get("usage")
    usage = usage if isinstance(usage, Mapping) else {}
    details = usage.get("completion_tokens_details")
    details = details if isinstance(details, Mapping) else {}
    return Usage(
        prompt=_count(usage.get("prompt_tokens")) or 0,
        completion=_count(usage.get("completion_tokens")) or 0,
        thinking=_count(details.get("reasoning_tokens")),
    )


def _count(value: Any) -> int | None:
    sound = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if sound else None


def money(
    prompt_tokens: int,
    completion_tokens: int,
    input_price: float | None,
    output_price: float | None,
) -> float | None:
    """The price of so many tokens at prices a million; None where no price is given."""
    if input_price is None and output_price is None:
        return None
    return (prompt_tokens * (input_price or 0) + completion_tokens * (output_price or 0)) / 1e6
