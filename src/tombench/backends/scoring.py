"""Score continuations: one prefill a distinct context, one short forward over its copies."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tombench.backends.decoding import Prefix, forward, prefill
from tombench.backends.sampling import refuse_nan
from tombench.models.load import Loaded


@dataclass(frozen=True)
class Option:
    """Token ids of one continuation and of what it follows, at least one each."""

    context: tuple[int, ...]
    continuation: tuple[int, ...]

    @property
    def length(self) -> int:
        """Tokens in all."""
        return len(self.context) + len(self.continuation)


@dataclass(frozen=True)
class Scored:
    """An option's score."""

    log_likelihood: float  # sum over the continuation's tokens, in nats
    greedy: bool  # is each token the most probable one?


def score(loaded: Loaded, options: Sequence[Option], budget: int) -> list[Scored]:
    """Score options in their order; at most `budget` tokens (rows x width) in one forward."""
    contexts = list(dict.fromkeys(option.context for option in options))
    prefix = prefill(loaded, contexts)
    row_of = {context: row for row, context in enumerate(contexts)}
    rows = [row_of[option.context] for option in options]
    first = torch.tensor([option.continuation[0] for option in options], device=loaded.device)
    scores = _first_tokens(prefix, rows, first)
    longer = [index for index, option in enumerate(options) if len(option.continuation) > 1]
    width = prefix.mask.shape[1] + max(len(option.continuation) for option in options)
    chunk = max(1, budget // width)
    for start in range(0, len(longer), chunk):
        some = longer[start : start + chunk]
        at = torch.tensor([rows[index] for index in some], device=loaded.device)
        copies = prefix.select(at, room=width - prefix.mask.shape[1])
        rest = _later_tokens(loaded, copies, [options[index].continuation for index in some])
        for index, more in zip(some, rest, strict=True):
            before = scores[index]
            scores[index] = Scored(
                before.log_likelihood + more.log_likelihood, before.greedy and more.greedy
            )
    return scores


def _first_tokens(prefix: Prefix, rows: Sequence[int], tokens: Tensor) -> list[Scored]:
    """Score the first token (int64 [options]) of each option from the prefill's own logits."""
    at = torch.tensor(rows, device=tokens.device)
    refuse_nan(prefix.logits)
    log_probs = prefix.logits.log_softmax(-1)
    values = log_probs[at, tokens].double().tolist()
    greedy = (prefix.logits.argmax(-1)[at] == tokens).tolist()
    return [Scored(value, best) for value, best in zip(values, greedy, strict=True)]


@torch.inference_mode()
def _later_tokens(
    loaded: Loaded, copies: Prefix, continuations: Sequence[Sequence[int]]
) -> list[Scored]:
    """Score all but the first token of each continuation, read after its own row of `copies`."""
    width = max(len(continuation) for continuation in continuations) - 1
    padded = [[*c[:-1], *[0] * (width + 1 - len(c))] for c in continuations]
    ids = torch.tensor(padded, device=loaded.device)
    lengths = torch.tensor([len(c) - 1 for c in continuations], device=loaded.device)
    own = (torch.arange(width, device=loaded.device) < lengths[:, None]).long()
    mask = torch.cat([copies.mask, own], 1)
    logits = forward(loaded, ids, mask, copies.cache, scored=width)
    scores = []
    for row, continuation in zip(logits, continuations, strict=True):  # float32 one row at a time
        targets = torch.tensor(continuation[1:], device=loaded.device)
        row = row[: len(targets)].float()
        values = row.log_softmax(-1).gather(-1, targets[:, None]).double()
        greedy = bool((row.argmax(-1) == targets).all())
        scores.append(Scored(float(values.sum()), greedy))
    return scores
