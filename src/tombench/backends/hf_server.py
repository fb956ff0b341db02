"""A loaded transformers model that answers requests in batches."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from tombench.backends.base import Estimate
from tombench.backends.batching import Size, halving, plan, tell_halved
from tombench.backends.decoding import decode, prefill
from tombench.backends.sampling import uniforms
from tombench.backends.scoring import Option, Scored, score
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
        return self.loaded.encoding.as_sent(request.text)

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        """Item indices in batches under the token budget, longest first."""
        return plan([self.size(item) for item in requests], self.batch_tokens)

    def size(self, item: Sequence[Request]) -> Size:
        """Rows and longest row (tokens) of an item's requests."""
        sizes = [self._request_size(request) for request in item]
        return Size(sum(s.rows for s in sizes), max((s.length for s in sizes), default=0))

    def _request_size(self, request: Request) -> Size:
        encoding = self.loaded.encoding
        tokens = len(encoding.encode(self.prompt_as_sent(request)))
        if isinstance(request, GenerateRequest):
            return Size(len(request.seeds), tokens + request.sampling.max_new_tokens)
        longest = max(len(encoding.tokenizer.encode(c)) for c in request.continuations)
        return Size(len(request.continuations), tokens + longest)

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        """Draw each request's samples, in the order of its seeds."""
        sent = [self.prompt_as_sent(request) for request in requests]
        prompts = [tuple(self.loaded.encoding.encode(text)) for text in sent]
        errors = [
            self._misfit(len(prompt), request.sampling.max_new_tokens, "new")
            for prompt, request in zip(prompts, requests, strict=True)
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
        sizes = [Size(len(g), len(g[0].prompt) + sampling.max_new_tokens) for g in groups]
        samples: dict[Row, Sample] = {}
        for batch in plan(sizes, self._budget):
            some = [row for index in batch for row in groups[index]]
            done = halving(lambda rows: self._draw_batch(rows, sampling), some, self._halve)
            samples.update(zip(some, done, strict=True))
        return samples

    def _draw_batch(self, rows: Sequence[Row], sampling: Sampling) -> list[Sample]:
        """Draw rows whose prompts are read at once; the rows continue as many as fit at once."""
        steps = sampling.max_new_tokens
        prompts = list(dict.fromkeys(row.prompt for row in rows))
        prefix = prefill(self.loaded, prompts)
        place = {prompt: index for index, prompt in enumerate(prompts)}
        chunk = max(1, self._budget // (prefix.mask.shape[1] + steps))
        samples: list[Sample] = []
        for start in range(0, len(rows), chunk):
            some = rows[start : start + chunk]
            at = torch.tensor([place[row.prompt] for row in some], device=self.loaded.device)
            numbers = uniforms([row.seed for row in some], steps)
            for ids in decode(self.loaded, prefix.select(at, room=steps), sampling, numbers):
                text = self.loaded.encoding.decode(ids)
                samples.append(Sample(text, tokens=len(ids), truncated=len(ids) == steps))
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
        pairs = [self.loaded.encoding.pair(text, c) for c in request.continuations]
        return [Option(tuple(before), tuple(after)) for before, after in pairs]

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
        sizes = [Size(len(group), max(o.length for o in group)) for group in groups]
        scores: dict[Option, Scored] = {}
        for batch in plan(sizes, self._budget):
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
