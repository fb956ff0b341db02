"""A server that holds the tokens in its own hands: from requests to distinct rows, and back."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from tombench.backends.hf.scoring import Option, Scored
from tombench.backends.thinking import new_tokens
from tombench.models.encoding import Encoding
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


@dataclass(frozen=True)
class Reading:
    """What a likelihood request is to a model."""

    text: str  # the context as sent
    options: tuple[Option, ...]
    error: str | None  # why they cannot be scored


class Readable(Protocol):
    """What is asked of a loaded model here, whatever runs it."""

    @property
    def encoding(self) -> Encoding: ...

    @property
    def context_length(self) -> int | None: ...


class LocalServer(ABC):
    """Answers requests; `draw` and `score` are left to whatever runs the model."""

    loaded: Readable

    @abstractmethod
    def draw(self, rows: Sequence[Row], sampling: Sampling) -> Mapping[Row, Sample]:
        """Draw distinct rows."""

    @abstractmethod
    def score(self, options: Sequence[Option]) -> Mapping[Option, Scored]:
        """Score distinct options, none of them empty."""

    def prompt_as_sent(self, request: Request) -> str:
        """The exact text that the model reads, chat template included."""
        return self.loaded.encoding.sent(request)

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        """Draw each request's samples, in the order of its seeds."""
        sent = [self.prompt_as_sent(request) for request in requests]
        prompts = [tuple(self.loaded.encoding.encode(text)) for text in sent]
        errors = [
            self._misfit(len(p), new_tokens(self.loaded, len(p), r.sampling.max_new_tokens), "new")
            for p, r in zip(prompts, requests, strict=True)
        ]
        wanted: dict[Sampling, dict[Row, None]] = {}
        rows = [_rows(p, request) for p, request in zip(prompts, requests, strict=True)]
        for request, own, error in zip(requests, rows, errors, strict=True):
            if error is None:
                wanted.setdefault(request.sampling, {}).update(dict.fromkeys(own))
        drawn = {sampling: self.draw(list(some), sampling) for sampling, some in wanted.items()}
        return [
            GenerateResponse(text, error=error)
            if error
            else GenerateResponse(text, tuple(drawn[request.sampling][row] for row in own))
            for text, request, own, error in zip(sent, requests, rows, errors, strict=True)
        ]

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        """Score each request's continuations, in their order; log-softmax in float32."""
        readings = self.readings(requests)
        wanted = (own.options for own in readings if own.error is None)
        scores = self.score(list(dict.fromkeys(chain.from_iterable(wanted))))
        return [
            LikelihoodResponse(own.text, error=own.error)
            if own.error
            else _scored(own.text, own.options, scores)
            for own in readings
        ]

    def readings(self, requests: Sequence[LikelihoodRequest]) -> list[Reading]:
        """Each request in this model's tokens, or why it cannot be scored."""
        found = []
        for request in requests:
            text = self.prompt_as_sent(request)
            options = self._options(text, request)
            found.append(Reading(text, tuple(options), self._unscorable(options)))
        return found

    def _options(self, text: str, request: LikelihoodRequest) -> list[Option]:
        context, continuations = self.loaded.encoding.pairs(text, request.continuations)
        return [Option(tuple(context), tuple(own)) for own in continuations]

    def _unscorable(self, options: Sequence[Option]) -> str | None:
        if any(not option.continuation for option in options):
            return "a continuation is empty: there is nothing to score"
        longest = max(options, key=lambda option: option.length)
        return self._misfit(len(longest.context), len(longest.continuation), "continuation")

    def _misfit(self, prompt: int, new: int, what: str) -> str | None:
        """Why so many tokens do not fit the model's context, or None where they do."""
        limit = self.loaded.context_length
        if limit is None or prompt + new <= limit:
            return None
        return (
            f"a prompt of {prompt} tokens and {new} {what} tokens do not fit"
            f" the model's context of {limit} tokens"
        )


def _rows(prompt: tuple[int, ...], request: GenerateRequest) -> list[Row]:
    """The rows that a request needs: at temperature 0 all its samples are one."""
    greedy = request.sampling.temperature == 0
    return [Row(prompt, 0 if greedy else seed) for seed in request.seeds]


def _scored(
    text: str, options: Sequence[Option], scores: Mapping[Option, Scored]
) -> LikelihoodResponse:
    """A response from the scores of its options."""
    own = [scores[option] for option in options]
    return LikelihoodResponse(
        text,
        log_likelihoods=tuple(s.log_likelihood for s in own),
        tokens=tuple(len(option.continuation) for option in options),
        greedy=tuple(s.greedy for s in own),
    )
