"""Train a small Llama from scratch on generated text. Heavy imports wait until it trains."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.recipes.base import TrainingJob
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Pretrain:
    """The settings of `configs/recipe/pretrain.yaml`; tokens seen = steps * batch * length."""

    not_identity: ClassVar[frozenset[str]] = frozenset({"checkpoint_every"})  # changes no weight

    steps: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]  # rows of packed texts
    sequence_length: Annotated[int, Field(ge=16, le=2048)]  # tokens a row
    optimizer: Literal["muon", "adamw"]  # muon: for the matrices; the rest gets AdamW
    learning_rate: Annotated[float, Field(gt=0, le=1)]  # of `optimizer`
    embedding_learning_rate: Annotated[float, Field(gt=0, le=1)]  # AdamW: embeddings and norms
    warmup: Annotated[int, Field(ge=0)]  # steps
    decay: Annotated[float, Field(ge=0, le=1)]  # last share of the steps, linearly to zero
    weight_decay: Annotated[float, Field(ge=0, lt=1)]
    gradient_clip: Annotated[float, Field(gt=0)]  # largest norm of the whole gradient
    first_mention_weight: Annotated[float, Field(ge=0)]  # in the loss: a token new to its text
    answer_weight: Annotated[float, Field(ge=0)]  # in the loss: a token of an answer
    verdict_weight: Annotated[float, Field(ge=0)]  # in the loss: Yes or No
    vocabulary: Annotated[int, Field(ge=258)]  # ids: 256 bytes, end of text, padding, merges
    tokenizer_texts: Annotated[int, Field(ge=1)]  # texts that the tokenizer is learnt from
    checkpoint_every: Annotated[int, Field(ge=1)]  # steps
    threads: Annotated[int, Field(ge=1)]  # another number of threads rounds differently

    def plan(self, architecture: Mapping[str, int]) -> list[str]:
        """Steps, tokens and the model's shape."""
        tokens = self.steps * self.batch_size * self.sequence_length
        shape = ", ".join(f"{key} {value}" for key, value in architecture.items())
        return [
            f"steps  {self.steps:,} of {self.batch_size} x {self.sequence_length} tokens",
            f"tokens {tokens:,}",
            f"model  {shape}, vocabulary {self.vocabulary:,}",
        ]

    def train(self, job: TrainingJob) -> dict[str, float]:
        """Train to the end, from the folder's checkpoint if there is one; writes `model/`.

        Returns loss, tokens, seconds and parameters. Raises UserError on a loss that is not a
        number (the last good checkpoint stays) and on a checkpoint of another training.
        """
        from tombench.recipes.training import Training

        return Training(self, job).run()
