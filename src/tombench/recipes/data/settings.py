"""Which data a fine-tuning learns from: the task's own, or files and Hub data sets of the user."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError, listed, nearest, told
from tombench.recipes.data.fields import ROLES
from tombench.recipes.data.prompt_format import PromptFormat
from tombench.schema import STRICT


def _several(value: Any) -> Any:
    """One name or number stands for a list of one."""
    return (value,) if isinstance(value, str | int | float) else value


Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]


@checked(frozen=True, config=STRICT)
class DataSettings:
    """The keys of a recipe that name its data; all that `data` is null for is the task's own."""

    data: Annotated[tuple[str, ...] | None, BeforeValidator(_several)] = None  # files, OWNER/NAME
    columns: dict[str, str] = Field(default_factory=dict)  # what it is -> what the file calls it
    prompt: Annotated[str, Field(min_length=1)] | None = None  # around columns: "Q: {question} A: "
    weights: Annotated[tuple[Weight, ...], BeforeValidator(_several)] = ()  # passes an epoch
    split: str = "train"  # of a Hub data set
    validation: Annotated[float, Field(ge=0, le=0.5)] = 0.0  # share held out for evaluation loss

    def __post_init__(self) -> None:
        for role in self.columns:
            if role not in ROLES:
                near, known = nearest(role, ROLES), listed(ROLES)
                raise UserError(told(f"recipe.columns.{role}: unknown", near, known))
        if self.prompt is not None:
            PromptFormat.of(self.prompt)
        count = len(self.data or ())
        if self.weights and len(self.weights) != count:
            raise UserError(
                f"recipe.weights: {len(self.weights)} for {count} data sets; give one each, in the "
                "order of recipe.data"
            )

    def data_identity(self) -> str | None:
        """A hash of what `data` holds, wherever it lies; None: the task's own is learnt from."""
        if self.data is None:
            return None
        from tombench.recipes.data.sources import data_digest

        return data_digest(self)
