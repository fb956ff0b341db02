"""Where a mask falls in attention: by head, and by rotary frequency of queries and keys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from tombench.masking.masks import Mask
from tombench.masking.mechanism.attention_layout import AttentionLayer, Part, PartName
from tombench.masking.mechanism.matrices import Matrix
from tombench.masking.mechanism.norms import dominant
from tombench.masking.mechanism.rotation import to_pairs

Turning = Literal["query", "key"]
"""What rotary position embedding turns."""
DOMINANT = 0.1  # of a head's frequencies: those with the largest norms
Norms = Mapping[Turning, Tensor]
"""Mean norms of a layer's queries and keys by head and pair, [heads, pairs]."""


@dataclass(frozen=True)
class HeadCounts:
    """Masked entries by head: rows of query, key and value, columns of output."""

    layer: int
    part: PartName
    counts: list[int]
    size: int  # entries of one head


@dataclass(frozen=True)
class FrequencyCounts:
    """Masked entries by rotary pair, both rows of a pair, all heads."""

    layer: int
    part: Turning
    counts: list[int]
    size: int  # entries of one pair


@dataclass(frozen=True)
class DominantShare:
    """Of the masked entries in rows that turn, those in the dominant frequencies of their head."""

    layer: int
    part: Turning
    count: int
    of: int
    share: float | None  # count of `of`; None: nothing is masked
    expected: float  # dominant pairs of all pairs


def head_counts(
    mask: Mask, matrices: Mapping[str, Matrix], layers: Sequence[AttentionLayer]
) -> list[HeadCounts]:
    """Of every part that a masked matrix has."""
    found = []
    for layer in layers:
        for name, part in layer.parts.items():
            if part.matrix not in mask.entries:
                continue
            matrix = matrices[part.matrix]
            counts = _by_place(mask, matrix, part, name == "output").sum(1).tolist()
            across = matrix.rows if name == "output" else matrix.columns
            found.append(HeadCounts(layer.number, name, counts, part.places.shape[1] * across))
    return found


def frequency_counts(
    mask: Mask, matrices: Mapping[str, Matrix], layers: Sequence[AttentionLayer]
) -> list[FrequencyCounts]:
    """Of queries and keys that turn."""
    return [
        FrequencyCounts(
            layer.number,
            name,
            _by_pair(mask, matrices, layer, name).sum(0).tolist(),
            2 * len(layer.parts[name].places) * matrices[layer.parts[name].matrix].columns,
        )
        for _, layer, name in _turning(mask, layers)
    ]


def dominant_shares(
    mask: Mask,
    matrices: Mapping[str, Matrix],
    layers: Sequence[AttentionLayer],
    norms: Sequence[Norms],
) -> list[DominantShare]:
    """`norms` are of the unmasked network, a layer of `layers` each."""
    found = []
    for place, layer, name in _turning(mask, layers):
        counts = _by_pair(mask, matrices, layer, name)
        is_dominant = dominant(norms[place][name], DOMINANT)
        count, total = int(counts[is_dominant].sum()), int(counts.sum())
        share = count / total if total else None
        expected = float(is_dominant.double().mean())
        found.append(DominantShare(layer.number, name, count, total, share, expected))
    return found


def _turning(
    mask: Mask, layers: Sequence[AttentionLayer]
) -> Iterator[tuple[int, AttentionLayer, Turning]]:
    """Queries and keys of layers that turn, their matrix among the mask's."""
    for place, layer in enumerate(layers):
        for name in ("query", "key"):
            part = layer.parts.get(name)
            if layer.rotary is not None and part is not None and part.matrix in mask.entries:
                yield place, layer, name


def _by_pair(
    mask: Mask, matrices: Mapping[str, Matrix], layer: AttentionLayer, name: Turning
) -> Tensor:
    """Masked entries by head and pair, int64 [heads, pairs]."""
    part = layer.parts[name]
    counts = _by_place(mask, matrices[part.matrix], part, is_output=False)
    return to_pairs(counts, layer.rotary.pairs, layer.rotary.pairing).sum(-1)


def _by_place(mask: Mask, matrix: Matrix, part: Part, is_output: bool) -> Tensor:
    """Masked entries by head and dimension of a head, int64 [heads, head_dim]."""
    rows, columns = matrix.places(mask.entries[part.matrix])
    if is_output:
        return torch.bincount(columns, minlength=matrix.columns)[part.places]
    return torch.bincount(rows, minlength=matrix.rows)[part.places]
