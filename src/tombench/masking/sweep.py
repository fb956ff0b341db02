"""Masks for a whole sweep of shares m, from one sort of each matrix."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

import torch
from torch import Tensor

from tombench.errors import UserError
from tombench.masking.masks import Mask
from tombench.masking.top import Definition, Top, places_in, top_entries

Chosen = Literal["tom_not_general", "tom", "general", "both", "general_not_tom", "complement"]
Scope = Literal["matrix", "global"]


@dataclass(frozen=True)
class MaskSettings:
    """Which entries a mask holds, of those that score high on two texts."""

    definition: Definition = "top_k"
    chosen: Chosen = "tom_not_general"  # complement: all but these
    scope: Scope = "matrix"  # where the highest k = int(n m) of n entries are looked for


@dataclass(frozen=True, eq=False)
class Ranked:
    """The entries of some matrices, ranked together: one matrix, or under scope=global all."""

    sizes: Mapping[str, int]  # entries; places below count through them in this order
    tom: Top
    general: Top | None
    tom_in_general: Tensor | None  # int64 [K]: rank of tom's places among general's, K: none
    general_in_tom: Tensor | None

    @property
    def size(self) -> int:
        return sum(self.sizes.values())

    def chosen(self, share: float, settings: MaskSettings) -> Tensor:
        """Places of the mask's entries at a share, rising."""
        k = int(self.size * share)
        tom = self.tom.count(k, settings.definition)
        if settings.chosen == "tom":
            return self.tom.places[:tom].sort().values
        general = self.general.count(k, settings.definition)
        if settings.chosen == "general":
            return self.general.places[:general].sort().values
        if settings.chosen == "general_not_tom":
            alone = self.general_in_tom[:general] >= tom
            return self.general.places[:general][alone].sort().values
        shared = self.tom_in_general[:tom] < general
        places = self.tom.places[:tom][shared if settings.chosen == "both" else ~shared]
        if settings.chosen != "complement":
            return places.sort().values
        kept = torch.ones(self.size, dtype=torch.bool)
        kept[places] = False
        return kept.nonzero().flatten()

    def by_matrix(self, places: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Rising places as entries of each matrix."""
        ends = torch.tensor(list(accumulate(self.sizes.values())))
        cuts = torch.searchsorted(places, ends).tolist()
        start = 0
        for (name, size), end, cut in zip(self.sizes.items(), ends.tolist(), cuts, strict=True):
            yield name, places[start:cut] - (end - size)
            start = cut


@dataclass(frozen=True, eq=False)
class Sweep:
    """The masks of every share up to the highest that the sweep was made for."""

    ranked: tuple[Ranked, ...]
    settings: MaskSettings

    def mask(self, share: float) -> Mask:
        """The mask at a share.

        Definition "study" (the sparse-parameter study, its mask from squared gradients): of each
        text, k = int(n m), t the k-th highest score, and M = [score > t], so that k - 1 entries or
        fewer are in it, and none where k is 0; "top_k": exactly k, of equal scores those that stand
        first. "tom_not_general" is then M_tom and not M_general.
        """
        entries: dict[str, Tensor] = {}
        for ranked in self.ranked:
            entries |= ranked.by_matrix(ranked.chosen(share, self.settings))
        sizes = {name: size for ranked in self.ranked for name, size in ranked.sizes.items()}
        return Mask(entries, sizes)

    def select(self, chosen: Chosen) -> "Sweep":
        """Another set from the same ranks; nothing is read again.

        Raises:
            UserError: it needs scores on general text, and there are none.
        """
        _check_general(chosen, all(ranked.general is not None for ranked in self.ranked))
        return Sweep(self.ranked, replace(self.settings, chosen=chosen))


def sweep(
    tom: Mapping[str, Tensor],
    general: Mapping[str, Tensor] | None,
    shares: Sequence[float],
    settings: MaskSettings,
) -> Sweep:
    """Masks for all shares. One matrix's scores are in memory at a time; kept are the highest
    int(n max m) of each text, 12 bytes each and their ranks on the other.

    Args:
        tom: scores on theory-of-mind text by name.
        general: scores on general text; None where the settings ask for none.
        shares: in [0, 1), of which the highest counts.
        settings: which entries.

    Raises:
        UserError: a score is no finite number; `general` is missing, or of other matrices.
    """
    _check_general(settings.chosen, general is not None)
    if general is not None and set(general) != set(tom):
        odd = min(set(general) ^ set(tom))
        raise UserError(
            f"{odd}: only one of two score sets has this matrix; take both of the same model"
        )
    most = max(shares, default=0.0)
    names = tuple(tom)
    blocks = (names,) if settings.scope == "global" else tuple((name,) for name in names)
    return Sweep(tuple(_ranked(block, tom, general, most) for block in blocks if block), settings)


def _ranked(
    names: tuple[str, ...],
    tom: Mapping[str, Tensor],
    general: Mapping[str, Tensor] | None,
    most: float,
) -> Ranked:
    """Each text's highest entries of these matrices, and their ranks on the other."""
    sizes, high = top_entries(names, tom, most)
    if general is None:
        return Ranked(sizes, high, None, None, None)
    others, low = top_entries(names, general, most)
    for name, size in sizes.items():
        if others[name] != size:
            raise UserError(
                f"{name}: {size} entries are scored on one text and {others[name]} on the other; "
                "take both of the same model"
            )
    return Ranked(
        sizes, high, low, places_in(high.places, low.places), places_in(low.places, high.places)
    )


def _check_general(chosen: Chosen, there: bool) -> None:
    if chosen != "tom" and not there:
        raise UserError(
            f"task.chosen={chosen}: there are no scores on general text to choose by; give "
            "task.chosen=tom, or a score that is made of gradients"
        )
