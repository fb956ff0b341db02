"""Known minds instead of a model: every number that they lead to can be predicted.

tombench backend=mock backend.mind=reality_biased
"""

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic.dataclasses import dataclass as checked

from tombench.backends.base import Estimate
from tombench.errors import UserError
from tombench.models.base import Model
from tombench.schema import (
    STRICT,
    ChoiceRequest,
    ChoiceResponse,
    GenerateRequest,
    GenerateResponse,
    Item,
    LikelihoodRequest,
    LikelihoodResponse,
    Request,
    Sample,
)

BATCH = 4  # items; small, so that tests meet several batches
REFUSAL = "I am sorry, but I am not able to answer that."
RAMBLE = (
    "There are many ways to look at this. Some people would say one thing and some another. "
    "It is hard to tell, and there is more to say about it."
)


@checked(frozen=True, config=STRICT)
class MockBackend:
    """Answers as a known mind does; the model's weights are not read."""

    not_identity: ClassVar[frozenset[str]] = frozenset()  # fields that cannot change a result
    unused: ClassVar[frozenset[str]] = frozenset({"model"})  # groups that it does not read

    mind: Literal["right", "reality_biased", "yes_sayer", "refuser", "rambler"] = "right"

    def label(self, model: Model) -> str:
        """What tables call whoever answered: the mind, since no model did."""
        return f"mock:{self.mind}"

    def model_identity(self, model: Model) -> None:
        """No weights: nothing of the model can change a result."""

    def check(self, model: Model) -> None:
        """A known mind always loads."""

    def load(self, model: Model) -> "MockServer":
        return MockServer(self.mind)

    def preview(self, model: Model) -> "MockServer":
        """As loaded: there is nothing to fetch."""
        return self.load(model)


class MockServer:
    """A mind that is ready to answer."""

    def __init__(self, mind: str) -> None:
        self.mind = mind

    def prompt_as_sent(self, request: Request) -> str:
        return request.text

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        return [
            list(range(start, min(start + BATCH, len(requests))))
            for start in range(0, len(requests), BATCH)
        ]

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        return [self._generate(request) for request in requests]

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        return [self._score(request) for request in requests]

    def choices(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceResponse]:
        return [self._choose(request) for request in requests]

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        flat = [request for item in requests for request in item]
        words = sum(len(text.split()) for text in {request.text for request in flat})
        drawn = sum(
            len(request.seeds) * request.sampling.max_new_tokens
            for request in flat
            if isinstance(request, GenerateRequest)
        )
        return Estimate(words, drawn, 0, 0.0, "a known mind takes no time; tokens are words here")

    def _generate(self, request: GenerateRequest) -> GenerateResponse:
        text = {"refuser": REFUSAL, "rambler": RAMBLE}.get(self.mind)
        if text is None:
            said = self._said(request.item)
            text = f" {said}." if _options(request.item) else f"{said.capitalize()}."
        truncated = self.mind == "rambler"  # it never comes to an end by itself
        sample = Sample(text, tokens=len(text.split()), truncated=truncated)
        return GenerateResponse(request.prompt, (sample,) * len(request.seeds))

    def _score(self, request: LikelihoodRequest) -> LikelihoodResponse:
        """-1 nat for what the mind says, -2 for all else; refuser and rambler prefer nothing."""
        said = None if self.mind in ("refuser", "rambler") else self._said(request.item).lower()
        matches = [option.strip().lower() == said for option in request.continuations]
        return LikelihoodResponse(
            request.context,
            log_likelihoods=tuple(-1.0 if match else -2.0 for match in matches),
            tokens=(1,) * len(matches),
            greedy=tuple(matches),
        )

    def _choose(self, request: ChoiceRequest) -> ChoiceResponse:
        """All of it on what the mind says; refuser and rambler take no option at all.

        A yes-sayer says the first option where none is yes.
        """
        spellings = [{text.strip().lower() for text in option} for option in request.options]
        match = [False] * len(spellings)
        if self.mind == "yes_sayer":
            yes = next((place for place, own in enumerate(spellings) if "yes" in own), 0)
            match[yes] = True
        elif self.mind not in ("refuser", "rambler"):
            said = self._said(request.item).lower()
            match = [said in own for own in spellings]
        told = tuple(map(float, match))
        return ChoiceResponse(request.prompt, told, told)

    def _said(self, item: Item) -> str:
        if self.mind == "yes_sayer":
            options = _options(item)
            yes = [option for option in options if option.lower() == "yes"]
            return [*yes, *options, "yes"][0]
        said = item.reality if self.mind == "reality_biased" else item.target
        if said is None:
            what = "reality" if self.mind == "reality_biased" else "right answer"
            raise UserError(
                f"backend.mind={self.mind}: item '{item.id}' does not say its {what}; "
                "take another mind, or data that has it"
            )
        return said


def _options(item: Item) -> Sequence[str]:
    """The answers that the item itself offers, as a question about a story does; else ()."""
    return getattr(item.content, "options", ())
