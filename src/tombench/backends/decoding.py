"""Draw many continuations at once: one prefill a prompt, then rows that leave when done."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import Cache, DynamicCache

from tombench.backends.cache import with_room
from tombench.backends.sampling import choose
from tombench.models.load import Loaded
from tombench.schema import Sampling

NOTHING = -1  # in `drawn`: no token
COMPACT_SHARE = 1 / 8  # finished rows leave when they are this share: each copy of the cache costs


@dataclass
class Prefix:
    """What the model has read so far, row by row, left-padded."""

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
def prefill(loaded: Loaded, prompts: Sequence[Sequence[int]]) -> Prefix:
    """Read token ids of distinct prompts (at least one token each) in one left-padded batch."""
    width = max(len(prompt) for prompt in prompts)
    ids = torch.tensor([[0] * (width - len(p)) + list(p) for p in prompts], device=loaded.device)
    lengths = torch.tensor([len(p) for p in prompts], device=loaded.device)
    mask = (torch.arange(width, device=loaded.device) >= width - lengths[:, None]).long()
    cache = DynamicCache(config=loaded.causal_lm.config)
    logits = forward(loaded, ids, mask, cache, scored=1)[:, -1].float()
    return Prefix(cache, mask, logits)


@torch.inference_mode()
def decode(loaded: Loaded, prefix: Prefix, sampling: Sampling, numbers: Tensor) -> list[list[int]]:
    """Continue each row of `prefix` (used up) until it stops; the ids drawn, end token left out.

    `numbers` is float64 [rows, max_new_tokens] in [0, 1): one draw a step.
    """
    rows, steps = numbers.shape
    device = loaded.device
    numbers = numbers if device.type == "mps" else numbers.to(device)
    drawn = torch.full((rows, steps), NOTHING, device=device)
    live = torch.arange(rows, device=device)
    done = torch.zeros(rows, dtype=torch.bool, device=device)
    stop = torch.tensor(loaded.stop_tokens, dtype=torch.long, device=device)
    for step in range(steps):
        tokens = choose(prefix.logits, sampling, numbers[live.to(numbers.device), step])
        done |= torch.isin(tokens, stop)
        drawn[live, step] = tokens.masked_fill(done, NOTHING)
        finished = int(done.sum())
        if step + 1 == steps or finished == len(live):
            break
        if finished >= COMPACT_SHARE * len(live):
            kept = (~done).nonzero().flatten()
            prefix.keep(kept)
            live, done, tokens = live[kept], done[kept], tokens[kept]
        read(loaded, prefix, tokens)
    return [[token for token in row if token != NOTHING] for row in drawn.tolist()]


def read(loaded: Loaded, prefix: Prefix, tokens: Tensor) -> None:
    """Read one more token a row (int64 [rows]), in place."""
    prefix.mask = torch.cat([prefix.mask, torch.ones_like(tokens)[:, None]], 1)
    logits = forward(loaded, tokens[:, None], prefix.mask, prefix.cache, scored=1)
    prefix.logits = logits[:, -1].float()
