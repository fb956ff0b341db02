"""Numerical rank of the part of a matrix that is masked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import torch
from torch import Tensor, nn

from tombench.masking.masks import Mask
from tombench.masking.mechanism.attention_layout import AttentionLayer
from tombench.masking.mechanism.matrices import kinds_of, matrices_of
from tombench.masking.names import layer_number, weights_by_name


@dataclass(frozen=True)
class MatrixRank:
    """Rank of a masked part W * M."""

    layer: int
    kind: str
    rank: int
    bound: int  # by structure: the fewer of rows and columns with an entry
    count: int  # masked entries


@dataclass(frozen=True)
class KindRank:
    """Means over the matrices of a kind, those without a masked entry too."""

    kind: str
    rank: float
    bound: float
    matrices: int


@dataclass(frozen=True)
class Ranks:
    """Of all matrices, and by kind."""

    matrices: list[MatrixRank]
    kinds: list[KindRank]


def ranks(network: nn.Module, mask: Mask, layers: Sequence[AttentionLayer]) -> Ranks:
    """Rank of each masked part of an unmasked network.

    A fused matrix is counted whole, and its queries', keys' and values' rows once more as kinds
    `query`, `key` and `value`.
    """
    weights, matrices = weights_by_name(network), matrices_of(network)
    kinds, parts = kinds_of(mask.entries), _fused(layers)
    found = []
    for name, entries in mask.entries.items():
        weight, matrix = weights[name].detach(), matrices[name]
        values = weight.reshape(-1)[entries.to(weight.device)].cpu()
        rows, columns = matrix.places(entries)
        shape, layer = (matrix.rows, matrix.columns), layer_number(name)
        found.append(MatrixRank(layer, kinds[name], *masked_rank(rows, columns, values, shape)))
        for part, own in parts[name]:
            inside = torch.isin(rows, own)
            shape = (len(own), matrix.columns)
            values_in = (rows[inside], columns[inside], values[inside])
            found.append(MatrixRank(layer, part, *masked_rank(*values_in, shape)))
    return Ranks(found, _by_kind(found))


def masked_rank(
    rows: Tensor, columns: Tensor, values: Tensor, shape: tuple[int, int]
) -> tuple[int, int, int]:
    """Rank, bound and count of a matrix of this shape that holds these entries and zeros.

    The rank is that of torch.linalg.matrix_rank in float32: singular values above the largest times
    max(shape) times float32's epsilon. They are those of the touched rows and columns alone.
    """
    if len(values) == 0:
        return 0, 0, 0
    count, bound = len(values), min(len(rows.unique()), len(columns.unique()))
    values = values.double()
    rows, columns, values = _folded(rows, columns, values)
    columns, rows, values = _folded(columns, rows, values)
    own_rows, row = rows.unique(return_inverse=True)
    own_columns, column = columns.unique(return_inverse=True)
    dense = torch.zeros(len(own_rows), len(own_columns), dtype=torch.float64)
    dense[row, column] = values
    singular = torch.linalg.svdvals(dense)
    tolerance = singular.max() * max(shape) * torch.finfo(torch.float32).eps
    return int((singular > tolerance).sum()), bound, count


def _folded(lines: Tensor, others: Tensor, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Put lines whose only entry stands in the same place into one line, with their norm.

    An orthogonal map of such lines onto one keeps all singular values; sparse masks have many.
    """
    is_alone = lines.bincount()[lines] == 1
    kept = ~is_alone
    places, group = others[is_alone].unique(return_inverse=True)
    squares = values.new_zeros(len(places)).index_add(0, group, values[is_alone].square())
    folded = lines.max() + 1 + torch.arange(len(places))
    return (
        torch.cat((lines[kept], folded)),
        torch.cat((others[kept], places)),
        torch.cat((values[kept], squares.sqrt())),
    )


def _fused(layers: Sequence[AttentionLayer]) -> Mapping[str, list[tuple[str, Tensor]]]:
    """By matrix that holds several: each part's name and rows."""
    found: Mapping[str, list[tuple[str, Tensor]]] = defaultdict(list)
    for layer in layers:
        inputs = [part for name, part in layer.parts.items() if name != "output"]
        for name, part in layer.parts.items():
            if name != "output" and sum(part.matrix == other.matrix for other in inputs) > 1:
                found[part.matrix].append((name, part.places.flatten()))
    return found


def _by_kind(found: Sequence[MatrixRank]) -> list[KindRank]:
    kinds = defaultdict(list)
    for one in found:
        kinds[one.kind].append(one)
    return [
        KindRank(kind, fmean(x.rank for x in own), fmean(x.bound for x in own), len(own))
        for kind, own in kinds.items()
    ]
