"""Requests of a task, and an `ApiServer` to ask them of a loopback server."""

from typing import Any

from loopback import Loopback

from tombench.backends.api.backend import ApiBackend
from tombench.backends.api.server import ApiServer
from tombench.models.base import Model
from tombench.schema import GenerateRequest, Item, LikelihoodRequest, Sampling

ITEM = Item(id="i", cluster="c", content=None)
SAMPLING = Sampling(temperature=0.4, top_k=50, top_p=0.95, max_new_tokens=20)
GREEDY = Sampling(temperature=0, top_k=50, top_p=0.95, max_new_tokens=20)
PROMPT = "Does Ana know it? Answer: "
OPTIONS = ("Yes", "yes", "No", "no, she does not")


def server(loopback: Loopback, model: dict[str, Any] | None = None, **fields: Any) -> ApiServer:
    settings = {"backoff": 0.001, "retries": 2} | fields
    backend = ApiBackend(base_url=loopback.url, **settings)
    return backend.load(Model(name="local", path="mind", **model or {}))


def drawing(*seeds: int, prompt: str = PROMPT, sampling: Sampling = SAMPLING) -> GenerateRequest:
    return GenerateRequest(ITEM, prompt, sampling, seeds)


def scoring(*continuations: str, context: str = PROMPT) -> LikelihoodRequest:
    return LikelihoodRequest(ITEM, context, continuations or OPTIONS)
