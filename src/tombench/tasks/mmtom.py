"""Who wants what, and thinks what, in an apartment: Bayesian inverse planning.

    tombench task=mmtom policy=observer
    tombench task=mmtom policy=observer task.data=questions.json task.closeness=closeness.json
    tombench task=mmtom task.suite=graded_controls model=local model.path=RUN
    tombench task=mmtom task.theme=[home,outer_space,wild_west]

MMToM-QA (Jin et al. 2024, "MMToM-QA: Multimodal Theory of Mind Question Answering") and the scaled
Bayesian planner; questions of our own simulator where no file is given.
"""

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass as checked

from tombench.config import identity_hash, plain
from tombench.errors import UserError
from tombench.household.suite import HouseholdSuite
from tombench.household.themes import UNSEEN, ThemeName
from tombench.planning.episode import Episode
from tombench.planning.inference import Paths, paths
from tombench.planning.policies.base import PolicySettings, Scorer
from tombench.planning.policies.language_model import Lm
from tombench.schema import STRICT, FolderName, Item, Record, Request, Response, Sampling
from tombench.tasks.base import Metrics, Setting
from tombench.tasks.household_training import HouseholdTraining
from tombench.tasks.planner_asking import requests_of, scores_of
from tombench.tasks.planner_data import published_episodes
from tombench.tasks.planner_metrics import alpha_sweep, grouped, measure, reliability_table
from tombench.tasks.planner_preparation import Audit, StudyData, StudyFiles, audit_rows, show_audit
from tombench.tasks.planner_scoring import (
    OBSERVER,
    beside_observer,
    failed_record,
    planner_record,
    taken,
)
from tombench.tasks.planner_study import study_lm_record, study_lm_requests, study_record
from tombench.tasks.preparation import Preparation
from tombench.tasks.suite_fields import several

HOME: ThemeName = "home"


@checked(frozen=True, config=STRICT)
class MMToM(HouseholdTraining):
    """Questions of a published file (`data`), or of our simulator."""

    reads: ClassVar[frozenset[str]] = frozenset({"policy", "large", "untuned"})
    unused: ClassVar[frozenset[str]] = frozenset({"prompting", "generation"})
    sampling: ClassVar[Sampling] = Sampling(0.0, 0, 1.0, 1)  # nothing is drawn
    repetitions: ClassVar[int] = 0
    read_by: ClassVar[Mapping[str, str]] = HouseholdTraining.read_by | {"pairs": "prepare"}
    prepares: ClassVar[str] = (
        "the study's data folder; with task.data its files or zip; with task.audit=true an audit"
    )

    name: FolderName = "mmtom"
    data: str | None = None
    closeness: str | None = None
    scene_graphs: str | None = None
    suite: Literal["seven_types", "graded_controls"] = "seven_types"
    per_type: Annotated[int, Field(ge=1)] = 100
    theme: Annotated[tuple[ThemeName, ...], BeforeValidator(several), Field(min_length=1)] = (HOME,)
    suite_seed: str = "public-dev"
    audit: bool = False
    pairs: Annotated[int, Field(ge=1)] = 20_000  # of each theme, that stage=prepare writes

    def __post_init__(self) -> None:
        for key in ("closeness", "scene_graphs"):
            if getattr(self, key) is not None and self.data is None:
                raise UserError(
                    f"task.{key}: it belongs to a file of questions; give task.data=FILE"
                )

    @property
    def not_identity(self) -> frozenset[str]:
        """Fields that cannot change a result; files stand there by their content."""
        own = {"data", "closeness", "scene_graphs", *self.read_by}
        if self.data is not None:
            own |= {"suite", "per_type", "theme", "suite_seed"}
        return frozenset(own)

    @property
    def told(self) -> str:
        """What is asked, in a few words."""
        if self.data is not None:
            seen = {"closeness": self.closeness, "scene graphs": self.scene_graphs}
            told = [f"and {name}" for name, path in seen.items() if path] or ["alone"]
            return f"{Path(self.data).name}, text {' '.join(told)}"
        return f"{self.suite.replace('_', ' ')}, {', '.join(self.theme)}"

    def data_digest(self) -> str:
        """Of the questions themselves, whatever they are made from."""
        return identity_hash({"items": self._items})

    def items(self) -> list[Item]:
        """All questions, those of an episode together."""
        return self._items

    def requests(self, item: Item, setting: Setting) -> list[Request]:
        """What a language model is asked; nothing where the policy answers by itself."""
        if not isinstance(setting.policy, Lm):
            return []
        if setting.policy.decision == "study":
            return list(study_lm_requests(setting.policy, item))
        return requests_of(setting.policy, item, self._paths[item.id].all)

    def score(
        self, item: Item, requests: Sequence[Request], responses: Sequence[Response]
    ) -> list[Record]:
        """As `score_by` the observer."""
        return self.score_by(OBSERVER, item, requests, responses)

    def score_by(
        self,
        policy: PolicySettings,
        item: Item,
        requests: Sequence[Request],
        responses: Sequence[Response],
    ) -> list[Record]:
        """The item's record: the posterior under a policy, and under the observer beside it."""
        if errors := [response.error for response in responses if response.error]:
            return [failed_record(item, errors[0])]
        known = self._paths[item.id]
        if policy.decision == "study":
            if isinstance(policy, Lm):
                record = study_lm_record(policy, item, requests, responses)
            else:
                record = study_record(policy, item, self._scorer(policy))
            return [beside_observer(record, item.content, known)]
        if isinstance(policy, Lm):
            scores = scores_of(policy, item, known.all, requests, responses)
        else:
            scores = {policy.name: taken(self._scorer(policy), known.all)}
        return [planner_record(item, known, policy, scores)]

    def policy_identity(self, policy: PolicySettings) -> Mapping[str, Any]:
        """All of a policy that can change a result."""
        fitted = policy.fitted_to(self.training_situations)
        own = {"name": policy.name, **plain(policy)}
        return own if fitted is None else {**own, "fitted_to": fitted}

    def preparation(self, seed: int) -> Preparation:
        """The study's data folder; with `audit`, all that does not add up in the questions."""
        if self.audit:
            return Audit(self._episodes, self.data_digest())
        if self.data is not None:
            return StudyFiles(Path(self.data).expanduser())
        themes = self.theme if self.theme != (HOME,) else (HOME, *UNSEEN)
        return StudyData(themes, self.pairs, self.per_type, self.suite_seed, seed)

    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        items = {item.id: item for item in self._items}
        whole = measure(records, items)
        groups = {"model": {setting.model: whole}, **grouped(records, items)}
        extra: dict[str, Any] = {"reliability": reliability_table(records)}
        if sweep := alpha_sweep(records):
            extra["alpha_sweep"] = sweep
        seen = {HOME, *several(setting.trained_on.get("train_theme", ()))}
        extra["unseen_themes"] = sorted({item.condition["theme"] for item in self._items} - seen)
        if self.audit:
            extra["audit"] = audit_rows(self._episodes)
            show_audit(self._episodes)
        return Metrics(whole, groups, extra)

    def _scorer(self, policy: PolicySettings) -> Scorer:
        """A policy that answers by itself, fitted to our simulator where it needs that."""
        return _fitted(policy, self)

    @cached_property
    def _items(self) -> list[Item]:
        return [
            _item(episode, self.suite if self.data is None else "published")
            for episode in self._episodes
        ]

    @cached_property
    def _episodes(self) -> list[Episode]:
        if self.data is not None:
            given = (self.data, self.closeness, self.scene_graphs)
            return published_episodes(*(one and Path(one).expanduser() for one in given))
        return [episode for theme in self.theme for episode in self._of(theme)]

    def _of(self, theme: ThemeName) -> list[Episode]:
        """Our questions in the words of a theme."""
        controls = self.suite == "graded_controls"
        return HouseholdSuite(self.suite_seed, self.per_type, theme, controls).episodes()

    @cached_property
    def _paths(self) -> Mapping[str, Paths]:
        """By item, what was decided in the light of either option."""
        return {episode.id: paths(episode) for episode in self._episodes}


@cache
def _fitted(policy: PolicySettings, task: MMToM) -> Scorer:
    return policy.scorer(task.training_situations)


def _item(episode: Episode, suite: str) -> Item:
    asked = episode.query
    condition = {
        "question_type": asked.question_type or "unknown",
        "question_family": asked.family,
        "theme": episode.theme,
        "suite": suite,
    }
    return Item(episode.id, episode.cluster, episode, condition, asked.key)
