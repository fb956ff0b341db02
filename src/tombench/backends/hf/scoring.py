"""Score continuations: one prefill of all contexts, one short forward over copies of its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tombench.backends.hf.batching import Size
from tombench.backends.hf.memory import rows_at_once
from tombench.backends.hf.reading import Prefix, forward, prefill
from tombench.backends.hf.sampling import refuse_nan
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


def size(options: Sequence[Option]) -> Size:
    """What options of one context take: its row, and one a row of options of several tokens."""
    longer = sum(len(option.continuation) > 1 for option in options)
    return Size(1 + longer, max(option.length for option in options) - 1)


def score(loaded: Loaded, options: Sequence[Option], budget: int) -> list[Scored]:
    """Score options in their order; at most `budget` tokens (rows x width) in one forward.

    The first token of an option is scored by the context's own logits; only options of several
    tokens are read.
    """
    contexts = list(dict.fromkeys(option.context for option in options))
    row_of = {context: row for row, context in enumerate(contexts)}
    rows = [row_of[option.context] for option in options]
    most = max(len(option.continuation) for option in options) - 1
    prefix = prefill(loaded, contexts, room=most)
    first = torch.tensor([option.continuation[0] for option in options], device=loaded.device)
    scores = _first_tokens(prefix, rows, first)
    for some in _chunks(options, prefix, budget):
        at = torch.tensor([rows[index] for index in some], device=loaded.device)
        later = [options[index].continuation for index in some]
        copies = prefix.select(at, room=max(map(len, later)) - 1)
        for index, more in zip(some, _later_tokens(loaded, copies, later), strict=True):
            before = scores[index]
            scores[index] = Scored(
                before.log_likelihood + more.log_likelihood, before.greedy and more.greedy
            )
    return scores


def _chunks(options: Sequence[Option], prefix: Prefix, budget: int) -> Iterator[list[int]]:
    """Indices of the options of several tokens, the longest first, as many as fit at once."""
    later = [len(option.continuation) - 1 for option in options]
    left = sorted((i for i, count in enumerate(later) if count), key=lambda i: -later[i])
    while left:
        longest = later[left[0]]
        width = prefix.mask.shape[1] + longest
        rows = rows_at_once(budget, width, longest, prefix.logits.shape[1])
        yield left[:rows]
        left = left[rows:]


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
