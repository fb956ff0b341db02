"""Merge an adapter into its unquantized base: recipe=merge.

tombench stage=finetune recipe=merge model=gpt4all-j model.adapter=RUN
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.recipes.base import TrainingJob
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Merge:
    """All that it needs are the model's keys: path, revision, adapter, and dtype of the result."""

    name: ClassVar[str] = "merge"
    not_identity: ClassVar[frozenset[str]] = frozenset()
    several_processes: ClassVar[bool] = False

    def check(self, job: TrainingJob) -> None:
        """Raises UserError where there is no adapter, or base and adapter cannot be read."""
        from tombench.models.check import check
        from tombench.models.locate import locate

        if not locate(job.model).adapters:
            raise UserError(
                f"recipe=merge: model={job.model.name} has no adapter; give model.adapter=RUN or a "
                "folder that PEFT saved"
            )
        check(job.model, answers=False)

    def identity(self, model: Model) -> Mapping[str, Any]:
        """Base and adapters by content, and the dtype that is written."""
        from tombench.models.digest import model_digest

        return {"digest": model_digest(model), "dtype": model.dtype}

    def data_identity(self) -> None:
        """Nothing is learnt."""

    def plan(self, job: TrainingJob) -> list[str]:
        """What is merged into what."""
        from tombench.models.locate import locate

        source = locate(job.model)
        names = ", then ".join(place.name for place in source.adapters)
        return [f"merges {names}", f"into   {source.weights.name}, unquantized"]

    def train(self, job: TrainingJob) -> dict[str, float]:
        """Write `merged/`. Raises UserError where an adapter does not fit its base."""
        from tombench.recipes.merging import merge
        from tombench.recipes.trainers.results import write_merge_card

        job.progress(0, 1)
        parameters = merge(job.model, None, job.folder / "merged")
        write_merge_card(job)
        job.progress(1, 1)
        return {"parameters": parameters}
