"""A loaded transformers model that answers requests in batches."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from tombench.backends.base import Estimate
from tombench.backends.batching import Size, halving, plan, tell_halved
from tombench.backends.decoding import decode
from tombench.backends.families import families
from tombench.backends.prefixes import FORWARD
from tombench.backends.reading import prefill
from tombench.backends.sampling import uniforms
from tombench.backends.scoring import Option, Scored, score, size
from tombench.backends.sizing import batches
from tombench.backends.thinking import Reasoner, new_tokens, sample
from tombench.models.load import Loaded
from tombench.schema import (
    GenerateRequest,
    GenerateResponse,
    LikelihoodRequest,
    LikelihoodResponse,
    Request,
    Sample,
    Sampling,
)


@dataclass(frozen=True)
class Row:
    """One continuation to draw."""

    prompt: tuple[int, ...]
    seed: int


class HfServer:
    """Answers requests with a loaded model; `batch_tokens` bounds rows x (prompt + new tokens)."""

    def __init__(self, loaded: Loaded, batch_tokens: int) -> None:
        self.loaded = loaded
        self.batch_tokens = batch_tokens
        self._budget = batch_tokens  # halved where memory ran out; the plan of items is not

    def prompt_as_sent(self, request: Request) -> str:
        """The exact text that the model reads, chat template included."""
        return self.loaded.encoding.sent(request)

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        """Item indices in batches under the token budget, the longest first."""
        return batches(self.loaded, requests, self.batch_tokens)

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        """Draw each request's samples, in the order of its seeds."""
        sent = [self.prompt_as_sent(request) for request in requests]
        prompts = [tuple(self.loaded.encoding.encode(text)) for text in sent]
        errors = [
            self._misfit(len(p), new_tokens(self.loaded, len(p), r.sampling.max_new_tokens), "new")
            for p, r in zip(prompts, requests, strict=True)
        ]
        wanted: dict[Sampling, dict[Row, None]] = {}
        rows = [self._rows(p, request) for p, request in zip(prompts, requests, strict=True)]
        for request, own, error in zip(requests, rows, errors, strict=True):
            if error is None:
                wanted.setdefault(request.sampling, {}).update(dict.fromkeys(own))
        drawn = {sampling: self._draw(list(some), sampling) for sampling, some in wanted.items()}
        return [
            GenerateResponse(text, error=error)
            if error
            else GenerateResponse(text, tuple(drawn[request.sampling][row] for row in own))
            for text, request, own, error in zip(sent, requests, rows, errors, strict=True)
        ]

    def _rows(self, prompt: tuple[int, ...], request: GenerateRequest) -> list[Row]:
        """The rows that a request needs: at temperature 0 all its samples are one."""
        greedy = request.sampling.temperature == 0
        return [Row(prompt, 0 if greedy else seed) for seed in request.seeds]

    def _draw(self, rows: Sequence[Row], sampling: Sampling) -> dict[Row, Sample]:
        """Draw distinct rows, prompts of like length together."""
        by_prompt: dict[tuple[int, ...], list[Row]] = {}
        for row in rows:
            by_prompt.setdefault(row.prompt, []).append(row)
        groups = list(by_prompt.values())
        lengths = [len(group[0].prompt) for group in groups]
        new = [new_tokens(self.loaded, length, sampling.max_new_tokens) for length in lengths]
        sizes = [Size(len(g), n + m) for g, n, m in zip(groups, lengths, new, strict=True)]
        samples: dict[Row, Sample] = {}
        for batch in plan(sizes, self._budget):
            some = [row for index in batch for row in groups[index]]
            done = halving(lambda rows: self._draw_batch(rows, sampling), some, self._halve)
            samples.update(zip(some, done, strict=True))
        return samples

    def _draw_batch(self, rows: Sequence[Row], sampling: Sampling) -> list[Sample]:
        """Draw rows whose prompts are read at once; the rows continue as many as fit at once."""
        if self.loaded.encoding.thinking != "off":
            reasoner = Reasoner(self.loaded, sampling, self._budget)
            return reasoner.samples([row.prompt for row in rows], [row.seed for row in rows])
        steps = sampling.max_new_tokens
        prompts = list(dict.fromkeys(row.prompt for row in rows))
        prefix = prefill(self.loaded, prompts, room=steps)
        place = {prompt: index for index, prompt in enumerate(prompts)}
        chunk = max(1, self._budget // (prefix.mask.shape[1] + steps))
        samples: list[Sample] = []
        for start in range(0, len(rows), chunk):
            some = rows[start : start + chunk]
            at = torch.tensor([place[row.prompt] for row in some], device=self.loaded.device)
            numbers = uniforms([row.seed for row in some], steps)
            for ids in decode(self.loaded, prefix.select(at, room=steps), sampling, numbers):
                samples.append(sample(self.loaded.encoding, ids, steps))
        return samples

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        """Score each request's continuations, in their order; log-softmax in float32."""
        sent = [self.prompt_as_sent(request) for request in requests]
        options = [
            self._options(text, request) for text, request in zip(sent, requests, strict=True)
        ]
        errors = [self._unscorable(own) for own in options]
        wanted = dict.fromkeys(
            option
            for own, error in zip(options, errors, strict=True)
            for option in own
            if error is None
        )
        scores = self._score(list(wanted))
        return [
            LikelihoodResponse(text, error=error) if error else _scored(text, own, scores)
            for text, own, error in zip(sent, options, errors, strict=True)
        ]

    def _options(self, text: str, request: LikelihoodRequest) -> list[Option]:
        context, continuations = self.loaded.encoding.pairs(text, request.continuations)
        return [Option(tuple(context), tuple(own)) for own in continuations]

    def _unscorable(self, options: Sequence[Option]) -> str | None:
        if any(not option.continuation for option in options):
            return "a continuation is empty: there is nothing to score"
        longest = max(options, key=lambda option: option.length)
        return self._misfit(len(longest.context), len(longest.continuation), "continuation")

    def _score(self, options: Sequence[Option]) -> dict[Option, Scored]:
        """Score distinct options, those of one context together."""
        by_context: dict[tuple[int, ...], list[Option]] = {}
        for option in options:
            by_context.setdefault(option.context, []).append(option)
        groups = list(by_context.values())
        alike = families(list(by_context))
        scores: dict[Option, Scored] = {}
        for batch in plan([size(group) for group in groups], self._budget, alike, FORWARD):
            some = [option for index in batch for option in groups[index]]
            done = halving(lambda own: score(self.loaded, own, self._budget), some, self._halve)
            scores.update(zip(some, done, strict=True))
        return scores

    def _misfit(self, prompt: int, new: int, what: str) -> str | None:
        """Why so many tokens do not fit the model's context, or None where they do."""
        limit = self.loaded.context_length
        if limit is None or prompt + new <= limit:
            return None
        return (
            f"a prompt of {prompt} tokens and {new} {what} tokens do not fit"
            f" the model's context of {limit} tokens"
        )

    def _halve(self) -> None:
        self._budget = max(1, self._budget // 2)
        tell_halved(self._budget)

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        """What answering would take, measured on a small share of the planned batches."""
        from tombench.backends.measuring import estimate

        return estimate(self, requests)


def _scored(
    text: str, options: Sequence[Option], scores: dict[Option, Scored]
) -> LikelihoodResponse:
    """A response from the scores of its options."""
    own = [scores[option] for option in options]
    return LikelihoodResponse(
        text,
        log_likelihoods=tuple(s.log_likelihood for s in own),
        tokens=tuple(len(option.continuation) for option in options),
        greedy=tuple(s.greedy for s in own),
    )
