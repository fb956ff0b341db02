"""What is masked in each part of a run: the grid of shares m, the controls, and their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from tombench.errors import UserError
from tombench.masking.roles import UNMASKED

MaskKind = Literal["none", "tom", "general", "random", "matched"]
Control = Literal["random", "matched", "general"]

STUDY_END, STUDY_STEP = 5e-5, 2e-6
"""The study's grid: 26 values from 0 on."""
STUDY_SMALLEST = 500_000
"""Entries of the smallest matrix that the study's first step masks an entry of."""
STUDY_ENTRIES = 2**24
"""Entries of a query matrix of Llama-3-8B, in which the study's grid ends at 838 of them."""
STEPS = 25
MOST = 0.05


@dataclass(frozen=True)
class Grid:
    """Shares m from `start` to `end`, both included, in whole steps."""

    start: float
    end: float
    step: float

    @property
    def shares(self) -> tuple[float, ...]:
        """All values, the last one exactly where the grid says that it ends."""
        start, end, step = (Decimal(str(value)) for value in (self.start, self.end, self.step))
        count = int((end - start) / step)
        return tuple(float(start + number * step) for number in range(count + 1))

    def check(self) -> None:
        """Raises UserError where no whole number of steps leads from `start` to `end`."""
        start, end, step = (Decimal(str(value)) for value in (self.start, self.end, self.step))
        if end < start:
            raise UserError(f"task.m_end={self.end:g}: it is below task.m_start={self.start:g}")
        if (end - start) % step:
            near = float(start + step * round((end - start) / step))
            raise UserError(
                f"task.m_end={self.end:g}: no whole number of steps of {self.step:g} from "
                f"{self.start:g}; give task.m_end={near:g}, or another task.m_step"
            )

    @classmethod
    def fitting(cls, smallest: int) -> "Grid":
        """The study's grid; of a small model 25 steps up to as many entries of its matrices.

        Args:
            smallest: entries of the model's smallest matrix. The study ends at 5e-5, 838 entries
                of a query matrix of Llama-3-8B; a matrix of 16,384 entries has so many at 0.05.
        """
        if smallest >= STUDY_SMALLEST:
            return cls(0.0, STUDY_END, STUDY_STEP)
        end = min(MOST, float(f"{STUDY_END * STUDY_ENTRIES / smallest:.0e}"))
        return cls(0.0, end, float(Decimal(str(end)) / STEPS))


def level(share: float) -> str:
    """A share as levels of the factor `m` are written: 2e-06, 0.05, 0."""
    return f"{share:.12g}"


@dataclass(frozen=True)
class Condition:
    """A mask that items are put under."""

    kind: MaskKind
    share: float = 0.0
    seed: int | None = None  # of random and matched masks

    @property
    def role(self) -> str:
        """Its name in requests: tom@2e-06, random.7@0.05; of the model as it is, ""."""
        if self.kind == "none":
            return UNMASKED
        numbered = self.kind if self.seed is None else f"{self.kind}.{self.seed}"
        return f"{numbered}@{level(self.share)}"

    @property
    def prefix(self) -> str:
        """What the ids of its items begin with."""
        return self.role or "base"

    @property
    def sweep(self) -> bool:
        """Is it the model as it is, or under the mask that is studied? Else it is a control."""
        return self.kind in ("none", "tom")

    @property
    def factors(self) -> Mapping[str, str]:
        """As records have it."""
        seed = "" if self.seed is None else str(self.seed)
        return {"mask": self.kind, "m": level(self.share), "mask_seed": seed}


def points_of(shares: Sequence[float], count: int) -> tuple[float, ...]:
    """The shares at which controls are run: `count` of those above 0, evenly, the last among them.

    Fixed before anything is measured.
    """
    masked = [share for share in shares if share > 0]
    count = min(count, len(masked))
    places = [round((number + 1) * len(masked) / count) - 1 for number in range(count)]
    return tuple(masked[place] for place in places)


def conditions(
    shares: Sequence[float], points: Sequence[float], controls: Sequence[Control], seeds: int
) -> list[Condition]:
    """The model as it is, the sweep, then the controls."""
    masked = [share for share in shares if share > 0]
    found = [Condition("none"), *(Condition("tom", share) for share in masked)]
    if "general" in controls:
        found += [Condition("general", share) for share in masked]
    for kind in ("random", "matched"):
        if kind in controls:
            found += [Condition(kind, m, seed) for seed in range(seeds) for m in points]
    return found
