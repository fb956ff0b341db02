"""Contrast sets under the vignettes study's promptings: task.prompted=true.

Each story with its yes/no question is put, chosen and read as a scenario is; what a run comes to
is what a story suite comes to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from tombench.config import identity_hash
from tombench.datafile import digest
from tombench.prompts import Family, study_wording
from tombench.schema import Item, LikelihoodResponse, Record, Request
from tombench.scorers.digest import rules_digest
from tombench.tasks.answered import Read
from tombench.tasks.base import Metrics, Setting
from tombench.tasks.scenarios import OWN, Vignette
from tombench.tasks.scene_questions import SceneQuestions
from tombench.tasks.story_metrics import Reading
from tombench.tasks.story_suite import StorySuite
from tombench.tasks.yes_no import log_probs_by_answer

QUESTIONS = SceneQuestions()


@dataclass(frozen=True)
class PromptedStories(StorySuite):
    """Yes/no questions about stories, in the study's prompts instead of a form of their own.

    Answers are called yes and no, as those to scenarios are; before all stands the study's header.
    """

    reading: ClassVar[Reading] = "free_text"

    family: Family = "scenario"

    def data_digest(self) -> str:
        """Of the items, and of the file that lends the worked examples."""
        return identity_hash({"items": self._items, "examples": digest([OWN])})

    def rules_digest(self) -> str:
        return rules_digest()

    def requests(self, item: Item, setting: Setting) -> list[Request]:
        return QUESTIONS.requests(item, self._scene(item), setting, self._drawn)

    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        """As of other stories, and by prompting."""
        found = super().metrics(records, setting)
        own = {"prompting": {setting.prompting.name: found.metrics}}
        return replace(found, groups=own | dict(found.groups))

    @cached_property
    def _items(self) -> list[Item]:
        return [
            replace(
                item,
                content=replace(item.content, header=""),
                target=_lower(item.target),
                reality=_lower(item.reality),
            )
            for item in self.read()
        ]

    def _log_probs(self, item: Item, choice: LikelihoodResponse) -> dict[str, float]:
        return log_probs_by_answer(choice)

    def _reader(self, item: Item, prompt: str) -> Read:
        return QUESTIONS.reader(self._scene(item), str(item.target), prompt)

    def _scene(self, item: Item) -> Vignette:
        asked = item.content
        return Vignette(asked.story, asked.question, study_wording(self.family))


def _lower(answer: str | None) -> str | None:
    return answer and answer.lower()
