"""Where a mask falls: by layer, by kind of matrix, and how evenly over rows and columns."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from tombench.masking.masks import Mask
from tombench.masking.mechanism.attention_layout import AttentionLayer
from tombench.masking.mechanism.head_shares import (
    DominantShare,
    FrequencyCounts,
    HeadCounts,
    Norms,
    dominant_shares,
    frequency_counts,
    head_counts,
)
from tombench.masking.mechanism.matrices import Matrix, kinds_of
from tombench.masking.names import layer_number


@dataclass(frozen=True)
class Share:
    """How much of some matrices is masked."""

    count: int  # masked entries
    size: int  # entries in all
    share: float  # count of size
    expected: float  # count, were the mask spread evenly over all matrices


@dataclass(frozen=True)
class LayerShare(Share):
    """Of a layer."""

    layer: int


@dataclass(frozen=True)
class KindShare(Share):
    """Of all matrices of a kind."""

    kind: str


@dataclass(frozen=True)
class MatrixShare(Share):
    """Of a matrix; Gini coefficients of its masked entries' counts, None where it has none."""

    layer: int
    kind: str
    gini_rows: float | None
    gini_columns: float | None


@dataclass(frozen=True)
class Shares:
    """Where a mask falls."""

    in_all: Share
    layers: list[LayerShare]
    kinds: list[KindShare]
    matrices: list[MatrixShare]
    heads: list[HeadCounts]
    frequencies: list[FrequencyCounts]
    dominant: list[DominantShare]


def shares(
    mask: Mask,
    matrices: dict[str, Matrix],
    layers: Sequence[AttentionLayer],
    norms: Sequence[Norms],
) -> Shares:
    """Where a mask falls; `norms` are the unmasked network's, a layer of `layers` each."""
    kinds = kinds_of(mask.entries)
    numbers = {name: layer_number(name) for name in mask.entries}
    return Shares(
        in_all=_share(mask, list(mask.entries)),
        layers=[
            LayerShare(
                **asdict(_share(mask, [n for n in numbers if numbers[n] == layer])), layer=layer
            )
            for layer in sorted(set(numbers.values()))
        ],
        kinds=[
            KindShare(**asdict(_share(mask, [n for n in kinds if kinds[n] == kind])), kind=kind)
            for kind in dict.fromkeys(kinds.values())
        ],
        matrices=[
            _matrix(mask, name, matrices[name], numbers[name], kinds[name]) for name in mask.entries
        ],
        heads=head_counts(mask, matrices, layers),
        frequencies=frequency_counts(mask, matrices, layers),
        dominant=dominant_shares(mask, matrices, layers, norms),
    )


def _share(mask: Mask, names: Sequence[str]) -> Share:
    count = sum(len(mask.entries[name]) for name in names)
    size = sum(mask.sizes[name] for name in names)
    return Share(count, size, count / size, mask.total * size / sum(mask.sizes.values()))


def _matrix(mask: Mask, name: str, matrix: Matrix, layer: int, kind: str) -> MatrixShare:
    rows, columns = matrix.places(mask.entries[name])
    return MatrixShare(
        **asdict(_share(mask, [name])),
        layer=layer,
        kind=kind,
        gini_rows=gini(rows.bincount(minlength=matrix.rows)),
        gini_columns=gini(columns.bincount(minlength=matrix.columns)),
    )


def gini(counts: Tensor) -> float | None:
    """The Gini coefficient of counts [n]: 0 where all are equal, (n - 1) / n where one has all.

    sum_i (2 i - n - 1) x_i / (n sum x) over counts in rising order, i from 1. None: all are 0.
    """
    total, n = int(counts.sum()), len(counts)
    if total == 0:
        return None
    rank = torch.arange(1, n + 1, dtype=torch.float64)
    return float(((2 * rank - n - 1) * counts.sort().values).sum() / (n * total))
