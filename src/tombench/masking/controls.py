"""Masks of as many entries as a sweep's, but of others: what masking does whatever is masked."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from tombench.errors import UserError
from tombench.masking.masks import Mask, Masks

NEAREST = 32  # free magnitudes, half of them below, that a partner is drawn among
FIRST_DRAWS = 1024
TRIES = 4  # draws before a partner is looked for half as far again


class RandomMasks:
    """Entries drawn evenly of each matrix, as many as are masked of it at each share.

    A lower count's entries are among a higher one's. What is drawn of a matrix depends on the seed
    and the matrix's name alone.
    """

    def __init__(self, like: Masks, shares: Sequence[float], seed: int) -> None:
        """
        Args:
            like: the masks whose counts are taken.
            shares: at which.
            seed: of the draw.
        """
        masks = {share: like.mask(share) for share in shares}
        self._counts = {share: mask.counts for share, mask in masks.items()}
        self._sizes = next(iter(masks.values())).sizes if masks else {}
        self._drawn = {
            name: torch.from_numpy(
                distinct(size, max(c[name] for c in self._counts.values()), _generator(seed, name))
            )
            for name, size in self._sizes.items()
        }

    def mask(self, share: float) -> Mask:
        counts = self._counts[share]
        return Mask({n: x[: counts[n]].sort().values for n, x in self._drawn.items()}, self._sizes)


class MatchedMasks:
    """For each masked entry a partner of nearly its own |W|, in none of the masks.

    Of the entries of its matrix that no mask holds, ranked by |W|, the partner is drawn among the
    `NEAREST` next to it and all that are as near, further away only where those are taken: no
    entry is a partner twice. An entry keeps its partner at all shares.
    """

    def __init__(
        self,
        like: Masks,
        shares: Sequence[float],
        seed: int,
        weights: Mapping[str, nn.Parameter],
    ) -> None:
        """Reads the weights now: no mask may be on. Takes a sort of each matrix, on its device.

        Args:
            like: the masks whose entries get partners.
            shares: at which.
            seed: of the draw.
            weights: the matrices by name.

        Raises:
            UserError: a matrix has more entries in the masks than outside them.
        """
        self._masks = {share: like.mask(share) for share in shares}
        self._sizes = next(iter(self._masks.values())).sizes if self._masks else {}
        self._pairs = {
            name: self._paired(name, weights[name].detach(), _generator(seed, name))
            for name in self._sizes
        }

    def mask(self, share: float) -> Mask:
        entries = {}
        for name, masked in self._masks[share].entries.items():
            pairs = self._pairs[name]
            entries[name] = pairs.partners[torch.searchsorted(pairs.masked, masked)].sort().values
        return Mask(entries, self._sizes)

    def _paired(self, name: str, weight: Tensor, random: np.random.Generator) -> "_Pairs":
        masked = torch.cat([mask.entries[name] for mask in self._masks.values()]).unique()
        if 2 * len(masked) > weight.numel():
            raise UserError(
                f"{name}: {len(masked)} of {weight.numel()} entries are masked, so that there are "
                "not as many others to match; lower task.m_end, or leave matched out of "
                "task.controls"
            )
        if not len(masked):
            return _Pairs(masked, masked)
        return _Pairs(masked, _partners(weight.flatten(), masked, random))


@dataclass(frozen=True, eq=False)
class _Pairs:
    masked: Tensor  # int64 [k], rising
    partners: Tensor  # int64 [k], each one's


def distinct(size: int, count: int, random: np.random.Generator) -> np.ndarray:
    """`count` of the numbers below `size`, drawn without replacement, in the order of drawing.

    Draws come in rounds of fixed lengths, and repeated numbers are dropped, so that a lower count
    gives the beginning of a higher one's, and memory follows the count and not the size; only where
    more than half are drawn is all of it shuffled.
    """
    if 2 * count > size:
        return random.permutation(size)[:count]
    drawn, length = np.zeros(0, dtype=np.int64), FIRST_DRAWS
    while len(drawn) < count:
        drawn = np.concatenate([drawn, random.integers(size, size=length)])
        drawn = drawn[np.sort(np.unique(drawn, return_index=True)[1])]
        length *= 2
    return drawn[:count]


def _generator(seed: int, name: str) -> np.random.Generator:
    """Random numbers of a matrix's own, whatever else is drawn."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def _partners(weight: Tensor, masked: Tensor, random: np.random.Generator) -> Tensor:
    """A free entry for each masked one, next to it in |W|; all of them distinct."""
    own = weight[masked.to(weight.device)].abs()
    magnitudes = weight.abs()
    magnitudes[masked.to(weight.device)] = torch.inf  # to the end of the ranks
    ranked, places = magnitudes.sort(stable=True)
    free = len(weight) - len(masked)
    ranked, places = ranked[:free], places[:free]
    below = torch.searchsorted(ranked, own).cpu().numpy()
    above = torch.searchsorted(ranked, own, right=True).cpu().numpy()
    middle = (below + above) // 2
    low = np.maximum(np.minimum(below, middle - NEAREST // 2), 0)
    high = np.minimum(np.maximum(above, middle + NEAREST // 2), free)
    ranks = torch.from_numpy(_assigned(low, high, free, random))
    return places[ranks.to(places.device)].cpu()


def _assigned(
    low: np.ndarray, high: np.ndarray, free: int, random: np.random.Generator
) -> np.ndarray:
    """A number in each [low, high), no number twice; an interval that is full is made wider.

    Of several that draw one number the first has it; the others draw again.
    """
    given = np.full(len(low), -1, dtype=np.int64)
    taken = np.zeros(free, dtype=bool)
    low, high, tries = low.copy(), high.copy(), 0
    while (open_ := np.flatnonzero(given < 0)).size:
        drawn = random.integers(low[open_], high[open_])
        first = np.unique(drawn, return_index=True)[1]
        won = first[~taken[drawn[first]]]
        given[open_[won]] = drawn[won]
        taken[drawn[won]] = True
        tries += 1
        if tries % TRIES == 0:
            width = (high - low + 3) // 4
            low, high = np.maximum(low - width, 0), np.minimum(high + width, free)
    return given
