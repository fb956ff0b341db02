"""Several models behind one server: each request goes to the model of its role."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tombench.backends.base import Estimate, Preview, Server
from tombench.backends.responses.server import BATCH
from tombench.backends.several.estimating import Part, total
from tombench.backends.several.keeping import RoleCache
from tombench.backends.several.roles import LARGE, ROLES, TOKENS
from tombench.schema import (
    GenerateRequest,
    GenerateResponse,
    LikelihoodRequest,
    LikelihoodResponse,
    Request,
)

Items = Sequence[Sequence[Request]]


class SeveralPreview:
    """What a dry run asks of several models.

    `shared` are roles whose weights lie in memory once, with those of another role.
    """

    def __init__(self, models: Mapping[str, Preview], shared: frozenset[str] = frozenset()) -> None:
        self.models = models
        self.shared = shared

    def prompt_as_sent(self, request: Request) -> str:
        """The exact text that the request's model reads; the large one's where all three do."""
        role = role_of(request)
        role = LARGE if role == TOKENS and TOKENS not in self.models else role
        return self._of(role).prompt_as_sent(request)

    def estimate(self, requests: Items) -> Estimate:
        """Tokens and seconds of all models, one after the other; distinct weights once."""
        parts = []
        for roles in self._together(ROLES if self._combines(requests) else tuple(self.models)):
            asked = {*roles, TOKENS} if set(roles) <= set(ROLES) else set(roles)
            own = _only(requests, asked)
            if own:
                model = self.models[roles[0]]
                mine = not set(roles) & self.shared
                parts.append(Part("+".join(roles), model.estimate(own), mine, _on_cpu(model)))
        return total(parts)

    def _combines(self, requests: Items) -> bool:
        return any(role_of(request) == TOKENS for item in requests for request in item)

    def _together(self, roles: Sequence[str]) -> list[tuple[str, ...]]:
        """Roles in groups that one and the same model answers."""
        groups: dict[int, list[str]] = {}
        for role in roles:
            groups.setdefault(id(self._of(role)), []).append(role)
        return [tuple(group) for group in groups.values()]

    def _of(self, role: str) -> Any:
        if role not in self.models:
            raise ValueError(f"role {role!r}: models answer as {', '.join(self.models)}")
        return self.models[role]


class SeveralServer(SeveralPreview):
    """Servers by role; the plan of items is that of the first."""

    models: Mapping[str, Server]

    def batches(self, requests: Items) -> list[list[int]]:
        """The plan of the first model that is asked anything; any, where caches hold all."""
        roles = [role for role in self.models if _only(requests, {role})]
        servers = [self.models[role] for role in roles]
        items = list(range(len(requests)))
        if all(
            isinstance(server, RoleCache) and server.holds(_only(requests, {role}))
            for role, server in zip(roles, servers, strict=True)
        ):
            return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
        planner = servers[0].server if isinstance(servers[0], RoleCache) else servers[0]
        return planner.batches([_of_role(item, {roles[0]}) for item in requests])

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        """Several models score and draw nothing: raises ValueError where they are asked to."""
        if requests:
            raise ValueError("several models are asked to draw, and none of them is named")
        return []

    def loglikelihood(self, requests: Sequence[LikelihoodRequest]) -> list[LikelihoodResponse]:
        """Each model's own requests in one call, whatever roles it has; order is kept."""
        found: dict[int, LikelihoodResponse] = {}
        for model, places in self._shares(requests):
            answered = model.loglikelihood([requests[place] for place in places])
            found.update(zip(places, answered, strict=True))
        return [found[place] for place in range(len(requests))]

    def usage(self) -> dict[str, Any]:
        """What each model counted, under its roles: "large+untuned/cache_hits"."""
        counted = {}
        for roles in self._together(tuple(self.models)):
            usage = getattr(self.models[roles[0]], "usage", dict)()
            counted |= {f"{'+'.join(roles)}/{name}": number for name, number in usage.items()}
        return counted

    def _shares(
        self, requests: Sequence[LikelihoodRequest]
    ) -> Iterator[tuple[Server, Sequence[int]]]:
        """Each model with the places of what it is asked, in the order of roles."""
        by_role: dict[str, list[int]] = {}
        for place, request in enumerate(requests):
            by_role.setdefault(request.role, []).append(place)
        for role in by_role:
            self._of(role)
        for roles in self._together(tuple(self.models)):
            places = sorted(place for role in roles for place in by_role.get(role, ()))
            if places:
                yield self.models[roles[0]], places


def role_of(request: Request) -> str:
    """Who is to answer."""
    return getattr(request, "role", "")


def _of_role(item: Sequence[Request], roles: set[str]) -> list[Request]:
    return [request for request in item if role_of(request) in roles]


def _only(requests: Items, roles: set[str]) -> list[list[Request]]:
    """What models of these roles are asked, item by item; items without are left out."""
    return [own for item in requests if (own := _of_role(item, roles))]


def _on_cpu(model: Any) -> bool:
    """Are its weights part of this process's memory, which every estimate on a CPU counts?"""
    loaded = getattr(model, "loaded", None)
    return (
        loaded is not None
        and getattr(loaded, "device", None) is not None
        and (loaded.device.type == "cpu")
    )
