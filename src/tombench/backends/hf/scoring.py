"""Score continuations: one prefill of all contexts, one short forward over copies of its rows.

Where the architecture does not let a text be read in pieces, the second forward reads it whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tombench.backends.hf.architecture import in_pieces
from tombench.backends.hf.batching import Size, plan
from tombench.backends.hf.families import families
from tombench.backends.hf.memory import rows_at_once
from tombench.backends.hf.prefixes import FORWARD
from tombench.backends.hf.reading import Prefix, forward, prefill, read_whole
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


def batches_of(options: Sequence[Option], budget: int) -> list[list[Option]]:
    """Distinct options in batches under a budget of tokens, those of one context together.

    Contexts that begin alike stand together too, and a batch takes little padding.
    """
    by_context: dict[tuple[int, ...], list[Option]] = {}
    for option in options:
        by_context.setdefault(option.context, []).append(option)
    groups = list(by_context.values())
    planned = plan([size(group) for group in groups], budget, families(list(by_context)), FORWARD)
    return [[option for index in batch for option in groups[index]] for batch in planned]


def score(loaded: Loaded, options: Sequence[Option], budget: int) -> list[Scored]:
    """Score options in their order; at most `budget` tokens (rows x width) in one forward.

    The first token of an option is scored by the context's own logits; only options of several
    tokens are read.
    """
    prefix, rows = contexts(loaded, options)
    first = torch.tensor([option.continuation[0] for option in options], device=loaded.device)
    scores = _first_tokens(prefix, rows, first)
    for index, logits in later_logits(loaded, prefix, rows, options, budget):
        more, before = _later_tokens(logits, options[index]), scores[index]
        scores[index] = Scored(
            before.log_likelihood + more.log_likelihood, before.greedy and more.greedy
        )
    return scores


def logits(loaded: Loaded, options: Sequence[Option], budget: int) -> list[Tensor]:
    """Logits (float32 [tokens, vocabulary]) by which each option's tokens are scored.

    All are in memory at once: give few options.
    """
    prefix, rows = contexts(loaded, options)
    refuse_nan(prefix.logits)
    found = [prefix.logits[row : row + 1] for row in rows]
    for index, later in later_logits(loaded, prefix, rows, options, budget):
        found[index] = torch.cat([found[index], later.float()])
    return found


def contexts(loaded: Loaded, options: Sequence[Option]) -> tuple[Prefix, list[int]]:
    """The contexts of options, read once each; and which row is that of each option."""
    distinct = list(dict.fromkeys(option.context for option in options))
    row_of = {context: row for row, context in enumerate(distinct)}
    most = max(len(option.continuation) for option in options) - 1
    prefix = prefill(loaded, distinct, room=most)
    return prefix, [row_of[option.context] for option in options]


def later_logits(
    loaded: Loaded, prefix: Prefix, rows: Sequence[int], options: Sequence[Option], budget: int
) -> Iterator[tuple[int, Tensor]]:
    """Of each option of several tokens its index, and the logits of all but its first.

    They are [tokens - 1, vocabulary] in the model's dtype; `rows` says where in the prefix an
    option's context is.
    """
    for some in _chunks(options, prefix, budget):
        own = [options[index] for index in some]
        if in_pieces(loaded.causal_lm):
            at = torch.tensor([rows[index] for index in some], device=loaded.device)
            read = _after_context(loaded, prefix, at, own)
        else:
            read = _with_context(loaded, own)
        yield from zip(some, read, strict=True)


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
def _after_context(
    loaded: Loaded, prefix: Prefix, rows: Tensor, options: Sequence[Option]
) -> list[Tensor]:
    """Logits [tokens, vocabulary] of all but each option's first, after copies of its context.

    `rows` (int64 [options]) says which row of the prefix is an option's context.
    """
    read = [option.continuation[:-1] for option in options]
    width = max(map(len, read))
    ids = torch.tensor([[*r, *[0] * (width - len(r))] for r in read], device=loaded.device)
    lengths = torch.tensor([len(r) for r in read], device=loaded.device)
    own = (torch.arange(width, device=loaded.device) < lengths[:, None]).long()
    copies = prefix.select(rows, room=width)
    mask = torch.cat([copies.mask, own], 1)
    logits = forward(loaded, ids, mask, copies.cache, scored=width)
    return [row[: len(r)] for row, r in zip(logits, read, strict=True)]


def _with_context(loaded: Loaded, options: Sequence[Option]) -> list[Tensor]:
    """Logits [tokens, vocabulary] of all but each option's first, read with its context again."""
    read = [option.context + option.continuation[:-1] for option in options]
    logits = read_whole(loaded, read, scored=max(len(o.continuation) for o in options) - 1)
    return [row[1 - len(o.continuation) :] for row, o in zip(logits, options, strict=True)]


def _later_tokens(logits: Tensor, option: Option) -> Scored:
    """Score all but the first token of an option; float32 one row at a time."""
    targets = torch.tensor(option.continuation[1:], device=logits.device)
    logits = logits.float()
    values = logits.log_softmax(-1).gather(-1, targets[:, None]).double()
    return Scored(float(values.sum()), bool((logits.argmax(-1) == targets).all()))
