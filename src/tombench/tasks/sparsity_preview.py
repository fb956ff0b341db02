"""What a run under masks would take, told before any weights are masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from tombench.backends.base import Estimate, Preview
from tombench.masking.roles import UNMASKED
from tombench.schema import Request, WindowsRequest

WORD = 0.75  # words a token of English


@dataclass(frozen=True)
class Gathered:
    """What gradients take, as far as it is known before the weights are there."""

    shapes: Mapping[str, tuple[int, ...]]  # of the matrices
    samples: Mapping[str, int]  # of each set
    tokens: int  # read at once
    vocabulary: int
    sum_bytes: int  # of a square


class MaskedPreview:
    """The preview of a backend, times the masks."""

    def __init__(
        self,
        inner: Preview,
        gathered: "Gathered",
    ) -> None:
        """
        Args:
            inner: of the model as it is.
            gathered: what gradients are taken of.
        """
        self.inner, self.gathered = inner, gathered

    def prompt_as_sent(self, request: Request) -> str:
        if isinstance(request, WindowsRequest):
            return f"{request.text[:400]} …"
        return self.inner.prompt_as_sent(request)

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        """Of the unmasked model and of one control, measured, times how many there are of each.

        Time is without gradients and perplexity, which the notes tell.
        """
        by_role: dict[str, list[Sequence[Request]]] = {}
        texts = []
        for item in requests:
            if isinstance(item[0], WindowsRequest):
                texts.append(item[0])
            else:
                by_role.setdefault(item[0].role, []).append(item)
        kinds: dict[int, list[str]] = {}  # masks that are asked as much are alike
        for role, items in by_role.items():
            kinds.setdefault(sum(len(item) for item in items), []).append(role)
        parts = [
            (self.inner.estimate([_bare(item) for item in by_role[roles[0]]]), len(roles))
            for roles in kinds.values()
        ]
        weights = parts[0][0].weights_bytes if parts else None
        return _whole(parts, (*self.gradient_notes(weights), *_text_notes(texts)))

    def gradient_notes(self, weights: int | None = None) -> list[str]:
        """What masks are of, and what gradients take beside `weights` bytes."""
        own = self.gathered
        entries = sum(map(prod, own.shapes.values()))
        masked = f"masks      {len(own.shapes)} matrices, {entries:,} entries"
        if not own.samples:
            return [f"{masked}; no gradients"]
        sets = ", ".join(f"{count} samples of {name}" for name, count in own.samples.items())
        disk = f"{_size(entries * own.sum_bytes)} on the disk for a set, as much for its half"
        return [masked, f"gradients  {sets}; {disk}{self._memory(weights)}"]

    def _memory(self, weights: int | None) -> str:
        """All tokens that are read at once counted, as they are in general text."""
        from tombench.masking.memory import Reading, gradient_memory

        if weights is None:
            return ""
        own = self.gathered
        reading = Reading(own.tokens, own.tokens, own.vocabulary)
        entry = 2 if weights < 3 * sum(map(prod, own.shapes.values())) else 4
        told = gradient_memory(weights, own.shapes, reading, entry, own.sum_bytes)
        return f"; memory {_size(told.total)} at the peak, {_size(told.sums)} of it sums"


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"


def _bare(item: Sequence[Request]) -> list[Request]:
    return [replace(request, role=UNMASKED) for request in item]


def _text_notes(texts: Sequence[WindowsRequest]) -> list[str]:
    if not texts:
        return []
    words = len(texts[0].text.split())
    return [
        f"perplexity {len(texts)} masks x about {words / WORD:,.0f} tokens, beside the time above"
    ]


def _whole(parts: Sequence[tuple[Estimate, int]], notes: tuple[str, ...]) -> Estimate:
    known = [part.seconds is not None for part, _ in parts]
    seconds = sum((part.seconds or 0) * count for part, count in parts) if all(known) else None
    memory = [part.memory_bytes for part, _ in parts]
    first = parts[0][0] if parts else Estimate(0, 0, 0, 0.0, "nothing to do")
    masks = sum(count for _, count in parts)
    return replace(
        first,
        prompt_tokens=sum(part.prompt_tokens * count for part, count in parts),
        new_tokens=sum(part.new_tokens * count for part, count in parts),
        seconds=seconds,
        how=f"{first.how}; times {masks} masks",
        memory_bytes=None if None in memory else max(memory, default=None),
        notes=(*first.notes, *notes),
    )
