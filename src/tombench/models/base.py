"""Which weights: Hub id or folder, revision, dtype, quantization, adapter; how they are asked."""

from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic.dataclasses import dataclass as checked

from tombench.schema import STRICT, FolderName


def _read_thinking(value: Any) -> Any:
    """off, on or a whole number; YAML reads a bare `off` as false and `on` as true."""
    value = {False: "off", True: "on"}[value] if isinstance(value, bool) else value
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if value in ("off", "on") or (isinstance(value, int) and value > 0):
        return value
    raise ValueError("give off, on, or the most tokens of thinking, 1 or more")


Thinking = Annotated[Literal["off", "on"] | int, BeforeValidator(_read_thinking)]
"""How long a reasoning model may think: docs/reasoning.md."""


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
    thinking: Thinking = "off"  # of a reasoning model: off, on, or at most so many tokens
    device_map: Any = None  # accelerate's: auto, balanced, {module: device}; None: one device
    trust_remote_code: bool = False  # runs Python that comes with the weights: off unless you say
    architecture: dict[str, int] = field(default_factory=dict)  # shape for recipe=pretrain

    @property
    def label(self) -> str:
        """The model's name in tables: with which folder of the user's, adapter and thinking."""
        own = self.name == "local" or Path(self.path).expanduser().is_dir()
        name = f"{self.name}:{Path(self.path).name}" if own else self.name
        adapter = f"+{_short(Path(self.adapter))}" if self.adapter else ""
        budget = f":{self.thinking}" if isinstance(self.thinking, int) else ""
        return name + adapter + ("" if self.thinking == "off" else f"+thinking{budget}")


def _short(path: Path) -> str:
    """An adapter's name in tables; of a run, which recipe it is of as well."""
    is_run = (path.expanduser() / "run.json").is_file()
    return f"{path.parent.name}-{path.name}" if is_run else path.name
