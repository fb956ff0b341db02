"""Draw many continuations at once, a step a forward; rows leave when they are done."""

from collections.abc import Sequence

import torch
from torch import Tensor

from tombench.backends.hf.reading import Prefix, forward
from tombench.backends.hf.sampling import choose
from tombench.models.load import Loaded
from tombench.schema import Sampling

NOTHING = -1  # in `drawn`: no token
COMPACT_SHARE = 1 / 8  # finished rows leave when they are this share: each copy of the cache costs


@torch.inference_mode()
def decode(
    loaded: Loaded,
    prefix: Prefix,
    sampling: Sampling,
    numbers: Tensor,
    ends: Sequence[int] = (),
) -> list[list[int]]:
    """Continue each row of `prefix` (used up) until it stops; the ids drawn, end token left out.

    `numbers` is float64 [rows, new tokens] in [0, 1): one draw a step. A row stops at the model's
    own stop tokens and at `ends`.
    """
    rows, steps = numbers.shape
    device = loaded.device
    numbers = numbers if device.type == "mps" else numbers.to(device)
    drawn = torch.full((rows, steps), NOTHING, device=device)
    live = torch.arange(rows, device=device)
    done = torch.zeros(rows, dtype=torch.bool, device=device)
    stop = torch.tensor([*loaded.stop_tokens, *ends], dtype=torch.long, device=device)
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
