"""What every fine-tuning of a model that has learnt already is told; a recipe adds its own."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.recipes.data.settings import DataSettings
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Lora:
    """A low-rank adapter (Hu et al. 2022, "LoRA", section 4.1): W + alpha / rank * B A."""

    rank: Annotated[int, Field(ge=1)] = 8
    alpha: Annotated[float, Field(gt=0)] = 16
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    targets: tuple[str, ...] | None = None  # names of layers; None: all linear ones but the head


@checked(frozen=True, config=STRICT)
class TuningSettings(DataSettings):
    """Examples seen = steps * batch_size * accumulation * processes."""

    not_identity: ClassVar[frozenset[str]] = frozenset(
        {"data", "checkpoint_every", "report", "fsdp"}
    )
    several_processes: ClassVar[bool] = True  # torchrun trains data parallel
    texts: ClassVar[int] = 1  # that are read of one example
    keeps_reference: ClassVar[bool] = False  # a copy of the weights, where all of them learn
    usual_steps: ClassVar[int] = 200  # on a task's examples, of which there is no end

    max_length: Annotated[int, Field(ge=16)] = 512  # tokens; longer examples are left out, and told
    epochs: Annotated[float, Field(gt=0)] | None = None  # passes through `data`
    steps: Annotated[int, Field(ge=1)] | None = None  # updates; None: epochs, else one pass
    batch_size: Annotated[int, Field(ge=1)] = 8  # examples that a device reads at a time
    accumulation: Annotated[int, Field(ge=1)] = 4  # such batches an update
    learning_rate: Annotated[float, Field(gt=0, le=1)] | None = None  # None: by size, in plan
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    warmup: Annotated[int, Field(ge=0)] = 0  # updates
    weight_decay: Annotated[float, Field(ge=0, lt=1)] = 0.0
    gradient_clip: Annotated[float, Field(gt=0)] = 1.0  # largest norm of the whole gradient
    lora: Lora | None = Field(default_factory=Lora)  # None: all weights are trained
    merge: bool = False  # write merged/ too: the adapter in its unquantized base
    precision: Literal["auto", "float32", "bfloat16"] = "auto"  # auto: bfloat16 on a GPU with it
    gradient_checkpointing: bool = False  # less memory, a third more time
    fsdp: str | None = None  # full_shard, full_shard_offload, or a JSON file of FSDP settings
    evaluate_every: Annotated[int, Field(ge=0)] = 0  # updates between points of curve.csv; 0: none
    checkpoint_every: Annotated[int, Field(ge=1)] = 100  # updates
    early_stopping: Annotated[int, Field(ge=1)] | None = None  # evaluations without a better loss
    report: Literal["none", "wandb", "tensorboard"] = "none"
    threads: Annotated[int, Field(ge=1)] | None = None  # None: as torch finds them

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.epochs is not None and self.steps is not None:
            raise UserError("recipe.epochs and recipe.steps both say how long; give one of them")
        if self.epochs is not None and self.data is None:
            raise UserError(
                "recipe.epochs: counts passes through recipe.data, and none is given: the task "
                "writes examples without end; give recipe.data=FILE, or recipe.steps=N in its place"
            )
        if self.early_stopping and not (self.validation and self.evaluate_every):
            raise UserError(
                "recipe.early_stopping: needs an evaluation loss; give recipe.validation=0.05 and "
                "recipe.evaluate_every=N"
            )
        if self.merge and self.lora is None:
            raise UserError("recipe.merge=true: with recipe.lora=null there is nothing to merge")
