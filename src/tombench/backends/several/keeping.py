"""`cache=true` with several models: each model's responses under its own identity alone.

Scores of a large model are found again with another small one, and by `policy=lm`. What is combined
token by token is kept mix by mix, so a sweep asks models for those alphas alone that are new.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tombench.backends.base import Backend, Server
from tombench.backends.responses.key import ResponseKey, responder
from tombench.backends.responses.server import CachedServer
from tombench.backends.responses.store import ResponseStore
from tombench.backends.several.roles import LARGE, ROLES, Mix
from tombench.models.base import Model
from tombench.schema import LikelihoodRequest, LikelihoodResponse, Request

FIELDS = ("log_likelihoods", "tokens", "greedy")
"""What a likelihood response holds of each continuation."""


class RoleCache(CachedServer):
    """One model behind the cache."""

    def holds(self, requests: Sequence[Sequence[Request]]) -> bool:
        """Is every response there, so that no server is needed?"""
        return all(self._holds(request) for item in requests for request in item)


class TokenCache(RoleCache):
    """Three models that are combined token by token, behind the cache."""

    def __init__(
        self,
        key: ResponseKey,
        store: ResponseStore,
        load: Callable[[], Server],
        mixes: Sequence[Mix],
    ) -> None:
        super().__init__(key, store, load)
        self.names = [mix.name for mix in mixes]

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        """Responses of which every mix is kept; the others are computed with all mixes."""
        responses = [self._kept(request) for request in requests]
        missing = [place for place, response in enumerate(responses) if response is None]
        self.misses += len(missing)
        self.hits += len(requests) - len(missing)
        answered = self.server.loglikelihood([requests[i] for i in missing]) if missing else []
        found = []
        for place, response in zip(missing, answered, strict=True):
            responses[place] = response
            if response.error is None:
                found.append((self.key.of(requests[place]), self._by_mix(response)))
        self.store.put(found)
        return [response for response in responses if response is not None]

    def _holds(self, request: Request) -> bool:
        return self._kept(request) is not None

    def _kept(self, request: Request) -> LikelihoodResponse | None:
        parts = self.store.get(self.key.of(request))
        if not set(self.names) <= parts.keys():
            return None
        own = [parts[name] for name in self.names]
        flat: dict[str, tuple[Any, ...]] = {
            field: tuple(value for part in own for value in part[field]) for field in FIELDS
        }
        return LikelihoodResponse(self.prompt_as_sent(request), **flat)

    def _by_mix(self, response: LikelihoodResponse) -> dict[str, dict[str, Any]]:
        count = len(response.tokens) // len(self.names)
        return {
            name: {
                field: getattr(response, field)[place * count : (place + 1) * count]
                for field in FIELDS
            }
            for place, name in enumerate(self.names)
        }


def keep_role(
    backend: Backend, model: Model, store: ResponseStore, load: Callable[[], Server]
) -> RoleCache:
    """A model behind the cache; loaded at once where its prompts are not known without it.

    Raises:
        UserError: which weights answer cannot be told.
    """
    return RoleCache(_key(backend, model, responder(backend, model), load), store, load)


def keep_tokens(
    backend: Backend,
    models: Mapping[str, Model],
    store: ResponseStore,
    load: Callable[[], Server],
    mixes: Sequence[Mix],
) -> TokenCache:
    """Three models' combinations behind the cache, under the identities of all."""
    identities = {role: responder(backend, models[role]) for role in ROLES}
    key = _key(backend, models[LARGE], {"combined": identities}, load)
    return TokenCache(key, store, load, mixes)


def _key(
    backend: Backend, model: Model, identity: Mapping[str, Any], load: Callable[[], Server]
) -> ResponseKey:
    reader = getattr(backend, "reader", None)
    return ResponseKey(identity, reader(model) if reader is not None else load())
