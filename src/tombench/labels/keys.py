"""The keys by which a task with free yes/no answers offers label sheets: task.label_sheet=RUN."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.labels.make import MakeSheet
from tombench.labels.measure import MeasureLabels
from tombench.labels.recorded import folder_list
from tombench.schema import STRICT, Item

Paths = str | list[str] | None


@checked(frozen=True, config=STRICT)
class HandLabels:
    """What such a task inherits; stage=prepare reads these keys, and no evaluation depends on them.

    The task's items hold a scene and a question (`labels.recorded.Scene`).
    """

    not_identity: ClassVar[frozenset[str]] = frozenset(
        {"label_sheet", "sheet_size", "labels", "label_key", "judged"}
    )
    read_by: ClassVar[Mapping[str, str]] = dict.fromkeys(not_identity, "prepare")  # key -> stage
    prepares: ClassVar[str] = (
        "task.label_sheet=RUN makes a sheet to label by hand, task.labels=SHEET reads it back"
    )

    data: str | None = None
    label_sheet: Paths = None  # runs whose answers a sheet shall show
    sheet_size: Annotated[int, Field(ge=1)] | None = None  # answers drawn for it; None: all
    labels: Paths = None  # filled sheets, one a labeller
    label_key: str | None = None  # their key; None: the one beside them
    judged: Paths = None  # runs to compare too: of task=judge, or of the answers scored anew

    def preparation(self, seed: int) -> MakeSheet | MeasureLabels | None:
        """What stage=prepare makes: a sheet, or the agreement of filled ones."""
        if self.label_sheet and self.labels:
            raise UserError(
                "task.label_sheet and task.labels: one makes a sheet, the other reads it; give one"
            )
        if self.labels:
            sheets, runs = (tuple(folder_list(paths)) for paths in (self.labels, self.judged))
            return MeasureLabels(sheets, self.label_key, runs)
        if self.label_sheet:
            runs = tuple(folder_list(self.label_sheet))
            return MakeSheet(runs, self._items_of, self.data, self.sheet_size, seed)
        return None

    def _items_of(self, data: str | None) -> Sequence[Item]:
        return replace(self, data=data).items()
