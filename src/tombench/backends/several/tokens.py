"""Weak-to-strong token by token: three models' logits are added up before the softmax.

log p(token) = log_softmax(large + alpha * (tuned - untuned)) over the whole common vocabulary, in
float32: Liu et al. 2024, "Tuning language models by proxy", section 2, used to score a given text
and not to write one. Each model reads a text once, whatever number of alphas is asked for.
"""

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from tombench.backends.base import Estimate
from tombench.backends.hf.batching import halving, tell_halved
from tombench.backends.hf.memory import LOGITS
from tombench.backends.hf.sampling import refuse_nan
from tombench.backends.hf.scoring import Option, Scored, batches_of
from tombench.backends.hf.server import HfServer
from tombench.backends.local import Reading
from tombench.backends.several.roles import LARGE, ROLES, TOKENS, Mix
from tombench.backends.several.routing import SeveralPreview
from tombench.schema import (
    GenerateRequest,
    GenerateResponse,
    LikelihoodRequest,
    LikelihoodResponse,
    Request,
)

Mixed = tuple[Scored, ...]
"""One option's score under each mix."""


class TokenSteeredServer:
    """Answers a likelihood request by all mixes of three models at once.

    A response holds one number a mix and continuation: those of the first mix for all
    continuations, then those of the second, and so on (so do `tokens` and `greedy`).

    `vocabulary`: ids below this are common to all (`several.audit`); a head's padding is cut off.
    """

    def __init__(
        self, models: Mapping[str, HfServer], mixes: Sequence[Mix], vocabulary: int
    ) -> None:
        self.models = {role: models[role] for role in ROLES}
        self.mixes = tuple(mixes)
        self.vocabulary = vocabulary
        self._budget = min(model.batch_tokens for model in models.values())

    def prompt_as_sent(self, request: Request) -> str:
        """As the large model reads it; another model's must be the same tokens."""
        return self.models[LARGE].prompt_as_sent(request)

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        """What all three take."""
        return SeveralPreview(self.models).estimate(requests)

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        """The large model's plan."""
        return self.models[LARGE].batches(requests)

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        """It scores and draws nothing: raises ValueError where it is asked to."""
        if requests:
            raise ValueError(f"role {TOKENS!r} scores and draws nothing")
        return []

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        """Each request's continuations under each mix; models that read it otherwise: an error."""
        by_role = {role: model.readings(requests) for role, model in self.models.items()}
        readings = by_role[LARGE]
        errors = [
            _error({role: own[place] for role, own in by_role.items()})
            for place in range(len(requests))
        ]
        wanted = {
            option: None
            for own, error in zip(readings, errors, strict=True)
            for option in own.options
            if error is None
        }
        scores = self._score(list(wanted))
        return [
            LikelihoodResponse(own.text, error=error) if error else _response(own, scores)
            for own, error in zip(readings, errors, strict=True)
        ]

    def _score(self, options: Sequence[Option]) -> dict[Option, Mixed]:
        """Score distinct options, as many at once as tokens and logits fit."""
        scores: dict[Option, Mixed] = {}
        most = max(1, LOGITS // (len(self.models) * self.vocabulary))
        for batch in batches_of(options, self._budget):
            for some in _pieces(batch, most):
                done = halving(self._mixed, some, self._halve)
                scores.update(zip(some, done, strict=True))
        return scores

    def _mixed(self, options: Sequence[Option]) -> list[Mixed]:
        device = self.models[LARGE].loaded.device
        read: dict[int, Tensor] = {}  # one model may play two roles
        for model in self.models.values():
            if id(model) not in read:
                rows = [own[:, : self.vocabulary].to(device) for own in model.logits(options)]
                read[id(model)] = torch.cat(rows)
                refuse_nan(read[id(model)])
        logits = {role: read[id(model)] for role, model in self.models.items()}
        tokens = [token for option in options for token in option.continuation]
        targets = torch.tensor(tokens, device=device)
        lengths = [len(option.continuation) for option in options]
        by_mix = [_scored(weighed(logits, mix), targets, lengths) for mix in self.mixes]
        return list(zip(*by_mix, strict=True))

    def _halve(self) -> None:
        self._budget = max(1, self._budget // 2)
        tell_halved(self._budget)


def weighed(logits: Mapping[str, Tensor], mix: Mix) -> Tensor:
    """The weighted sum of logits (float32 [tokens, vocabulary]) of the parts that count."""
    parts = [logits[role] * weight for role, weight in mix.weights.items()]
    return torch.stack(parts).sum(0) if len(parts) > 1 else parts[0]


def _scored(logits: Tensor, targets: Tensor, lengths: Sequence[int]) -> list[Scored]:
    """Scores of options whose tokens (int64 [tokens]) stand one after the other."""
    log_probs = logits.log_softmax(-1).gather(-1, targets[:, None])[:, 0].double()
    best = logits.argmax(-1) == targets
    return [
        Scored(float(values.sum()), bool(greedy.all()))
        for values, greedy in zip(
            log_probs.split(list(lengths)), best.split(list(lengths)), strict=True
        )
    ]


def _pieces(options: Sequence[Option], most: int) -> Iterator[list[Option]]:
    """Options of one batch, in their order, with at most so many tokens to score at once."""
    piece: list[Option] = []
    held = 0
    for option in options:
        own = len(option.continuation)
        if piece and held + own > most:
            yield piece
            piece, held = [], 0
        piece.append(option)
        held += own
    if piece:
        yield piece


def _error(readings: Mapping[str, Reading]) -> str | None:
    """Why a request cannot be scored by all, or None."""
    for role, reading in readings.items():
        if reading.error is not None:
            return f"{role}: {reading.error}"
        if reading.options != readings[LARGE].options:
            return (
                f"{LARGE} and {role} read this text as different tokens;"
                " policy.over=candidates needs no common ones"
            )
    return None


def _response(reading: Reading, scores: Mapping[Option, Mixed]) -> LikelihoodResponse:
    """All continuations under the first mix, then under the second, …"""
    own = [scores[option] for option in reading.options]
    flat = [score for by_mix in zip(*own, strict=True) for score in by_mix]
    lengths = tuple(len(option.continuation) for option in reading.options)
    return LikelihoodResponse(
        reading.text,
        log_likelihoods=tuple(score.log_likelihood for score in flat),
        tokens=lengths * (len(flat) // len(own)),
        greedy=tuple(score.greedy for score in flat),
    )
