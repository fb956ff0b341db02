"""How much two masks have in common, and how much they would by chance."""

from dataclasses import dataclass

import torch
from torch import Tensor

from tombench.masking.masks import Mask


@dataclass(frozen=True)
class Overlap:
    """Jaccard indices: entries in both masks over entries in either; None where none is in any."""

    jaccard: float | None
    chance: float | None  # the same ratio of expected counts, were each drawn evenly of each matrix
    by_matrix: dict[str, float | None]


def overlap(first: Mask, second: Mask) -> Overlap:
    """Of two masks of the same matrices.

    By chance |A| and |B| of n entries have |A| |B| / n in common (the hypergeometric mean), summed
    over the matrices.

    Raises:
        ValueError: the masks are of other matrices.
    """
    if dict(first.sizes) != dict(second.sizes):
        raise ValueError("the two masks are of different matrices")
    common, expected, either = 0, 0.0, 0
    by_matrix: dict[str, float | None] = {}
    for name, size in first.sizes.items():
        one, other = first.entries[name], second.entries[name]
        both, members = _common(one, other), len(one) + len(other)
        by_matrix[name] = _ratio(both, members)
        common, either = common + both, either + members
        expected += len(one) * len(other) / size
    return Overlap(_ratio(common, either), _ratio(expected, either), by_matrix)


def _common(first: Tensor, second: Tensor) -> int:
    """How many entries are in both; each holds an entry once."""
    return len(first) + len(second) - len(torch.cat([first, second]).unique())


def _ratio(both: float, members: int) -> float | None:
    """Intersection over union, of the intersection's size and the sum of both sizes."""
    return both / (members - both) if members else None
