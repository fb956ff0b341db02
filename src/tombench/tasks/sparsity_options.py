"""The keys of task=sparsity that say which weights are masked, by what, and with what in place."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.schema import STRICT
from tombench.tasks.sparsity_conditions import Control, Grid
from tombench.tasks.sparsity_data import Objective
from tombench.tasks.suite_fields import several

Importance = Literal[
    "squared_gradient", "magnitude", "wanda", "gradient_times_weight", "weighted_fisher"
]
Share = Annotated[float, Field(ge=0, lt=1)]


@checked(frozen=True, config=STRICT)
class GradientRuns:
    """Runs of stage=prepare, or folders, whose gradients are used in place of new ones."""

    tom: str | None = None
    general: str | None = None
    matched: str | None = None  # objective=contrast: of the true beliefs that are subtracted


@checked(frozen=True, config=STRICT)
class MaskOptions:
    """Gradients, masks and controls."""

    objective: Objective = "answer"
    tom_data: str | None = None
    samples: Annotated[int, Field(ge=2)] = 100
    sequence_length: Annotated[int, Field(ge=0)] = 0
    general_data: str | None = None
    general_length: Annotated[int, Field(ge=2)] = 128
    gradients: GradientRuns = Field(default_factory=GradientRuns)
    gradient_dtype: Literal["float32", "float16"] = "float32"
    batch_tokens: Annotated[int, Field(ge=1)] = 2048
    importance: Importance = "squared_gradient"
    definition: Literal["top_k", "study"] = "top_k"
    chosen: Literal[
        "tom_not_general", "tom", "general", "both", "general_not_tom", "complement"
    ] = "tom_not_general"
    scope: Literal["matrix", "global"] = "matrix"
    replacement: Literal["mean", "study_mean", "zero", "noise", "scale"] = "mean"
    scale: float = 0.0
    m_start: Share = 0.0
    m_end: Share | None = None
    m_step: Annotated[float, Field(gt=0, lt=1)] | None = None
    controls: Annotated[tuple[Control, ...], BeforeValidator(several)] = (
        *("random", "matched", "general"),
    )
    control_seeds: Annotated[int, Field(ge=1)] = 20
    control_points: Annotated[int, Field(ge=1)] = 5

    def __post_init__(self) -> None:
        if self.tom_data is not None and self.objective != "study":
            raise UserError(
                f"task.tom_data: prompts without their answers, and task.objective={self.objective}"
                " is about answers; give task.objective=study, or leave the file out"
            )
        if self.importance == "magnitude" and (self.chosen != "tom" or "general" in self.controls):
            raise UserError(
                "task.importance=magnitude: it reads no text, so nothing is general text's own; "
                "give task.chosen=tom task.controls=[random,matched]"
            )
        if (self.m_end is None) != (self.m_step is None):
            raise UserError("task.m_end and task.m_step: give both, or neither")
        if self.m_start and self.m_end is None:
            raise UserError(
                "task.m_start: where does the grid end? give task.m_end and task.m_step"
            )
        if self.grid is not None:
            self.grid.check()

    @property
    def grid(self) -> Grid | None:
        """Of shares m; None: as fits the model."""
        if self.m_end is None or self.m_step is None:
            return None
        return Grid(self.m_start, self.m_end, self.m_step)
