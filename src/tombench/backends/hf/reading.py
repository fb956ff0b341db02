"""Read prompts into a key-value cache, once what several begin with."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import Cache, DynamicCache

from tombench.backends.hf.architecture import in_pieces
from tombench.backends.hf.cache import keeps_all, with_room
from tombench.backends.hf.prefixes import WIDENED, Tokens, cut
from tombench.models.load import Loaded


@dataclass
class Prefix:
    """What the model has read so far, row by row; padding stands before any of its parts."""

    cache: Cache
    mask: Tensor  # int64 [rows, width]: 1 a token, 0 padding
    logits: Tensor  # float32 [rows, vocabulary], of the next token

    def select(self, rows: Tensor, room: int) -> "Prefix":
        """A copy of the given rows (int64 [any], repeats allowed), to be read on by `room` tokens.

        This one stays as it is.
        """
        return Prefix(with_room(self.cache, rows, room), self.mask[rows], self.logits[rows])

    def keep(self, rows: Tensor) -> None:
        """Drop all rows but the given ones, in place."""
        self.cache.reorder_cache(rows)
        self.mask, self.logits = self.mask[rows], self.logits[rows]


def forward(loaded: Loaded, ids: Tensor, mask: Tensor, cache: Cache, scored: int) -> Tensor:
    """Logits [rows, scored, vocabulary] (model's dtype) of the last `scored` positions.

    `ids` is int64 [rows, new]; `mask` int64 [rows, cached + new]. The cache grows by `new`.
    """
    positions = (mask.cumsum(-1) - 1).clamp_min(0)[:, -ids.shape[1] :]
    model = loaded.causal_lm
    known = inspect.signature(model.forward).parameters
    options: dict[str, Any] = {"position_ids": positions, "logits_to_keep": scored}
    output = model(
        input_ids=ids,
        attention_mask=mask,
        past_key_values=cache,
        use_cache=True,
        **{name: value for name, value in options.items() if name in known},
    )
    return output.logits[:, -scored:].to(loaded.device)


@torch.inference_mode()
def prefill(loaded: Loaded, prompts: Sequence[Tokens], room: int = 0) -> Prefix:
    """Read distinct prompts (at least one token each), to be read on by `room` tokens.

    Where it saves work, what several begin with is read first and continued from copies. Such
    rows have padding between their parts, which a sliding window would count as tokens.
    """
    widest = WIDENED * max(len(prompt) for prompt in prompts) + room
    empty = _empty(loaded)
    shares = in_pieces(loaded.causal_lm) and keeps_all(empty, widest)
    shared = cut(prompts) if shares else None
    if shared is None:
        return _whole(loaded, prompts, empty)
    stems = prefill(loaded, shared.stems, room)
    return _extend(loaded, stems, shared.stem_of, shared.rests)


@torch.inference_mode()
def read_whole(loaded: Loaded, texts: Sequence[Tokens], scored: int) -> Tensor:
    """Logits [texts, scored, vocabulary] (model's dtype) at the ends of texts, nothing shared."""
    ids, mask = _left_padded(texts, loaded.device)
    return forward(loaded, ids, mask, _empty(loaded), scored)


def _empty(loaded: Loaded) -> Cache:
    return DynamicCache(config=loaded.causal_lm.config)


def _whole(loaded: Loaded, prompts: Sequence[Tokens], cache: Cache) -> Prefix:
    """Read prompts in one left-padded batch."""
    ids, mask = _left_padded(prompts, loaded.device)
    return Prefix(cache, mask, forward(loaded, ids, mask, cache, scored=1)[:, -1].float())


def _extend(
    loaded: Loaded, stems: Prefix, stem_of: Sequence[int], rests: Sequence[Tokens]
) -> Prefix:
    """Read rests (some may be empty) after copies of their stems."""
    ids, own = _left_padded(rests, loaded.device)
    at = torch.tensor(stem_of, device=loaded.device)
    copies = stems.select(at, room=ids.shape[1])
    mask = torch.cat([copies.mask, own], 1)
    logits = forward(loaded, ids, mask, copies.cache, scored=1)[:, -1].float()
    read = own.any(-1, keepdim=True)
    return Prefix(copies.cache, mask, torch.where(read, logits, copies.logits))


def _left_padded(rows: Sequence[Tokens], device: torch.device) -> tuple[Tensor, Tensor]:
    """Token ids and their mask, both int64 [rows, longest]."""
    width = max(len(row) for row in rows)
    ids = torch.tensor([[0] * (width - len(row)) + list(row) for row in rows], device=device)
    lengths = torch.tensor([len(row) for row in rows], device=device)
    return ids, (torch.arange(width, device=device) >= width - lengths[:, None]).long()
