"""What runs a model: two batch methods, and how items are cut into batches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.schema import (
    ChoiceRequest,
    GenerateRequest,
    GenerateResponse,
    LikelihoodRequest,
    LikelihoodResponse,
    Request,
    Response,
    WindowsRequest,
)


@dataclass(frozen=True)
class Estimate:
    """What a run would take, for `dry_run=true`."""

    prompt_tokens: int  # in all prompts, each counted once
    new_tokens: int  # at most drawn, plus continuations scored
    weights_bytes: int
    seconds: float | None  # None: nothing to measure it by
    how: str  # how the seconds were found
    memory_bytes: int | None = None  # at the peak, weights included; None: not known here
    notes: tuple[str, ...] = ()  # further lines of the plan, such as a service's price


class Preview(Protocol):
    """What a dry run asks of a model."""

    def prompt_as_sent(self, request: Request) -> str:
        """The exact text that the model reads, chat template included."""
        ...

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate: ...


class Server(Preview, Protocol):
    """A model that is ready to answer.

    One that counts, such as tokens that are billed, also has `usage() -> Mapping[str, number]`:
    what it counted since it was loaded goes to run.json. One that reads long texts also has
    `windows(requests) -> list[LikelihoodResponse]`; one that tells how probable answers are,
    `choices(requests) -> list[ChoiceResponse]`.
    """

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        """Cut items (each a sequence of requests) into batches of item indices.

        The plan depends on the requests alone, so a resumed run replays it.
        """
        ...

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]: ...

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]: ...


class Backend(Protocol):
    """What a file under `configs/backend/` builds: it turns a model into a server.

    One that can tell without weights what its model reads also has `reader(model)`, a TokenReader
    of `responses.key`: then a run whose responses are all cached loads none.
    """

    not_identity: ClassVar[frozenset[str]]  # its fields that cannot change a result
    unused: ClassVar[frozenset[str]]  # groups it does not read, or keys such as model.dtype

    def label(self, model: Model) -> str:
        """What tables call whoever answers."""
        ...

    def model_identity(self, model: Model) -> Mapping[str, Any] | None:
        """Everything about the model that can change a result: digests, dtype, template."""
        ...

    def check(self, model: Model) -> None:
        """Refuse with a UserError what could not be loaded, before any weights are read."""
        ...

    def load(self, model: Model) -> Server: ...

    def preview(self, model: Model) -> Preview:
        """For `dry_run=true`: what can be told without fetching any weights."""
        ...


def answer(server: Server, requests: Sequence[Sequence[Request]]) -> list[list[Response]]:
    """Answer a batch of items, each kind of request in one call; order is kept."""
    flat = [request for item in requests for request in item]
    answers: dict[type, Iterator[Response]] = {
        GenerateRequest: iter(server.generate(_of(flat, GenerateRequest))),
        LikelihoodRequest: iter(server.loglikelihood(_of(flat, LikelihoodRequest))),
    }
    if long := _of(flat, WindowsRequest):
        answers[WindowsRequest] = iter(server.windows(long))
    if choices := _of(flat, ChoiceRequest):
        answers[ChoiceRequest] = iter(server.choices(choices))
    return [[next(answers[type(request)]) for request in item] for item in requests]


def refuse_choices(requests: Sequence[Sequence[Request]], backend: str) -> None:
    """Raises UserError where answers are to be weighed and a backend can only draw them."""
    if any(isinstance(request, ChoiceRequest) for item in requests for request in item):
        raise UserError(
            f"backend={backend}: exact probabilities of answers need the logits of the whole"
            " vocabulary, which backend=hf alone gives; give task.mode=sample to draw answers"
        )


def _of(requests: Sequence[Request], kind: type) -> list[Any]:
    return [request for request in requests if isinstance(request, kind)]
