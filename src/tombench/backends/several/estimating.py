"""What several models take together, from what each takes alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from tombench.backends.base import Estimate


@dataclass(frozen=True)
class Part:
    """One model's estimate."""

    name: str  # its roles
    estimate: Estimate
    own_weights: bool  # False: they are another part's as well, and count there
    resident: bool  # its weights are in this process's memory, on which every estimate is built

    @property
    def beside_weights(self) -> int | None:
        """Bytes at the peak without those weights that are added up apart."""
        memory = self.estimate.memory_bytes
        return memory if memory is None or self.resident else memory - self.estimate.weights_bytes

    @property
    def line(self) -> str:
        """A line of the plan."""
        own = self.estimate
        weights = f"{own.weights_bytes / 2**20:,.1f} MiB of weights"
        shared = "" if self.own_weights else ", shared with another model's"
        return (
            f"{self.name:<10} {own.prompt_tokens:,} tokens in prompts, {own.new_tokens:,} scored, "
            f"{weights}{shared}"
        )


def total(parts: Sequence[Part]) -> Estimate:
    """The sum; memory is that of all weights and of the one batch that takes most."""
    estimates = [part.estimate for part in parts]
    seconds = [own.seconds for own in estimates]
    how = dict.fromkeys(own.how for own in estimates)
    return Estimate(
        prompt_tokens=sum(own.prompt_tokens for own in estimates),
        new_tokens=sum(own.new_tokens for own in estimates),
        weights_bytes=sum(part.estimate.weights_bytes for part in parts if part.own_weights),
        seconds=None if None in seconds else sum(seconds),
        how="; ".join(how) or "nothing to do",
        memory_bytes=_peak(parts),
        notes=(
            *(part.line for part in parts),
            *(f"{part.name}: {note}" for part in parts for note in part.estimate.notes),
        ),
    )


def _peak(parts: Sequence[Part]) -> int | None:
    beside = [part.beside_weights for part in parts]
    if None in beside:
        return None
    added = (p.estimate.weights_bytes for p in parts if p.own_weights and not p.resident)
    return max(beside, default=0) + sum(added)
