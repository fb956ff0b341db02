"""A mask: which entries of which matrices are masked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Mask:
    """Entries by matrix. A matrix without any stands there too, with none."""

    entries: Mapping[str, Tensor]  # int64 [masked] on the CPU: places in the flattened weight
    sizes: Mapping[str, int]  # entries that each matrix has in all

    @property
    def counts(self) -> dict[str, int]:
        """How many are masked, by matrix."""
        return {name: len(places) for name, places in self.entries.items()}

    @property
    def total(self) -> int:
        """How many are masked in all."""
        return sum(self.counts.values())


class Masks(Protocol):
    """A mask for each share m of a sweep."""

    def mask(self, share: float) -> Mask:
        """The mask at a share in (0, 1) of those that the sweep was made for."""
        ...
