"""Angles between queries and the first token's key."""

import torch
from torch import Tensor
from torch.nn.functional import normalize


def angles_to_first_key(query: Tensor, key: Tensor) -> Tensor:
    """Degrees in [0, 180] between each query and its head's key of the first token.

    Attention to the first token falls as the angle nears 90. Kahan's form, 2 atan2(|u - v|,
    |u + v|) of unit vectors, is exact also where a cosine is near 1 or -1.

    Args:
        query: [batch, heads, tokens, head_dim].
        key: [batch, key heads, tokens, head_dim]; consecutive heads share a key head.

    Returns:
        [batch, heads, tokens].
    """
    first = key[:, :, :1].repeat_interleave(query.shape[1] // key.shape[1], dim=1)
    u, v = normalize(query.float(), dim=-1), normalize(first.float(), dim=-1)
    return torch.rad2deg(2 * torch.atan2((u - v).norm(dim=-1), (u + v).norm(dim=-1)))
