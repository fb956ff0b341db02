"""`backend=api`: ask any server that speaks OpenAI's protocol, chat or completions.

tombench backend=api backend.base_url=http://localhost:8000/v1 model=local model.path=NAME
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.locate import PACKAGED
from tombench.schema import STRICT

if TYPE_CHECKING:
    from tombench.backends.api.cost import ApiPreview
    from tombench.backends.api.server import ApiServer

OWN = {
    "model": "backend.served_name",
    "prompt": "task.*",
    "messages": "task.* and backend.system",
    "temperature": "generation.temperature",
    "top_k": "generation.top_k",
    "top_p": "generation.top_p",
    "max_tokens": "generation.max_new_tokens",
    "max_completion_tokens": "generation.max_new_tokens",
    "seed": "seed",
    "n": "backend.samples",
    "logprobs": "backend.log_probs",
    "top_logprobs": "backend.log_probs",
    "prompt_logprobs": "backend.log_probs",
    "echo": "backend.log_probs",
}
"""Fields of a request that are not free, and what sets them."""


def _no_own(body: dict[str, Any] | None) -> dict[str, Any] | None:
    for name in body or ():
        if name in OWN:
            raise ValueError(f"'{name}' is set by {OWN[name]}")
        if name == "stream":
            raise ValueError("answers are read whole: 'stream' cannot be set")
    return body


Many = Annotated[int, Field(ge=1)]
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@checked(frozen=True, config=STRICT)
class ApiBackend:
    """How a server is asked; openai is imported by `load`, not before."""

    not_identity: ClassVar[frozenset[str]] = frozenset(
        {
            "key_variable",
            "batch_items",
            "concurrency",
            "requests_per_minute",
            "tokens_per_minute",
            "retries",
            "backoff",
            "timeout",
            "price_per_million_input",
            "price_per_million_output",
        }
    )
    unused: ClassVar[frozenset[str]] = frozenset(  # the server's own business
        f"model.{name}"
        for name in (
            "revision",
            "dtype",
            "quantization",
            "adapter",
            "template",
            "device_map",
            "trust_remote_code",
        )
    )

    base_url: str = "http://localhost:8000/v1"
    mode: Literal["chat", "completions"] = "chat"
    served_name: str | None = None
    key_variable: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = "OPENAI_API_KEY"
    system: str | None = None
    extra_body: Annotated[dict[str, Any] | None, AfterValidator(_no_own)] = None
    send_top_k: bool = True
    log_probs: bool = True
    samples: Literal["apart", "together"] = "apart"
    batch_items: Many = 8
    concurrency: Many = 16
    requests_per_minute: Rate | None = None
    tokens_per_minute: Rate | None = None
    retries: Annotated[int, Field(ge=0)] = 8
    backoff: Rate = 1.0
    timeout: Rate = 300.0
    price_per_million_input: Price | None = None
    price_per_million_output: Price | None = None

    def label(self, model: Model) -> str:
        """The model's name in tables, with its name at the server where that is another."""
        name = Path(self.served(model)).name
        known = model.name != "local" and self.served_name is None
        return model.name if known or name == model.name else f"{model.name}:{name}"

    def served(self, model: Model) -> str:
        """What the server calls the model."""
        return self.served_name or model.path

    def model_identity(self, model: Model) -> Mapping[str, Any]:
        """The model as far as it can be told from outside: weights behind a name can change."""
        return {"served": self.served(model), "thinking": model.thinking}

    def check(self, model: Model) -> None:
        """Refuse (UserError) what cannot be asked; nothing is sent."""
        mistakes = [*_url_mistakes(self.base_url), *self._key_mistakes()]
        if self.served(model).startswith(PACKAGED):
            mistakes.append(
                f"model.path={model.path}: no server calls a model so; give"
                " backend.served_name=NAME, or model=local model.path=NAME"
            )
        if self.mode == "completions" and self.system is not None:
            mistakes.append(
                "backend.system: there is no system message in backend.mode=completions;"
                " leave it out, or give backend.mode=chat"
            )
        if self.mode == "completions" and model.thinking != "off":
            mistakes.append(
                f"model.thinking={model.thinking}: thinking is switched by a chat template, which"
                " backend.mode=completions does without; give backend.mode=chat"
            )
        if mistakes:
            raise UserError(*mistakes)

    def key(self) -> str | None:
        """The key from the environment; None: the server is asked without."""
        return os.environ.get(self.key_variable, "").strip() or None

    def _key_mistakes(self) -> list[str]:
        key = self.key()
        if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
            return [f"${self.key_variable} is no key: it holds blanks or signs beyond ASCII"]
        return []

    def load(self, model: Model) -> "ApiServer":
        """Connect; raises UserError where no server answers or the key is refused."""
        from tombench.backends.api.client import Client
        from tombench.backends.api.server import ApiServer

        client = Client(self, self.served(model))
        client.connect()
        return ApiServer(self, model, client)

    def preview(self, model: Model) -> "ApiPreview":
        """Calls, tokens and money; the server is not asked."""
        from tombench.backends.api.cost import ApiPreview

        return ApiPreview(self, model)


def _url_mistakes(url: str) -> list[str]:
    """What is wrong with a base URL; a secret in it is not repeated."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound:
        return ["backend.base_url: no URL; give one such as http://localhost:8000/v1"]
    if parts.username or parts.password or parts.query or parts.fragment:
        return [
            "backend.base_url: give it without login, ? and #: the key comes from the"
            " environment (backend.key_variable)"
        ]
    return []
