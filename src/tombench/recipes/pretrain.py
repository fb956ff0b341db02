"""Train a small Llama from scratch on generated text. Heavy imports wait until it trains."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.recipes.base import TrainingJob
from tombench.recipes.settings import TrainingSettings
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Pretrain(TrainingSettings):
    """The settings of `configs/recipe/pretrain.yaml`."""

    name: ClassVar[str] = "pretrain"
    first_mention_weight: Annotated[float, Field(ge=0)]  # in the loss: a token new to its text
    content_weight: Annotated[float, Field(ge=0)]  # a name, thing or place named again
    function_weight: Annotated[float, Field(ge=0)]  # any other token that comes again
    answer_weight: Annotated[float, Field(ge=0)]  # a factor on these three in an answer
    verdict_weight: Annotated[float, Field(ge=0)]  # Yes or No
    vocabulary: Annotated[int, Field(ge=258)]  # ids: 256 bytes, end of text, padding, merges
    tokenizer_texts: Annotated[int, Field(ge=1)]  # texts that the tokenizer is learnt from

    def check(self, job: TrainingJob) -> None:
        """Raises UserError where the model has no architecture or the task no text."""
        if not job.model.architecture:
            raise UserError(
                f"model={job.model.name}: it has no architecture to train from scratch; take "
                "model=tiny, or set model.architecture={hidden_size: 128, …}"
            )
        if job.text is None:
            raise UserError("recipe=pretrain: this task has no training text; take task=vignettes")

    def identity(self, model: Model) -> Mapping[str, Any]:
        """The shape alone: no weights are read."""
        return {"architecture": dict(model.architecture)}

    def plan(self, job: TrainingJob) -> list[str]:
        """Steps, tokens and the model's shape."""
        shape = ", ".join(f"{key} {value}" for key, value in job.model.architecture.items())
        return [*self.plan_lines(), f"model  {shape}, vocabulary {self.vocabulary:,}"]

    def train(self, job: TrainingJob) -> dict[str, float]:
        """Train to the end, from the folder's checkpoint if there is one; writes `model/`.

        Returns loss, tokens, seconds and parameters. Raises UserError on a loss that is not a
        number (the last good checkpoint stays) and on a checkpoint of another training.
        """
        from tombench.recipes.scratch import newcomer
        from tombench.recipes.training import Training

        self.check(job)
        return Training(self, job, newcomer(self, job)).run()
