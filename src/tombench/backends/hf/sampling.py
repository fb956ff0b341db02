"""Draw the next token: temperature, top-k, top-p, then inverse CDF with each row's own number.

The cumulative distribution runs in token-id order, so that a rounding difference between two
near-tied tokens does not reorder it: the same seed gives the same text whatever the batch.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tombench.errors import RunFailed
from tombench.schema import Sampling


def uniforms(seeds: Sequence[int], steps: int) -> Tensor:
    """Numbers in [0, 1), float64 [rows, steps]: row i is the Philox stream keyed by seeds[i].

    Seeds lie in [0, 2**128).
    """
    rows = [np.random.Generator(np.random.Philox(key=seed)).random(steps) for seed in seeds]
    return torch.from_numpy(np.stack(rows)) if rows else torch.empty(0, steps, dtype=torch.float64)


def choose(logits: Tensor, sampling: Sampling, numbers: Tensor) -> Tensor:
    """The next token of each row, int64 [rows].

    `logits` is float32 [rows, vocabulary]; `numbers` in [0, 1), float64 [rows], is one draw a row
    (unused at temperature 0, which takes the most probable token).
    """
    refuse_nan(logits)
    if sampling.temperature == 0:
        return logits.argmax(-1)
    probabilities, tokens = filtered(logits, sampling)
    cumulative = probabilities.cumsum(-1)
    total = cumulative[:, -1:]
    point = numbers[:, None].to(cumulative.device) * total
    index = torch.minimum((cumulative <= point).sum(-1), (cumulative < total).sum(-1))
    return tokens.gather(-1, index[:, None]).squeeze(-1).to(logits.device)


def refuse_nan(logits: Tensor) -> None:
    """Raises RunFailed where the model's numbers have run over, as float16 can."""
    if logits.isnan().any():
        raise RunFailed(
            "the model gives NaN in place of logits: its precision does not hold its numbers; "
            "try model.dtype=bfloat16 or float32"
        )


def filtered(logits: Tensor, sampling: Sampling) -> tuple[Tensor, Tensor]:
    """Probabilities that are left after temperature, top-k and top-p, and their token ids.

    Both are [rows, kept], ids ascending in each row; probabilities are float64 and sum to 1, 0
    where a token is left out. Filters as transformers' warpers do: top-k keeps ties, top-p the
    smallest set that reaches `top_p`, at least one token.
    """
    scaled = (logits - logits.amax(-1, keepdim=True)) / sampling.temperature
    values, tokens = _top_k(scaled, sampling.top_k)
    if values.device.type == "mps":  # which has no float64
        values, tokens = values.cpu(), tokens.cpu()
    probabilities = values.double().softmax(-1)
    if sampling.top_p < 1:
        ordered, order = probabilities.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= sampling.top_p, 0)
        ordered[:, 0] = ordered[:, 0].clamp_min(torch.finfo(torch.float64).tiny)
        probabilities = torch.zeros_like(ordered).scatter(-1, order, ordered)
    return probabilities / probabilities.sum(-1, keepdim=True), tokens


def _top_k(scaled: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k largest values and ties of the last, ids ascending; -inf fills narrower rows."""
    rows, vocabulary = scaled.shape
    if k == 0 or k >= vocabulary:
        return scaled, torch.arange(vocabulary, device=scaled.device).expand(rows, -1)
    smallest = scaled.topk(k).values[:, -1:]
    width = int((scaled >= smallest).sum(-1).max())
    tokens = scaled.topk(width).indices.sort(-1).values
    values = scaled.gather(-1, tokens)
    return values.masked_fill(values < smallest, -torch.inf), tokens
