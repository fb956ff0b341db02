"""How probable given answers are: by the model's own softmax, and as a sampler would draw them.

The sampler is transformers' `generate`: repetition penalty, temperature, top-k, top-p, in that
order (generation/utils.py, `_get_logits_processor`). One forward pass a prompt tells what draws
only estimate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tombench.backends.hf.sampling import filtered, refuse_nan
from tombench.backends.hf.scoring import Option, contexts, later_logits
from tombench.models.load import Loaded
from tombench.schema import Sampling


@dataclass(frozen=True)
class Drawing:
    """How an answer would be drawn."""

    sampling: Sampling  # how many new tokens it allows is not looked at
    repetition_penalty: float  # 1: none

    def probabilities(self, logits: Tensor, read: Sequence[int]) -> Tensor:
        """Of each token to be drawn next, float64 [vocabulary], after the tokens read so far.

        `logits` is float32 [vocabulary]. At temperature 0 the most probable token has all.
        """
        logits = penalized(logits, read, self.repetition_penalty)[None]
        if self.sampling.temperature == 0:
            kept, tokens = torch.ones(1, 1, dtype=torch.float64), logits.argmax(-1)[None].cpu()
        else:
            kept, tokens = filtered(logits, self.sampling)
        everything = torch.zeros(1, logits.shape[1], dtype=torch.float64, device=kept.device)
        return everything.scatter(-1, tokens, kept)[0]


@dataclass(frozen=True)
class Weighed:
    """The probability of some tokens in turn, given what they follow."""

    probability: float  # by the softmax of the raw logits
    sampled: float  # as drawn

    def then(self, later: "Weighed") -> "Weighed":
        """Both after each other."""
        return Weighed(self.probability * later.probability, self.sampled * later.sampled)


def penalized(logits: Tensor, read: Sequence[int], penalty: float) -> Tensor:
    """Logits [vocabulary] with those of the tokens read so far made less probable.

    A positive one is divided by the penalty, a negative one multiplied (Keskar et al. 2019, "CTRL",
    section 4.1, as transformers' RepetitionPenaltyLogitsProcessor applies it).
    """
    if penalty == 1:
        return logits
    seen = torch.tensor(sorted(set(read)), device=logits.device)
    own = logits[seen]
    return logits.scatter(-1, seen, torch.where(own < 0, own * penalty, own / penalty))


def weigh(
    loaded: Loaded, options: Sequence[Option], drawing: Drawing, budget: int
) -> list[Weighed]:
    """The probability of each option's tokens, at most `budget` tokens in one forward.

    The first token of an option costs nothing but reading its context; only options of several
    tokens are read.
    """
    prefix, rows = contexts(loaded, options)
    refuse_nan(prefix.logits)
    found: dict[int, Weighed] = {}
    for row in sorted(set(rows)):
        own = [index for index, place in enumerate(rows) if place == row]
        first = [options[index].continuation[0] for index in own]
        context = options[own[0]].context
        found.update(zip(own, _next(prefix.logits[row], context, first, drawing), strict=True))
    for index, logits in later_logits(loaded, prefix, rows, options, budget):
        found[index] = found[index].then(_rest(logits, options[index], drawing))
    return [found[index] for index in range(len(options))]


def _next(
    logits: Tensor, read: Sequence[int], tokens: Sequence[int], drawing: Drawing
) -> list[Weighed]:
    """Of several tokens that could come next; `logits` is float32 [vocabulary]."""
    wanted = torch.tensor(tokens, device=logits.device)
    plain = logits.log_softmax(-1)[wanted].exp().tolist()
    sampled = drawing.probabilities(logits, read)
    drawn = sampled[wanted.to(sampled.device)].tolist()
    return [Weighed(*both) for both in zip(plain, drawn, strict=True)]


def _rest(logits: Tensor, option: Option, drawing: Drawing) -> Weighed:
    """Of all but an option's first token in turn; `logits` is [tokens - 1, vocabulary]."""
    total = Weighed(1.0, 1.0)
    for place, row in enumerate(logits.float(), start=1):
        read = option.context + option.continuation[:place]
        total = total.then(*_next(row, read, option.continuation[place : place + 1], drawing))
    return total
