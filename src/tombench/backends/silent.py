"""No model at all: for tasks whose policy answers by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tombench.backends.base import Estimate
from tombench.models.base import Model
from tombench.schema import (
    GenerateRequest,
    GenerateResponse,
    LikelihoodRequest,
    LikelihoodResponse,
    Request,
)

BATCH = 64  # items


@dataclass(frozen=True)
class Silent:
    """A backend and its server in one; nothing is ever asked of it."""

    not_identity: ClassVar[frozenset[str]] = frozenset({"who"})
    unused: ClassVar[frozenset[str]] = frozenset({"model"})

    who: str  # answers in the model's place

    def label(self, model: Model) -> str:
        return self.who

    def model_identity(self, model: Model) -> Mapping[str, Any] | None:
        return None

    def check(self, model: Model) -> None:
        """There is nothing to refuse."""

    def load(self, model: Model) -> "Silent":
        return self

    def preview(self, model: Model) -> "Silent":
        return self

    def prompt_as_sent(self, request: Request) -> str:
        return request.text

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        return Estimate(0, 0, 0, None, f"{self.who} answers without a model, in milliseconds")

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        items = list(range(len(requests)))
        return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        return [_unasked(request) for request in requests]

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        return [_unasked(request) for request in requests]


def _unasked(request: Request) -> Any:
    raise ValueError(f"a model is asked where there is none: {request.text[:80]!r}")
