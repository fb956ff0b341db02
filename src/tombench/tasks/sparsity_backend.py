"""backend=hf under masks: loads a model, makes or finds its gradients, and masks it in place."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from tombench.backends.base import Preview
from tombench.backends.hf.backend import HfBackend
from tombench.errors import UserError, gathered
from tombench.models.base import Model
from tombench.tasks.sparsity_material import MaskedModel, Wanted, loaded_whole, texts_of

if TYPE_CHECKING:
    from tombench.masking.serving.server import MaskedServer


@dataclass(frozen=True)
class MaskedBackend:
    """What task=sparsity puts around backend=hf."""

    unused: ClassVar[frozenset[str]] = frozenset()
    keeps_responses: ClassVar[bool] = False  # a cache of responses knows no masks

    inner: HfBackend
    wanted: Wanted

    @property
    def not_identity(self) -> frozenset[str]:
        """The task's own fields tell all of it."""
        return frozenset({"inner", "wanted"})

    def label(self, model: Model) -> str:
        return self.inner.label(model)

    def model_identity(self, model: Model) -> Mapping[str, Any]:
        return self.inner.model_identity(model)

    def check(self, model: Model) -> None:
        """Refuse (UserError) what has no weights that could be masked."""
        gathered(partial(self.inner.check, model), partial(_refuse_quantized, model))

    def preview(self, model: Model) -> Preview:
        from tombench.masking.shapes import matrix_shapes, vocabulary
        from tombench.tasks.sparsity_preview import Gathered, MaskedPreview

        options = self.wanted.options
        texts = texts_of(options, self.wanted.seed)
        gathered = Gathered(
            shapes=matrix_shapes(model),
            samples={name: text.count for name, text in texts.items()},
            tokens=max(options.batch_tokens, options.general_length),
            vocabulary=vocabulary(model),
            sum_bytes=4 if options.gradient_dtype == "float32" else 2,
        )
        return MaskedPreview(self.inner.preview(model), gathered)

    def load(self, model: Model) -> "MaskedServer":
        """The model, ready to answer under every mask of the run."""
        from tombench.backends.hf.server import HfServer
        from tombench.masking.serving.server import MaskedServer

        loaded = loaded_whole(model, self.inner.device)
        masked = MaskedModel(self.wanted, model, loaded)
        masks = {
            c.role: partial(masked.mask, c) for c in self.wanted.conditions if c.kind != "none"
        }
        return MaskedServer(
            HfServer(loaded, self.inner.batch_tokens),
            masks,
            lambda mask: masked.application.masked(mask, masked.replacement),
            masked,
        )


def _refuse_quantized(model: Model) -> None:
    if model.quantization != "none":
        raise UserError(
            f"model.quantization={model.quantization}: quantized weights are not masked; give "
            "model.quantization=none"
        )
