"""The highest scores of one matrix or several, in a fixed order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from tombench.errors import UserError

Definition = Literal["study", "top_k"]


@dataclass(frozen=True, eq=False)
class Top:
    """The K highest scores, falling; of equal ones the first place comes first."""

    values: Tensor  # [K], as the scores' dtype
    places: Tensor  # int64 [K]

    def count(self, k: int, definition: Definition) -> int:
        """How many of them, from the first on, are the mask of the highest k.

        Raises:
            ValueError: more are asked for than are kept.
        """
        if k > len(self.values):
            raise ValueError(f"{k} entries of {len(self.values)}: the sweep ends at a lower share")
        if k <= 0 or definition == "top_k":
            return max(k, 0)
        return int((self.values[:k] > self.values[k - 1]).sum())


def top_entries(
    names: Sequence[str], scores: Mapping[str, Tensor], share: float
) -> tuple[dict[str, int], Top]:
    """The highest int(n share) of the n entries that these matrices have together.

    One matrix's scores are in memory at a time, and the highest so far; of several matrices each is
    asked for twice, as their sizes come first.

    Returns:
        Entries of each matrix, and the highest, on the CPU; places count through the matrices.

    Raises:
        UserError: a score is no finite number.
    """
    if len(names) == 1:
        return _of_one(names[0], scores[names[0]], share)
    sizes = {name: scores[name].numel() for name in names}
    most = int(sum(sizes.values()) * share)
    start, best = 0, None
    for name, size in sizes.items():
        top = _highest(name, scores[name].flatten(), min(most, size))
        moved = Top(top.values, top.places + start)
        best = moved if best is None else _merged(best, moved, most)
        start += size
    return sizes, best


def places_in(places: Tensor, others: Tensor) -> Tensor:
    """Where each place stands among the others, int64; as many as there are of those: nowhere."""
    if not len(others):
        return torch.zeros_like(places)
    ordered, ranks = others.sort()
    near = torch.searchsorted(ordered, places).clamp(max=len(ordered) - 1)
    return torch.where(ordered[near] == places, ranks[near], len(others))


def _of_one(name: str, scores: Tensor, share: float) -> tuple[dict[str, int], Top]:
    size = scores.numel()
    return {name: size}, _highest(name, scores.flatten(), int(size * share))


def _highest(name: str, scores: Tensor, k: int) -> Top:
    """The k highest of a flat matrix; ties go to the lower place, which topk leaves open."""
    low, high = torch.aminmax(scores)  # either is NaN where one score is
    if not (low.isfinite() and high.isfinite()):
        raise UserError(
            f"{name}: a score is {(low if not low.isfinite() else high).item()}; take gradients in "
            "float32 (task.gradient_dtype=float32, model.dtype=float32)"
        )
    if k == 0:
        return Top(torch.zeros(0, dtype=scores.dtype), torch.zeros(0, dtype=torch.int64))
    values, places = scores.topk(k)
    least = values[-1]
    above = places[values > least].sort().values
    equal = (scores == least).nonzero().flatten()[: k - len(above)]
    places = torch.cat([above, equal]).cpu()
    values, order = scores[places.to(scores.device)].cpu().sort(descending=True, stable=True)
    return Top(values, places[order])


def _merged(first: Top, second: Top, k: int) -> Top:
    """The k highest of both; the first's come first where they are equal."""
    values = torch.cat([first.values, second.values])
    values, order = values.sort(descending=True, stable=True)
    return Top(values[:k], torch.cat([first.places, second.places])[order[:k]])
