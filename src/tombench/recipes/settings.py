"""What every training by gradient descent is told; a recipe adds its own fields."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.schema import STRICT

Precision = Literal["float32", "bfloat16"]


@checked(frozen=True, config=STRICT)
class TrainingSettings:
    """Tokens seen = steps * batch_size * sequence_length."""

    not_identity: ClassVar[frozenset[str]] = frozenset({"checkpoint_every"})  # changes no weight
    several_processes: ClassVar[bool] = False

    steps: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]  # rows of packed texts
    sequence_length: Annotated[int, Field(ge=16)]  # tokens a row
    optimizer: Literal["muon", "adamw"]  # muon: for the matrices; the rest gets AdamW
    learning_rate: Annotated[float, Field(gt=0, le=1)]  # of `optimizer`
    embedding_learning_rate: Annotated[float, Field(gt=0, le=1)]  # AdamW: embeddings and norms
    warmup: Annotated[int, Field(ge=0)]  # steps
    decay: Annotated[float, Field(ge=0, le=1)]  # last share of the steps, linearly to zero
    weight_decay: Annotated[float, Field(ge=0, lt=1)]
    gradient_clip: Annotated[float, Field(gt=0)]  # largest norm of the whole gradient
    precision: Precision  # of products of matrices; weights, sums and the loss are float32
    evaluate_every: Annotated[int, Field(ge=0)]  # steps between points of curve.csv; 0: none
    checkpoint_every: Annotated[int, Field(ge=1)]  # steps
    threads: Annotated[int, Field(ge=1)]  # another number of threads rounds differently

    @property
    def tokens(self) -> int:
        """In all rows of all steps."""
        return self.steps * self.batch_size * self.sequence_length

    def data_identity(self) -> None:
        """The corpus is the task's."""

    def plan_lines(self) -> list[str]:
        """Steps and tokens."""
        shape = f"{self.batch_size} x {self.sequence_length} tokens"
        return [f"steps  {self.steps:,} of {shape}", f"tokens {self.tokens:,}"]
