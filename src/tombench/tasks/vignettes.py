"""Stories with a question about what somebody believes, expects, knows, sees or does.

    tombench task=vignettes prompting=sbs_cot
    tombench task=vignettes task.answers=FILES task.data=scenarios.json
    tombench task=vignettes task.suite=generated task.sets=40
    tombench task=vignettes task.suite=generated task.form=yes_no task.prompted=true prompting=sbs
    tombench task=vignettes task.suite=false_belief

Suites: `scenarios` of the vignettes study (Z3R6X/ToM_in_small_LLMs); `generated` contrast sets;
`false_belief`, the tasks of joel-wu/how-large-language-models-encode-theory-of-mind.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.labels.keys import HandLabels
from tombench.prompts import PARAPHRASES, Family, TemplateName
from tombench.schema import STRICT, FolderName, Item, Record, Request, Response, Sampling
from tombench.stories.asked import Form
from tombench.stories.exports import Export, export_preparation
from tombench.stories.suite import AskedType, Suite, Words
from tombench.stories.telling import Wordings
from tombench.tasks import false_belief, scenarios
from tombench.tasks.answer_export import ExportAnswers
from tombench.tasks.base import Metrics, Setting
from tombench.tasks.preparation import Preparation
from tombench.tasks.prompted_stories import PromptedStories
from tombench.tasks.scenario_suite import ScenarioSuite
from tombench.tasks.story_seed import ENVIRONMENT, commitment_to, read_seed
from tombench.tasks.story_suite import StorySuite
from tombench.tasks.story_training import StoryTraining
from tombench.tasks.suite_fields import (
    PROMPTED,
    READ_WITH,
    REPETITIONS,
    SAMPLING,
    not_read,
    several,
)


@checked(frozen=True, config=STRICT)
class Vignettes(StoryTraining, HandLabels):
    """The fields of all suites; `data` puts a file of the published form in our items' place."""

    read_by: ClassVar[Mapping[str, str]] = (
        HandLabels.read_by
        | dict.fromkeys(("hand_counts", "prompted"), "eval")
        | StoryTraining.read_by
        | dict.fromkeys(("export", "examples"), "prepare")
    )
    prepares: ClassVar[str] = (
        f"{HandLabels.prepares}, task.export=suite|examples|preferences|corpus writes stories, "
        "task.export=answers task.answers=RUN a run's answers in the published form"
    )
    read_with: ClassVar[Mapping[str, frozenset[str]]] = READ_WITH

    name: FolderName = "vignettes"
    suite: Literal["scenarios", "generated", "false_belief"] = "scenarios"
    data: str | None = None
    repetitions: Annotated[int, Field(ge=0)] | None = None  # None: as the suite's study has it
    family: Family = "scenario"
    paraphrases: Annotated[int, Field(ge=0, le=1 + len(PARAPHRASES))] = 1  # the study's own is one
    templates: Annotated[tuple[TemplateName, ...], BeforeValidator(several)] = ()  # () family's
    answers: str | tuple[str, ...] | None = None  # files that are scored in place of a model
    hand_counts: str | None = None  # with answers: counts of right ones by hand, to compare
    sets: Annotated[int, Field(ge=1)] = 40
    story_seed: Annotated[str, Field(min_length=1)] = "public-dev"
    commitment: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    words: Words = "held_out"
    wordings: Wordings = "training"
    form: Form = "next_word"
    questions: Annotated[tuple[AskedType, ...], BeforeValidator(several), Field(min_length=1)] = (
        *("reality", "memory", "percept", "belief", "action"),
    )
    alterations: bool = True
    header: str = ""
    prompted: bool = False  # yes/no questions about stories are put under promptings
    as_published: bool = False
    export: Export | Literal["answers"] | None = None
    examples: Annotated[int, Field(ge=1)] = 2000  # training texts to export

    def __post_init__(self) -> None:
        if self.hand_counts and self.answers is None:
            raise UserError("task.hand_counts: needs answers to compare; give task.answers=FILES")
        if self.answers is not None and self.suite != "scenarios":
            raise UserError(
                f"task.answers: files answer scenarios; leave out task.suite={self.suite}"
            )
        if self.suite == "false_belief" and self.form != "next_word":
            raise UserError(
                f"task.form={self.form}: the tasks of suite=false_belief have next_word alone; "
                "take that, or task.suite=generated"
            )
        if self._read_as == PROMPTED and self.form != "yes_no":
            raise UserError(
                f"task.prompted=true: promptings are of yes/no questions, and task.form={self.form}"
                "; give task.form=yes_no"
            )
        if self.repetitions is None:
            self._settle("repetitions", REPETITIONS[self._read_as])
        if self.suite == "generated":
            seed = read_seed(self.story_seed)
            self._settle("commitment", commitment_to(seed, self.commitment))

    def _settle(self, field: str, value: Any) -> None:
        """What a field left open comes to: a run's identity is of what it comes to."""
        object.__setattr__(self, field, value)

    @property
    def sampling(self) -> Sampling:
        """The suite's own."""
        return SAMPLING[self._read_as]

    @property
    def not_identity(self) -> frozenset[str]:
        """Fields that cannot change a result."""
        elsewhere = {"export", "examples", *StoryTraining.read_by}
        return HandLabels.not_identity | not_read(self._read_as) | elsewhere

    @property
    def unused(self) -> frozenset[str]:
        """Groups that are not read."""
        return frozenset({"prompting"} - self.read_with[self._read_as])

    @property
    def _read_as(self) -> str:
        """The suite as `READS` has it: generated stories under promptings read other fields."""
        return PROMPTED if self.suite == "generated" and self.prompted else self.suite

    def data_digest(self) -> str:
        return self._suite.data_digest()

    def rules_digest(self) -> str:
        return self._suite.rules_digest()

    def items(self) -> list[Item]:
        return self._suite.items()

    def requests(self, item: Item, setting: Setting) -> list[Request]:
        return self._suite.requests(item, setting)

    def score(
        self, item: Item, requests: Sequence[Request], responses: Sequence[Response]
    ) -> list[Record]:
        return self._suite.score(item, requests, responses)

    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        return self._suite.metrics(records, setting)

    def given_identity(self) -> dict[str, str]:
        return {"name": self.name} | self._scenarios.given_identity()

    def given_records(self, limit: int | None = None) -> list[Record]:
        return self._scenarios.given_records(limit)

    def given_metrics(self, records: Sequence[Record]) -> Metrics:
        return self._scenarios.given_metrics(records)

    def preparation(self, seed: int) -> Preparation | None:
        made = super().preparation(seed)
        if self.export:
            if made:
                raise UserError("task.export and labels by hand: two things to make; give one")
            return self._exported(self.export, seed)
        if made and self.suite != "scenarios":
            raise UserError(
                f"task.suite={self.suite}: labels by hand are of free answers to scenarios; leave "
                "it out"
            )
        return made

    def _exported(self, export: Export | Literal["answers"], seed: int) -> Preparation:
        if export == "answers":
            if not self._scenarios.answers:
                raise UserError("task.export=answers: of which run? give task.answers=RUN")
            return ExportAnswers(self._scenarios.answers)
        if export == "suite" and self.suite != "generated":
            raise UserError(
                f"task.export=suite: task.suite={self.suite} is not generated; give "
                "task.suite=generated"
            )
        secret = self.story_seed.startswith(ENVIRONMENT)
        return export_preparation(export, self._generated(), self.examples, seed, secret)

    @cached_property
    def _suite(self) -> ScenarioSuite | StorySuite:
        if self.suite == "scenarios":
            return self._scenarios
        fields = (self._stories, self.sampling, self.repetitions or 0, self.commitment)
        if self._read_as == PROMPTED:
            return PromptedStories(*fields, self.family)
        return StorySuite(*fields)

    @cached_property
    def _scenarios(self) -> ScenarioSuite:
        answers = (self.answers,) if isinstance(self.answers, str) else self.answers
        return ScenarioSuite(
            self._path(scenarios.OWN),
            self.family,
            self.repetitions or 0,
            self.paraphrases,
            self.templates,
            answers,
            Path(self.hand_counts).expanduser() if self.hand_counts else None,
        )

    def _stories(self) -> list[Item]:
        """The items of a story suite."""
        if self.suite == "false_belief":
            return false_belief.read_tasks(self._path(false_belief.OWN), self.as_published)
        return self._generated().items()

    def _generated(self) -> Suite:
        return Suite(
            read_seed(self.story_seed),
            self.sets,
            self.words,
            self.wordings,
            self.form,
            self.questions,
            self.alterations,
            self.header,
        )

    def _path(self, own: Path) -> Path:
        return Path(self.data).expanduser() if self.data else own
