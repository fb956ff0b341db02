"""Fine-tune all weights of a causal language model on a task's examples: recipe=sft.

What is tuned on answers alone forgets how to copy words that the examples never hold. `replay`
and `frozen_embeddings` are against that.
"""

from collections.abc import Mapping
from random import Random
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.recipes.base import TrainingJob
from tombench.recipes.settings import TrainingSettings
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Sft(TrainingSettings):
    """The settings of `configs/recipe/sft.yaml`."""

    prompt_weight: Annotated[float, Field(ge=0)]  # in the loss: a prompt's token; an answer's is 1
    replay: Annotated[float, Field(ge=0, lt=1)]  # share of rows, and of the loss, of training text
    frozen_embeddings: bool  # the vectors of the words stay as they are

    def check(self, job: TrainingJob) -> None:
        """Raises UserError where the task lacks texts or the weights cannot be trained."""
        if job.examples is None:
            raise UserError("recipe=sft: this task has no training examples; take another task")
        if self.replay and job.text is None:
            raise UserError(
                f"recipe.replay={self.replay}: this task has no training text to replay; "
                "give recipe.replay=0"
            )
        if job.model.quantization != "none":
            raise UserError(
                f"model.quantization={job.model.quantization}: recipe=sft trains the weights "
                "themselves, in float32; give model.quantization=none"
            )
        from tombench.models.check import check

        check(job.model)

    def identity(self, model: Model) -> Mapping[str, Any]:
        """The weights and the chat template, wherever they lie; they are trained in float32."""
        from tombench.models.digest import model_digest

        return {"digest": model_digest(model)}

    def plan(self, job: TrainingJob) -> list[str]:
        """Steps, tokens, replay, and an example whose answer stands between marks."""
        from tombench.recipes.tuning import encoding_of

        rng = Random(f"plan/{job.seed}")
        example = next(text for text in job.examples(rng, 0.0) if text.answer)
        prompt = encoding_of(job.model).as_sent(example.prompt)
        return [
            *self.plan_lines(),
            f"replay {self.replay:.0%} of them training text without examples",
            f"weight 1 for what stands between ⟦ and ⟧, {self.prompt_weight:g} for what is before",
            "",
            f"{prompt}⟦{example.answer}⟧",
        ]

    def train(self, job: TrainingJob) -> dict[str, float]:
        """Train to the end, from the folder's checkpoint if there is one; writes `model/`.

        Trained in float32, saved in bfloat16. Returns loss, tokens, seconds, parameters and what
        the probe measured last. Raises UserError as `check`, for examples longer than a row, on a
        loss that is not a number and on a checkpoint of another training.
        """
        from tombench.recipes.training import Training
        from tombench.recipes.tuning import pupil

        self.check(job)
        return Training(self, job, pupil(self, job)).run()
