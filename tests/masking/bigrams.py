"""A language model whose gradients can be computed by hand."""

from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn


class Bigrams(nn.Module):
    """Two tokens; the logits of the next one are the current one's row.

    d loss / d row = softmax(row) - onehot(next), which is (-1/2, 1/2) before token 0 and
    (1/2, -1/2) before token 1, as all logits are 0.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.Embedding(2, 2)
        self.unused = nn.Parameter(torch.ones(3))
        nn.init.zeros_(self.rows.weight)

    def get_input_embeddings(self) -> nn.Module:
        return self.rows

    def forward(self, input_ids: Tensor, use_cache: bool) -> Any:
        return SimpleNamespace(logits=self.rows(input_ids))
