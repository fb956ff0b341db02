"""Which weights: Hub id or folder, revision, dtype, quantization, adapter, chat template."""

from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from pydantic.dataclasses import dataclass as checked

from tombench.schema import STRICT, FolderName


@checked(frozen=True, config=STRICT)
class Model:
    """A model file under `configs/model/`: `name` and `path` are enough for most."""

    name: FolderName  # as in configs/model/NAME.yaml; the run folder is named by it
    path: str  # Hub id, model folder, run folder, or `data:models/tiny` for an embedded one
    revision: str | None = None  # Hub branch, tag or commit
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"  # auto: float32 on CPU
    quantization: Literal["none", "int8", "nf4"] = "none"
    adapter: str | None = None  # PEFT folder, Hub id, or run folder
    template: str = "auto"  # chat template: auto (the tokenizer's, if any), none, or a Jinja file
    device_map: Any = None  # accelerate's: auto, balanced, {module: device}; None: one device
    trust_remote_code: bool = False  # runs Python that comes with the weights: off unless you say
    architecture: dict[str, int] = field(default_factory=dict)  # shape for recipe=pretrain

    @property
    def label(self) -> str:
        """The model's name in tables: says which folder of the user's it is, and the adapter."""
        own = self.name == "local" or Path(self.path).expanduser().is_dir()
        name = f"{self.name}:{Path(self.path).name}" if own else self.name
        return f"{name}+{Path(self.adapter).name}" if self.adapter else name
