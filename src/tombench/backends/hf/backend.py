"""`backend=hf`: run weights in this process with Hugging Face transformers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import gathered
from tombench.models.base import Model
from tombench.schema import STRICT

if TYPE_CHECKING:
    from tombench.backends.hf.preview import HfPreview
    from tombench.backends.hf.server import HfServer
    from tombench.backends.responses.reader import EncodingReader


@checked(frozen=True, config=STRICT)
class HfBackend:
    """Settings of the backend; torch is imported by `check` and `load`, not before."""

    not_identity: ClassVar[frozenset[str]] = frozenset({"device", "batch_tokens"})
    unused: ClassVar[frozenset[str]] = frozenset()

    device: str = "auto"  # cuda where it is, else cpu; or cpu, cuda, cuda:1, mps
    batch_tokens: Annotated[int, Field(ge=1)] = 16384  # rows x (prompt + new tokens) of a batch

    def label(self, model: Model) -> str:
        """The model's own name."""
        return model.label

    def model_identity(self, model: Model) -> Mapping[str, str]:
        """What decides the model's answers: content, and the precision that it runs in."""
        from tombench.models.device import resolve_device
        from tombench.models.digest import model_digest

        on_cpu = resolve_device(self.device).type == "cpu"
        thinking = {} if model.thinking == "off" else {"thinking": str(model.thinking)}
        return thinking | {
            "digest": model_digest(model),
            "dtype": "float32" if model.dtype == "auto" and on_cpu else model.dtype,
            "quantization": model.quantization,
        }

    def check(self, model: Model) -> None:
        """Refuse (UserError) what cannot load, before the run folder opens and weights are read."""
        from tombench.backends.hf.architecture import check_architecture
        from tombench.models.check import check
        from tombench.models.device import resolve_device

        gathered(lambda: resolve_device(self.device), lambda: check(model))
        check_architecture(model)

    def load(self, model: Model) -> "HfServer":
        """Load the weights; the same model again is not loaded twice."""
        from tombench.backends.hf.architecture import refuse
        from tombench.backends.hf.server import HfServer
        from tombench.models.load import load

        loaded = load(model, self.device)
        refuse(type(loaded.causal_lm), model)
        return HfServer(loaded, self.batch_tokens)

    def reader(self, model: Model) -> "EncodingReader":
        """What the model would read, without its weights."""
        from tombench.backends.responses.reader import EncodingReader

        return EncodingReader(model)

    def preview(self, model: Model) -> "HfServer | HfPreview":
        """The loaded model where its weights are at hand, else what its small files tell."""
        from tombench.backends.hf.preview import HfPreview
        from tombench.models.device import resolve_device
        from tombench.models.hub import at_hand
        from tombench.models.locate import locate

        if at_hand(locate(model).weights):
            return self.load(model)
        on_cpu = resolve_device(self.device).type == "cpu"
        return HfPreview(model, on_cpu, self.batch_tokens)
