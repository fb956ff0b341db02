"""recipe=last_layer: only the last decoder layer learns, on the task's examples.

Plain AdamW on the mean of -log p(token) over answers. It keeps no checkpoint: what is killed begins
anew.
"""

from random import Random
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.recipes.base import TrainingJob
from tombench.schema import STRICT

NOT_LEARNT = -100  # a label that carries no loss


@checked(frozen=True, config=STRICT)
class LastLayer:
    """The keys of `configs/recipe/last_layer.yaml`."""

    name: ClassVar[str] = "last_layer"
    not_identity: ClassVar[frozenset[str]] = frozenset()  # fields that cannot change a weight
    several_processes: ClassVar[bool] = False

    steps: Annotated[int, Field(ge=1)] = 100
    batch_size: Annotated[int, Field(ge=1)] = 16
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.003

    def check(self, job: TrainingJob) -> None:
        from tombench.models.check import check

        if job.examples is None:
            raise UserError("recipe=last_layer: this task has no examples to learn from")
        check(job.model)

    def identity(self, model: Model):
        from tombench.models.digest import model_digest

        return {"digest": model_digest(model), "dtype": model.dtype}

    def data_identity(self) -> None:
        """No data of the user's: the task's own examples, whose digest the stage adds."""

    def plan(self, job: TrainingJob) -> list[str]:
        return [f"steps  {self.steps:,} of {self.batch_size} examples; the last layer learns"]

    def train(self, job: TrainingJob) -> dict[str, float]:
        from torch.optim import AdamW

        from tombench.models.load import load_fresh

        loaded = load_fresh(job.model)
        network = loaded.causal_lm.requires_grad_(False).train()
        last = network.model.layers[-1].requires_grad_(True)
        optimizer, losses = AdamW(last.parameters(), lr=self.learning_rate), []
        for step in range(self.steps):
            ids, labels = self._batch(job, loaded.encoding, step)
            loss = network(input_ids=ids.to(loaded.device), labels=labels.to(loaded.device)).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            job.progress(step + 1, self.steps)
        network.save_pretrained(job.folder / "model")
        loaded.encoding.tokenizer.save_pretrained(job.folder / "model")
        few = max(1, self.steps // 10)
        return {"first_loss": sum(losses[:few]) / few, "last_loss": sum(losses[-few:]) / few}

    def _batch(self, job: TrainingJob, encoding, step: int):
        """Token ids and labels, each (rows, longest): a function of seed and step alone."""
        import torch
        from torch.nn.utils.rnn import pad_sequence

        rng, rows = Random(f"last_layer/{job.seed}/{step}"), []
        while len(rows) < self.batch_size:
            for text in job.examples(rng, 0.0):
                before, (answer,) = encoding.pairs(encoding.as_sent(text.prompt), [text.answer])
                rows.append((before + answer, [NOT_LEARNT] * len(before) + answer))
        ids, labels = ([torch.tensor(row[part]) for row in rows] for part in (0, 1))
        return pad_sequence(ids, True), pad_sequence(labels, True, NOT_LEARNT)
