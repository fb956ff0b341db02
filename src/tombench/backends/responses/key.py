"""What a response depends on, written out: the key that it is kept under in the cache.

Left out is what moves a number by rounding alone: the other requests of a batch, and its size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

from tombench import __version__
from tombench.backends.base import Backend
from tombench.config import canonical, plain
from tombench.errors import UserError
from tombench.models.base import Model
from tombench.schema import ChoiceRequest, GenerateRequest, Request

LIBRARIES = ("torch", "transformers", "tokenizers", "peft", "bitsandbytes", "vllm", "openai")
"""Whose versions count."""


class Reader(Protocol):
    """What a request is to a model, told without its weights."""

    def prompt_as_sent(self, request: Request) -> str: ...


class TokenReader(Reader, Protocol):
    """Of a model whose tokenizer is at hand."""

    def token_ids(self, request: Request) -> list[list[int]]:
        """Of the prompt; of a likelihood request the context's, then each continuation's.

        Of a choice request the prompt's, then each spelling's.
        """
        ...


@dataclass(frozen=True)
class ResponseKey:
    """Who answers, in full, and how requests are read."""

    identity: Mapping[str, Any]
    reader: Reader

    def of(self, request: Request) -> str:
        """Everything that the response to a request depends on but a sample's seed, as JSON."""
        parts: dict[str, Any] = {
            "identity": self.identity,
            "prompt": self.reader.prompt_as_sent(request),
        }
        token_ids = getattr(self.reader, "token_ids", None)
        if token_ids is not None:
            parts["token_ids"] = token_ids(request)
        else:  # it may read more than the text: known minds do
            item = request.item
            parts["item"] = [item.id, item.cluster, item.condition, item.target, item.reality]
        if isinstance(request, GenerateRequest):
            parts |= {"kind": "generate", "sampling": plain(request.sampling)}
        elif isinstance(request, ChoiceRequest):
            drawing = {"sampling": plain(request.sampling), "penalty": request.repetition_penalty}
            parts |= {"kind": "choice", "options": request.options, **drawing}
        else:
            parts |= {"kind": "likelihood", "continuations": request.continuations}
        return canonical(parts)


def responder(backend: Backend, model: Model) -> dict[str, Any]:
    """Who answers: backend, weights, precision, versions, kind of device.

    Raises:
        UserError: which weights answer cannot be told.
    """
    settings = {k: v for k, v in plain(backend).items() if k not in backend.not_identity}
    cls = type(backend)
    return {
        "tombench": __version__,
        "libraries": _versions(),
        "backend": {"class": f"{cls.__module__}.{cls.__qualname__}"} | settings,
        "model": _weights(backend, model),
        "device": _device(getattr(backend, "device", None)),
    }


def _weights(backend: Backend, model: Model) -> Mapping[str, Any] | None:
    """The model's identity, in which a digest or else a revision pins the weights."""
    identity = backend.model_identity(model)
    if identity is None or "digest" in identity:
        return identity
    if model.revision is None:
        raise UserError(
            "cache: a server does not say which weights answer, and they can change under one"
            " name; pin them by model.revision=NAME-OF-THE-SNAPSHOT, or leave cache out"
        )
    return {**identity, "revision": model.revision}


def _device(name: str | None) -> str | None:
    """cpu, or which accelerator: each rounds in its own way."""
    if name is None:
        return None
    from tombench.models.device import resolve_device

    device = resolve_device(name)
    if device.type != "cuda":
        return device.type
    import torch

    return torch.cuda.get_device_name(device)


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
