"""Rotary position embedding: pairs of dimensions turned by an angle that grows with the position.

Su et al. 2021 ("RoFormer: Enhanced transformer with rotary position embedding", section 3.2.2): at
position t the pair j of a query or key is turned by t * theta_j. A rotation keeps a pair's norm, so
norms by frequency are the same before and after it.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Pairing = Literal["half", "interleaved"]
"""Which dimensions turn together: j and j + d/2 (Llama, NeoX), or 2j and 2j + 1 (GPT-J)."""


@dataclass(frozen=True)
class Rotary:
    """How a layer turns its queries and keys: their first `dimensions`; the others stay."""

    pairing: Pairing
    inverse_frequencies: tuple[float, ...]  # theta_j, radians a token

    @property
    def pairs(self) -> int:
        """How many pairs turn."""
        return len(self.inverse_frequencies)

    @property
    def dimensions(self) -> int:
        """How many dimensions of a head turn."""
        return 2 * self.pairs


def to_pairs(x: Tensor, pairs: int, pairing: Pairing) -> Tensor:
    """[..., head_dim] as pairs that turn together: [..., pairs, 2]; what does not turn is gone."""
    turning = x[..., : 2 * pairs]
    if pairing == "interleaved":
        return turning.unflatten(-1, (pairs, 2))
    return turning.unflatten(-1, (2, pairs)).transpose(-1, -2)


def rotate(x: Tensor, rotary: Rotary, back: bool = False) -> Tensor:
    """Turn queries or keys [..., tokens, head_dim] of positions 0, 1, …; `back`: undo it."""
    positions = torch.arange(x.shape[-2], device=x.device, dtype=torch.float32)
    theta = torch.tensor(rotary.inverse_frequencies, device=x.device, dtype=torch.float32)
    angle = positions[:, None] * theta * (-1 if back else 1)
    first, second = to_pairs(x.float(), rotary.pairs, rotary.pairing).unbind(-1)
    turned = torch.stack(
        (
            first * angle.cos() - second * angle.sin(),
            second * angle.cos() + first * angle.sin(),
        ),
        dim=-1,
    )
    if rotary.pairing == "half":
        turned = turned.transpose(-1, -2)
    return torch.cat((turned.flatten(-2), x[..., rotary.dimensions :].float()), dim=-1)
