"""A server that answers over the network, as `backends/base.py` wants it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tombench.backends.api.backend import ApiBackend
from tombench.backends.api.body import Bodies
from tombench.backends.api.client import Ask, Client, Refusal
from tombench.backends.api.cost import ApiPreview
from tombench.backends.api.likelihood import Likelihood
from tombench.backends.api.reply import read_samples
from tombench.backends.api.tally import money
from tombench.backends.base import Estimate, refuse_choices
from tombench.models.base import Model
from tombench.schema import (
    GenerateRequest,
    GenerateResponse,
    LikelihoodRequest,
    LikelihoodResponse,
    Request,
    Sample,
    Sampling,
)

logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class Draw:
    """Samples that one request asks for."""

    text: str
    sampling: Sampling
    seeds: tuple[int, ...]


class ApiServer:
    """Answers requests through a client; batches are of `backend.batch_items` items."""

    def __init__(self, settings: ApiBackend, model: Model, client: Client) -> None:
        self.settings, self.client = settings, client
        self.bodies = Bodies(settings, model)
        self._preview = ApiPreview(settings, model)
        self._likelihood = Likelihood(settings, self.bodies, client)
        self._thinks = model.thinking != "off"
        self._noted: set[str] = set()

    def prompt_as_sent(self, request: Request) -> str:
        """The text that the server gets; its chat template is its own."""
        return self.bodies.as_sent(request.text)

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        """Calls, tokens and money, as before the run."""
        return self._preview.estimate(requests)

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        """Items in their order, `batch_items` at a time."""
        refuse_choices(requests, "api")
        flat = [request for item in requests for request in item]
        drawn = [request for request in flat if isinstance(request, GenerateRequest)]
        self._likelihood.needed = bool(flat) and not drawn
        sampled = [r.sampling for r in drawn if r.sampling.temperature > 0]
        if not self.settings.send_top_k and any(s.top_k for s in sampled):
            self._note(
                f"backend.send_top_k=false: top_k={max(s.top_k for s in sampled)} is not applied,"
                " and the run's identity says so"
            )
        step = self.settings.batch_items
        return [
            list(range(start, min(start + step, len(requests))))
            for start in range(0, len(requests), step)
        ]

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        """Draw each request's samples, in the order of its seeds."""
        wanted = [self._draws(request) for request in requests]
        drawn = self._draw(list(dict.fromkeys(draw for own in wanted for draw in own)))
        return [
            self._response(request, [drawn[draw] for draw in own])
            for request, own in zip(requests, wanted, strict=True)
        ]

    def _draws(self, request: GenerateRequest) -> list[Draw]:
        """The requests that a question needs: at temperature 0 all its samples are one."""
        if request.sampling.temperature == 0:
            return [Draw(request.text, request.sampling, (0,))] * len(request.seeds)
        if self.settings.samples == "together" and request.seeds:
            return [Draw(request.text, request.sampling, request.seeds)]
        return [Draw(request.text, request.sampling, (seed,)) for seed in request.seeds]

    def _draw(self, draws: Sequence[Draw]) -> dict[Draw, list[Sample] | Refusal]:
        """Ask until every draw has its samples: a server may give fewer than n at once."""
        done: dict[Draw, list[Sample] | Refusal] = {draw: [] for draw in draws}
        while left := [draw for draw in draws if _missing(draw, done[draw])]:
            asks = [self._ask(draw, _missing(draw, done[draw])) for draw in left]
            for draw, got in zip(left, self.client.ask(asks, read_samples), strict=True):
                if isinstance(got, Refusal):
                    done[draw] = got
                else:
                    done[draw] = [*done[draw], *got][: len(draw.seeds)]
        return done

    def _ask(self, draw: Draw, missing: int) -> Ask:
        body = self.bodies.generate(draw.text, draw.sampling, draw.seeds[-missing:])
        return Ask(body, self.bodies.expected_tokens(body))

    def _response(
        self, request: GenerateRequest, drawn: Sequence[list[Sample] | Refusal]
    ) -> GenerateResponse:
        text = self.prompt_as_sent(request)
        refused = next((got for got in drawn if isinstance(got, Refusal)), None)
        if refused is not None:
            return GenerateResponse(text, error=refused.told)
        samples = tuple(sample for got in drawn for sample in got)
        if not self._thinks and any(sample.thinking for sample in samples):
            self._note(
                "the model thinks although model.thinking=off: the server needs a word of its own"
                " to stop it, often backend.extra_body.chat_template_kwargs.enable_thinking=false"
            )
        return GenerateResponse(text, samples)

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        """Score each request's continuations, as far as the server lets them be scored."""
        return self._likelihood.score(requests)

    def usage(self) -> Mapping[str, Any]:
        """What the server was asked since the run was last started, for run.json."""
        tally = self.client.tally
        price = money(
            tally.prompt_tokens,
            tally.completion_tokens,
            self.settings.price_per_million_input,
            self.settings.price_per_million_output,
        )
        more = {} if price is None else {"money": round(price, 6)}
        return asdict(tally) | {"options_bounded": self._likelihood.bounded} | more

    def _note(self, line: str) -> None:
        """Warn, once."""
        if line not in self._noted:
            self._noted.add(line)
            logger.warning("%s", line)


def _missing(draw: Draw, got: list[Sample] | Refusal) -> int:
    return 0 if isinstance(got, Refusal) else len(draw.seeds) - len(got)
