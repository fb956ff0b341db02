"""Several models by role: those with the same weights are loaded once.

A model with one LoRA adapter and its base are one network with the adapter on and off.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tombench.backends.base import Backend, Preview
from tombench.backends.hf.backend import HfBackend
from tombench.config import canonical
from tombench.models.base import Model
from tombench.models.hub import folder_of
from tombench.models.locate import locate


class Shelf:
    """Models by role, each distinct one loaded when it is first asked for."""

    def __init__(
        self, backend: Backend, models: Mapping[str, Model], preview: bool = False
    ) -> None:
        """`preview`: load for a dry run, which fetches no weights."""
        self.backend = backend
        self.models = models
        self._load = backend.preview if preview else backend.load
        self._identities = {role: identity(backend, model) for role, model in models.items()}
        self._with_adapter = _switched(backend, models, self._identities)
        self._loaded: dict[str, Any] = {}

    def key(self, role: str) -> str:
        """The same for roles that one model plays."""
        return self._identities[role]

    @property
    def shared(self) -> frozenset[str]:
        """Roles of a base whose weights are in memory with its adapter's."""
        return frozenset(role for role in self.models if self.key(role) in self._with_adapter)

    def server(self, role: str) -> Any:
        """The role's model: a Server, or a Preview of it for a dry run."""
        key = self.key(role)
        if key not in self._loaded:
            self._loaded[key] = self._base(key) or self._load(self.models[role])
        return self._loaded[key]

    def _base(self, key: str) -> Preview | None:
        """What is left of another role's network when its adapter is off; None: no such network."""
        if key not in self._with_adapter:
            return None
        from tombench.backends.hf.server import HfServer
        from tombench.backends.several.pair import AdapterPair

        tuned = self.server(self._with_adapter[key])
        return AdapterPair.around(tuned).untuned if isinstance(tuned, HfServer) else None


def identity(backend: Backend, model: Model) -> str:
    """Everything that tells one model from another."""
    return canonical(backend.model_identity(model))


def bare(model: Model) -> Model | None:
    """The model without its adapter; None where there is none that can be switched off.

    One of several adapters cannot (the others are merged), nor one that is no LoRA, or that has
    learnt biases, which stay when it is off.
    """
    source = locate(model)
    if len(source.adapters) != 1:
        return None
    file = folder_of(source.adapters[0]) / "adapter_config.json"
    if not _switches_off(file):
        return None
    place = source.weights
    return replace(model, path=place.name, revision=place.revision, adapter=None)


def _switches_off(file: Path) -> bool:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        return known.get("peft_type") == "LORA" and known.get("bias", "none") == "none"
    except (OSError, ValueError, AttributeError):
        return False


def _switched(
    backend: Backend, models: Mapping[str, Model], identities: Mapping[str, str]
) -> dict[str, str]:
    """By a base's identity, the role of the model that is this base with an adapter on it."""
    if not isinstance(backend, HfBackend):
        return {}
    found: dict[str, str] = {}
    for role, model in models.items():
        base = bare(model)
        if base is not None and identity(backend, base) in identities.values():
            found.setdefault(identity(backend, base), role)
    return found
