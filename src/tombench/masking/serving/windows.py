"""The log-likelihood of a long text, window by window: what perplexity is made of."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from tombench.errors import UserError
from tombench.models.load import Loaded

AT_ONCE = 2**24  # most logits in float32 at a time: 64 MiB


def cut(ids: Sequence[int], window: int, most: int | None = None) -> list[Sequence[int]]:
    """Consecutive pieces of `window` tokens; a shorter last one where it has two tokens or more."""
    pieces = [ids[start : start + window] for start in range(0, len(ids), window)]
    return [piece for piece in pieces if len(piece) > 1][:most]


def window_log_likelihoods(
    loaded: Loaded, windows: Sequence[Sequence[int]], batch_tokens: int
) -> list[float]:
    """Each window's sum of log p(token | those before it in the window), in nats, but its first.

    Args:
        loaded: the model.
        windows: token ids, two or more each.
        batch_tokens: rows x width that one forward pass reads at most; one window always fits.
    """
    return [
        value
        for batch in _batches(windows, batch_tokens)
        for value in _read(loaded, torch.tensor(batch, device=loaded.device))
    ]


def text_windows(
    loaded: Loaded, text: str, window: int, most: int | None = None
) -> list[Sequence[int]]:
    """A text's windows in the model's tokens; special tokens stand once, at the beginning.

    Raises:
        UserError: a window is longer than the model's context, or the text has but one token.
    """
    limit = loaded.context_length
    if limit is not None and window > limit:
        raise UserError(
            f"task.window={window}: the model's context is {limit} tokens; give at most so many"
        )
    windows = cut(loaded.encoding.tokenizer.encode(text), window, most)
    if not windows:
        raise UserError(
            "task.perplexity_data: the text has fewer than two tokens; give a longer one"
        )
    return windows


def _batches(windows: Sequence[Sequence[int]], budget: int) -> Iterator[list[Sequence[int]]]:
    """Windows of one length, as many as the budget holds, in their order."""
    batch: list[Sequence[int]] = []
    for window in windows:
        if batch and (
            len(window) != len(batch[0]) or (len(batch) + 1) * len(window) > max(budget, 1)
        ):
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


@torch.inference_mode()
def _read(loaded: Loaded, ids: Tensor) -> list[float]:
    """Sums of rows of ids (int64 [rows, length]); logits turn to float32 a piece at a time."""
    logits = loaded.causal_lm(input_ids=ids, use_cache=False).logits[:, :-1]
    targets = ids[:, 1:].to(logits.device)
    sums = torch.zeros(len(ids), dtype=torch.float64, device=logits.device)
    width = max(1, AT_ONCE // (len(ids) * logits.shape[-1]))
    for start in range(0, targets.shape[1], width):
        piece = logits[:, start : start + width].float().log_softmax(-1)
        told = piece.gather(-1, targets[:, start : start + width, None])
        sums += told.double().sum((1, 2))
    return sums.tolist()
