"""Norms of queries and keys, whole and by rotary frequency."""

import torch
from torch import Tensor

from tombench.masking.mechanism.rotation import Rotary, to_pairs


def pair_norms(x: Tensor, rotary: Rotary | None) -> Tensor:
    """Norm of each pair of dimensions that turns: [..., head_dim] -> [..., pairs].

    A rotation keeps it: queries and keys give the same before and after rotation, but for rounding.
    A layer without rotation has no pairs: [..., 0].
    """
    if rotary is None:
        return x.new_zeros(*x.shape[:-1], 0)
    return torch.hypot(*to_pairs(x, rotary.pairs, rotary.pairing).unbind(-1))


def dominant(norms: Tensor, share: float) -> Tensor:
    """Which pairs have the largest norms in their head: bool, as norms [heads, pairs].

    In each head the share's worth of all pairs, rounded up; the lower of equal ones.
    """
    heads, pairs = norms.shape
    count = -int(-pairs * share // 1)  # rounded up
    order = norms.sort(dim=-1, descending=True, stable=True).indices[:, :count]
    return torch.zeros(heads, pairs, dtype=torch.bool).scatter_(1, order, True)
