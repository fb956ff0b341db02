"""One network, two models: an adapter switched on, and off."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from tombench.backends.hf.backend import HfBackend
from tombench.backends.hf.scoring import Option, Scored
from tombench.backends.hf.server import HfServer
from tombench.backends.local import Row
from tombench.models.base import Model
from tombench.schema import Sample, Sampling


class WithoutAdapter(HfServer):
    """Answers as the base does: the adapter is switched off while it runs."""

    def draw(self, rows: Sequence[Row], sampling: Sampling) -> dict[Row, Sample]:
        with self.loaded.network.disable_adapter():
            return super().draw(rows, sampling)

    def score(self, options: Sequence[Option]) -> dict[Option, Scored]:
        with self.loaded.network.disable_adapter():
            return super().score(options)

    def logits(self, options: Sequence[Option]) -> list[Tensor]:
        with self.loaded.network.disable_adapter():
            return super().logits(options)


@dataclass(frozen=True)
class AdapterPair:
    """Two servers over the same weights."""

    tuned: HfServer
    untuned: WithoutAdapter

    @classmethod
    def of(cls, backend: HfBackend, model: Model) -> "AdapterPair":
        """Load a model that `several.weights.bare` takes: base and adapter, once."""
        return cls.around(backend.load(model))

    @classmethod
    def around(cls, tuned: HfServer) -> "AdapterPair":
        """The pair of a loaded model with its adapter unmerged."""
        return cls(tuned, WithoutAdapter(tuned.loaded, tuned.batch_tokens))
