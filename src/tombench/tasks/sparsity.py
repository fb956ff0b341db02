"""Sparse parameters: mask the weights that theory of mind hangs on, and see what else goes.

    tombench task=sparsity model=tiny
    tombench task=sparsity model=local model.path=RUN task.suite=generated
    tombench stage=prepare task=sparsity model=llama3-8b
    tombench task=sparsity task.gradients.tom=RUN task.gradients.general=RUN

"How large language models encode theory-of-mind" (npj Artificial Intelligence 2025;
joel-wu/how-large-language-models-encode-theory-of-mind), with the controls that it lacks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass as checked

from tombench.backends.base import Backend, Server
from tombench.backends.hf.backend import HfBackend
from tombench.backends.mock import MockBackend
from tombench.config import identity_hash
from tombench.datafile import digest
from tombench.errors import UserError
from tombench.models.base import Model
from tombench.origins.texts import Texts, read_texts
from tombench.records import RunFolder
from tombench.schema import STRICT, FolderName, Item, Record, Request, Response, Sampling
from tombench.tasks import false_belief
from tombench.tasks import first_word as first_word_source
from tombench.tasks.base import Metrics, Setting
from tombench.tasks.preparation import Preparation, Whereabouts
from tombench.tasks.sparsity_backend import MaskedBackend
from tombench.tasks.sparsity_conclusion import conclude
from tombench.tasks.sparsity_conditions import Condition, Grid, conditions, points_of
from tombench.tasks.sparsity_further import FurtherTask
from tombench.tasks.sparsity_gradients import GradientPreparation, gradients_digest
from tombench.tasks.sparsity_items import Asking, LongText, Parts
from tombench.tasks.sparsity_material import Wanted, gradients_of, loaded_whole, texts_of
from tombench.tasks.sparsity_metrics import sparsity_metrics
from tombench.tasks.sparsity_options import MaskOptions
from tombench.tasks.sparsity_stories import controls, generated
from tombench.tasks.sparsity_text import joined, own_texts
from tombench.tasks.suite_fields import several

OWN_WINDOW, STUDY_WINDOW = 256, 2048
OWN_TEXTS = 200
"""Texts of our own that perplexity is of."""


@checked(frozen=True, config=STRICT)
class Sparsity(MaskOptions):
    """False-belief tasks and perplexity under masks."""

    unused: ClassVar[frozenset[str]] = frozenset({"prompting"})
    sampling: ClassVar[Sampling] = Sampling(0.6, 0, 0.9, 5)  # the study's
    prepares: ClassVar[str] = "squared gradients of a model on theory-of-mind and on general text"
    prepares_with: ClassVar[frozenset[str]] = frozenset({"model", "backend"})

    name: FolderName = "sparsity"
    suite: Literal["false_belief", "generated"] = "false_belief"
    data: str | None = None
    as_published: bool = False
    sets: Annotated[int, Field(ge=1)] = 20
    repetitions: Annotated[int, Field(ge=0)] = 5
    specificity_sets: Annotated[int, Field(ge=0)] = 5
    further: Annotated[tuple[str, ...], BeforeValidator(several)] = ()
    perplexity: bool = True
    perplexity_data: str | None = None
    perplexity_split: str = "test"
    window: Annotated[int, Field(ge=2)] | None = None
    windows: Annotated[int, Field(ge=1)] | None = None
    mechanism: bool = True
    save_models: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.data is not None and self.suite != "false_belief":
            raise UserError(
                f"task.data: a file of false-belief tasks; leave out task.suite={self.suite}"
            )
        if self.window is None:
            own = OWN_WINDOW if self.perplexity_data is None else STUDY_WINDOW
            object.__setattr__(self, "window", own)

    @property
    def not_identity(self) -> frozenset[str]:
        """Fields that cannot change a result; files and runs stand there by their content."""
        files = {"data", "tom_data", "general_data", "gradients", "perplexity_data"}
        elsewhere = {"sets"} if self.suite == "false_belief" else {"as_published"}
        return frozenset(files | elsewhere)

    @property
    def told(self) -> str:
        """What is asked, in a few words."""
        stories = f"{self.suite.replace('_', ' ')} tasks"
        last = f", m to {self._shares[-1]:g}" if self._shares else ""
        return f"{stories}, {self.objective} objective{last}"

    def fitted(self, model: Model, backend: Backend) -> "Sparsity":
        """This task as it is put to a model: a grid that fits the sizes of its matrices.

        A known mind has no weights: it is asked as it is.
        """
        if isinstance(backend, MockBackend):
            none = {"m_start": 0.0, "m_end": 0.0, "m_step": 1e-6, "controls": ()}
            return replace(self, **none, perplexity=False, mechanism=False)
        if not isinstance(backend, HfBackend):
            raise UserError(
                "task=sparsity: it masks weights in this process; give backend=hf (or backend=mock,"
                " which has none)"
            )
        if self.grid is not None:
            return self
        from tombench.masking.shapes import matrix_shapes

        sizes = [rows * columns for rows, columns in matrix_shapes(model).values()]
        if not sizes:
            raise UserError(f"model={model.label}: it has no linear layers that could be masked")
        grid = Grid.fitting(min(sizes))
        return replace(self, m_start=grid.start, m_end=grid.end, m_step=grid.step)

    def serving(self, backend: Backend, seed: int, where: Whereabouts) -> Backend:
        """The backend with masks around it."""
        if not isinstance(backend, HfBackend):
            return backend
        return MaskedBackend(backend, Wanted(self, self.name, self._conditions, seed, where))

    def data_digest(self) -> str:
        """Of stories, texts and gradients, whatever they are read from."""
        told = [
            (item.id, item.content, item.target)
            for item in (*self._parts.tasks, *self._parts.specificity)
        ]
        return identity_hash(
            {
                "items": told,
                "further": {task.name: task.data_digest() for task in self._parts.further},
                "text": self._text.text if self.perplexity else None,
                "gradients": self._gradient_digests(),
            }
        )

    def rules_digest(self) -> str:
        """Of the rule that drawn answers are read by."""
        return digest([Path(first_word_source.__file__)])

    def items(self) -> list[Item]:
        """Every question under every mask, the text of perplexity first."""
        return self._parts.items(self._conditions)

    def requests(self, item: Item, setting: Setting) -> list[Request]:
        return self._asking.requests(item, setting)

    def score(
        self, item: Item, requests: Sequence[Request], responses: Sequence[Response]
    ) -> list[Record]:
        return self._asking.score(item, responses)

    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        items = {item.id: item for item in (*self._parts.tasks, *self._parts.specificity)}
        return sparsity_metrics(records, items, setting.model, self._shares, self._points)

    def conclude(self, run: RunFolder, server: Server, setting: Setting) -> None:
        """What is measured on the weights themselves, and the masked models where asked for."""
        stories = [item.content.prompt for item in self._parts.tasks]
        conclude(run, server, stories, self.mechanism, self.save_models)

    def preparation(self, seed: int) -> Preparation | None:
        """Nothing without a model: see `preparation_for`."""
        return None

    def preparation_for(self, backend: Backend, model: Model, seed: int) -> Preparation | None:
        """Gradients of a model on the sets that the masks need."""
        texts = texts_of(self, seed)
        if not isinstance(backend, MaskedBackend) or not texts:
            return None
        gradients = gradients_of(backend.wanted, model, texts)
        load = partial(loaded_whole, model, backend.inner.device)
        return GradientPreparation(
            gradients, load, backend.preview(model), backend.wanted.where.quiet
        )

    @property
    def _shares(self) -> tuple[float, ...]:
        """Of the whole grid; () before the task is fitted to a model."""
        return self.grid.shares if self.grid else ()

    @property
    def _points(self) -> tuple[float, ...]:
        return points_of(self._shares, self.control_points)

    @property
    def _conditions(self) -> list[Condition]:
        return conditions(self._shares, self._points, self.controls, self.control_seeds)

    @cached_property
    def _parts(self) -> Parts:
        return Parts(
            tasks=self._stories(),
            specificity=controls(self.specificity_sets),
            further=[FurtherTask(name) for name in self.further],
            text=self.perplexity,
        )

    @cached_property
    def _asking(self) -> Asking:
        return Asking(self.repetitions, lambda: self._text)

    @cached_property
    def _text(self) -> LongText:
        if self._given_text is not None:
            documents: Sequence[str] = self._given_text.documents
        else:
            documents = own_texts(OWN_TEXTS, "perplexity", 0)
        return LongText(joined(documents), self.window, self.windows)

    @cached_property
    def _given_text(self) -> Texts | None:
        if self.perplexity_data is None:
            return None
        return read_texts(self.perplexity_data, "task.perplexity_data", self.perplexity_split)

    def _stories(self) -> list[Item]:
        if self.suite == "false_belief":
            path = Path(self.data).expanduser() if self.data else false_belief.OWN
            return false_belief.read_tasks(path, self.as_published)
        return generated(self.sets)

    def _gradient_digests(self) -> Mapping[str, str]:
        """By set, of the texts, or of the gradients themselves where a run is named."""
        if not any(self._shares):
            return {}
        given = {name: path for name, path in vars(self.gradients).items() if path}
        found = {name: text.digest for name, text in texts_of(self, 0).items()}
        return found | {name: gradients_digest(name, path) for name, path in given.items()}
