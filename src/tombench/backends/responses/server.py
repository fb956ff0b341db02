"""`cache=true`: what a model answered once is not asked again, whatever run it was asked in.

A server around the real one, which is loaded only where something is not in the cache. A sample
is kept by its seed, so a run with more repetitions draws only the new ones. Errors are not kept.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from tombench.backends.base import Backend, Estimate, Server
from tombench.backends.responses.key import ResponseKey, responder
from tombench.backends.responses.store import Parts, ResponseStore
from tombench.models.base import Model
from tombench.schema import (
    ChoiceRequest,
    ChoiceResponse,
    GenerateRequest,
    GenerateResponse,
    LikelihoodRequest,
    LikelihoodResponse,
    Request,
    Sample,
)

BATCH = 64  # items at once where the cache holds all
WHOLE = "all"  # the part under which a response without samples is kept

Found = list[tuple[str, Parts]]
Asked = TypeVar("Asked", LikelihoodRequest, ChoiceRequest)
Told = TypeVar("Told", LikelihoodResponse, ChoiceResponse)


def cache_folder(setting: bool | str | None) -> Path | None:
    """Where `cache=` keeps responses; None: nowhere."""
    if setting is True:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(home) / "tombench" / "responses"
    return Path(setting).expanduser() if setting else None


def with_cache(backend: Backend, model: Model, folder: Path) -> "CachedServer":
    """The model behind a cache in `folder`.

    A backend that can tell without weights what its model reads has a method `reader(model)`;
    another one is loaded at once.

    Raises:
        UserError: which weights answer cannot be told.
    """
    identity = responder(backend, model)
    reader = getattr(backend, "reader", None)
    if reader is not None:
        return CachedServer(
            ResponseKey(identity, reader(model)), ResponseStore(folder), lambda: backend.load(model)
        )
    server = backend.load(model)
    return CachedServer(ResponseKey(identity, server), ResponseStore(folder), lambda: server)


class CachedServer:
    """Answers from the store what it holds, and asks the server for the rest."""

    def __init__(self, key: ResponseKey, store: ResponseStore, load: Callable[[], Server]) -> None:
        self.key = key
        self.store = store
        self.hits = self.misses = 0  # samples, and requests that draw none
        self._load = load

    @cached_property
    def server(self) -> Server:
        """The real server, loaded when it is first needed."""
        return self._load()

    def prompt_as_sent(self, request: Request) -> str:
        return self.key.reader.prompt_as_sent(request)

    def estimate(self, requests: Sequence[Sequence[Request]]) -> Estimate:
        return self.server.estimate(requests)

    def batches(self, requests: Sequence[Sequence[Request]]) -> list[list[int]]:
        """The server's own plan; where all is in the cache, any does, and no server is needed."""
        if all(self._holds(request) for item in requests for request in item):
            items = list(range(len(requests)))
            return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
        return self.server.batches(requests)

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        """The samples that are kept, and in their midst those that are drawn now."""
        keys = [self.key.of(request) for request in requests]
        known = [_samples(self.store.get(key)) for key in keys]
        asked: dict[int, GenerateRequest] = {}
        for index, (request, own) in enumerate(zip(requests, known, strict=True)):
            missing = tuple(seed for seed in request.seeds if seed not in own)
            if missing:
                asked[index] = replace(request, seeds=missing)
            self.misses += len(missing)
            self.hits += len(request.seeds) - len(missing)
        answered = self.server.generate(list(asked.values())) if asked else []
        errors: dict[int, GenerateResponse] = {}
        found: Found = []
        for (index, request), response in zip(asked.items(), answered, strict=True):
            if response.error is not None:
                errors[index] = response
                continue
            drawn = dict(zip(request.seeds, response.samples, strict=True))
            known[index] |= drawn
            found.append((keys[index], {str(seed): asdict(s) for seed, s in drawn.items()}))
        self.store.put(found)
        return [
            errors.get(index)
            or GenerateResponse(
                self.prompt_as_sent(request), tuple(known[index][seed] for seed in request.seeds)
            )
            for index, request in enumerate(requests)
        ]

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        """The scores that are kept, and those that are computed now."""
        return self._whole(
            requests, LikelihoodResponse, lambda some: self.server.loglikelihood(some)
        )

    def choices(self, requests: Sequence[ChoiceRequest]) -> list[ChoiceResponse]:
        """The probabilities that are kept, and those that are computed now."""
        return self._whole(requests, ChoiceResponse, lambda some: self.server.choices(some))

    def _whole(
        self,
        requests: Sequence[Asked],
        kind: type[Told],
        ask: Callable[[Sequence[Asked]], list[Told]],
    ) -> list[Told]:
        """Responses without samples: those that are kept, and in their midst what is asked now."""
        keys = [self.key.of(request) for request in requests]
        responses = [_kept(self.store.get(key), kind) for key in keys]
        missing = [index for index, response in enumerate(responses) if response is None]
        self.misses += len(missing)
        self.hits += len(requests) - len(missing)
        answered = ask([requests[i] for i in missing]) if missing else []
        found: Found = []
        for index, response in zip(missing, answered, strict=True):
            responses[index] = response
            if response.error is None:
                found.append((keys[index], {WHOLE: asdict(response)}))
        self.store.put(found)
        return [response for response in responses if response is not None]

    def usage(self) -> Mapping[str, Any]:
        """What the server counts, where it was needed, and what the cache spared."""
        counted = {}
        if "server" in self.__dict__ and hasattr(self.server, "usage"):
            counted = self.server.usage()
        return {**counted, "cache_hits": self.hits, "cache_misses": self.misses}

    def _holds(self, request: Request) -> bool:
        kept = self.store.get(self.key.of(request))
        if isinstance(request, GenerateRequest):
            return _samples(kept).keys() >= set(request.seeds)
        return WHOLE in kept


def _samples(parts: Parts) -> dict[int, Sample]:
    return {int(seed): Sample(**values) for seed, values in parts.items()}


def _kept(parts: Parts, kind: type[Told]) -> Told | None:
    if WHOLE not in parts:
        return None
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in parts[WHOLE].items()}
    return kind(**values)
