"""Players whose law is known instead of a model: teachers, and references for the games.

tombench task=games backend=behaviour backend.chooser=quantal_response backend.rate=0.5
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.backends.base import Estimate
from tombench.models.base import Model
from tombench.schema import (
    STRICT,
    ChoiceRequest,
    ChoiceResponse,
    GenerateRequest,
    GenerateResponse,
    LikelihoodRequest,
    LikelihoodResponse,
    Request,
)
from tombench.strategy.behaviour import (
    Chooser,
    CognitiveHierarchy,
    Constant,
    LevelK,
    NoisyResponse,
    QuantalResponse,
)
from tombench.strategy.player import Player, cell_of

BATCH = 64  # items
Share = Annotated[float, Field(ge=0, le=1)]


@checked(frozen=True, config=STRICT)
class BehaviourBackend:
    """Answers items of task=games by a law; the model's weights are not read."""

    not_identity: ClassVar[frozenset[str]] = frozenset()
    unused: ClassVar[frozenset[str]] = frozenset({"model"})

    chooser: Literal[
        "quantal_response", "noisy_response", "level_k", "cognitive_hierarchy", "constant"
    ] = "quantal_response"
    rate: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.5  # lambda, 1/points
    level: Annotated[int, Field(ge=0)] = 1
    tau: Annotated[float, Field(ge=0, le=100)] = 1.5  # mean number of steps
    noise: Share = 0.0  # share of choices at random, of level_k and cognitive_hierarchy
    share: Share = 0.5  # of cooperation, of constant
    context_shift: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0  # sd, nats

    def label(self, model: Model) -> str:
        """What tables call whoever answered: the law, since no model did."""
        return f"behaviour:{self.chooser}"

    def model_identity(self, model: Model) -> None:
        """No weights: nothing of the model can change a result."""

    def check(self, model: Model) -> None:
        """A law always loads."""

    def load(self, model: Model) -> "BehaviourServer":
        return BehaviourServer(Player(self.law(), self.context_shift))

    def preview(self, model: Model) -> "BehaviourServer":
        """As loaded: there is nothing to fetch."""
        return self.load(model)

    def law(self) -> Chooser:
        """Who chooses, contexts aside."""
        return {
            "quantal_response": QuantalResponse(self.rate),
            "noisy_response": NoisyResponse(self.rate),
            "level_k": LevelK(self.level, self.noise),
            "cognitive_hierarchy": CognitiveHierarchy(self.tau, self.noise),
            "constant": Constant(self.share),
        }[self.chooser]


class BehaviourServer:
    """A player who is ready to answer; how answers are sampled does not touch the law."""

    def __init__(self, player: Player) -> None:
        self.player = player

    def prompt_as_sent(self, request: Request) -> str:
        return request.text

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        items = list(range(len(requests)))
        return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]

    def choices(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceResponse]:
        """The law's own probabilities, also as what a sampler would draw."""
        told = [self.player.weighs(cell_of(r.item), r.options) for r in requests]
        return [
            ChoiceResponse(request.prompt, own, own)
            for request, own in zip(requests, told, strict=True)
        ]

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        """A choice a seed; with reasons where there is room for them."""
        return [
            GenerateResponse(r.prompt, self.player.answers(cell_of(r.item), r.sampling, r.seeds))
            for r in requests
        ]

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        for request in requests:
            cell_of(request.item)  # whose refusal says what to ask instead
        if requests:
            raise ValueError("a player chooses among options, and scores no other text")
        return []

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        texts = {request.text for item in requests for request in item}
        words = sum(len(text.split()) for text in texts)
        return Estimate(words, 0, 0, 0.0, "a law takes no time; tokens are words here")
