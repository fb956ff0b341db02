"""The scenarios of the vignettes study: how they are put, read and measured.

Study: Boosting Theory of Mind in small LLMs (Z3R6X/ToM_in_small_LLMs): sixteen scenarios, twenty
answers each, four promptings. Each answer is read as free text; beside it stands the forced
choice, the log-probability of yes against no after the same prompt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tombench.datafile import digest, read_text
from tombench.metrics import by_level
from tombench.prompts import Family, TemplateName, wordings
from tombench.schema import (
    GenerateResponse,
    Item,
    LikelihoodResponse,
    Metric,
    Record,
    Request,
    Response,
    Sampling,
)
from tombench.scorers.digest import rules_digest
from tombench.statistics.components import wording_metrics, wording_variance
from tombench.tasks import answer_files as given_source
from tombench.tasks.answer_files import given_digest
from tombench.tasks.answered import drawn_records, forced_record
from tombench.tasks.base import Metrics, Setting
from tombench.tasks.given import given_records
from tombench.tasks.hand_counts import compare, read_hand_counts
from tombench.tasks.scenarios import OWN, example_scenes, read_scenarios
from tombench.tasks.scene_questions import SceneQuestions
from tombench.tasks.vignette_cells import cell_counts, cells, counted
from tombench.tasks.yes_no import log_probs_by_answer, measure, measure_scenario


@dataclass(frozen=True)
class ScenarioSuite:
    """The scenarios of one file in the wordings that are asked for."""

    sampling: ClassVar[Sampling] = Sampling(0.4, 50, 0.95, 128)

    path: Path
    family: Family
    repetitions: int
    paraphrases: int
    templates: tuple[TemplateName, ...]
    answers: tuple[str, ...] | None  # files that are scored in place of a model
    hand_counts: Path | None

    def data_digest(self) -> str:
        read_text(self.path)  # says plainly what is wrong with a file that cannot be read
        return digest([self.path, OWN])  # ours too: it may lend the worked examples

    def rules_digest(self) -> str:
        """Of the scorers, and of how files of answers are read where these hold the answers."""
        return rules_digest(*([] if self.answers is None else [given_source.__file__]))

    def items(self) -> list[Item]:
        """Each scenario in each wording, those of one scenario together."""
        how = wordings(self.family, self.paraphrases, self.templates)
        return read_scenarios(self.path, how)

    def requests(self, item: Item, setting: Setting) -> list[Request]:
        return self._questions.requests(item, item.content, setting, range(self.repetitions))

    def score(
        self, item: Item, requests: Sequence[Request], responses: Sequence[Response]
    ) -> list[Record]:
        choice = next(r for r in responses if isinstance(r, LikelihoodResponse))
        drawn = next((r for r in responses if isinstance(r, GenerateResponse)), None)
        log_probs = {} if choice.error else log_probs_by_answer(choice)
        if drawn is None:
            return [forced_record(item, choice, log_probs)]
        read = self._questions.reader(item.content, str(item.target), requests[0].text)
        return drawn_records(item, drawn, range(self.repetitions), read, log_probs)

    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        wording = wording_variance(records)
        whole = measure(records) | wording_metrics(wording)
        groups = {
            "model": {setting.model: whole},
            "prompting": {setting.prompting.name: whole},
            **_levels(records),
        }
        counts = counted(records, self.items())
        extra = {
            "cell_counts": {setting.model: {setting.prompting.name: list(counts.values())}},
            "scenarios": list(counts),
        } | ({"wording_variance": wording} if wording else {})
        return Metrics(whole, groups, extra)

    def given_identity(self) -> dict[str, str]:
        """All of the suite that can change what answers of files come to; how items are put to a
        model cannot."""
        counted = {}
        if self.hand_counts:
            read_text(self.hand_counts)
            counted = {"hand_counts": digest([self.hand_counts])}
        return {"data": self.data_digest(), "answers": given_digest(self.answers or ())} | counted

    def given_records(self, limit: int | None = None) -> list[Record]:
        """The answers that files hold, scored; of the first `limit` scenarios.

        Raises:
            UserError: a file is malformed, or answers a scenario that the data does not have.
        """
        items = {item.id: item for item in read_scenarios(self.path)[:limit]}
        every = {item.id for item in read_scenarios(self.path)}
        scenes = example_scenes(self.path) or example_scenes(OWN)
        return given_records(self.answers or (), items, every, scenes)

    def given_metrics(self, records: Sequence[Record]) -> Metrics:
        """As `metrics`, for each model and prompting of the files, and for all."""
        items = read_scenarios(self.path)
        by_cell = cells(records)
        groups: dict[str, Mapping[str, Mapping[str, Metric]]] = {
            factor: by_level(records, lambda r, f=factor: r.condition[f], measure)
            for factor in ("model", "prompting")
        }
        extra = cell_counts(by_cell, items)
        if self.hand_counts:
            extra["hand_counts"] = compare(
                [cell.counts(items) for cell in by_cell],
                read_hand_counts(self.hand_counts),
                self.hand_counts,
            )
        return Metrics(measure(records), groups | _levels(records), extra)

    @property
    def _questions(self) -> SceneQuestions:
        return SceneQuestions(self.path)


def _levels(records: Sequence[Record]) -> dict[str, Mapping[str, Mapping[str, Metric]]]:
    """The factors that every run of vignettes has, and those that its records bring."""
    brought = {factor for record in records for factor in record.condition}
    factors = [factor for factor in ("kind", "paraphrase", "template") if factor in brought]
    return {
        "scenario": by_level(records, lambda r: r.cluster, measure_scenario),
        "answer": by_level(records, lambda r: str(r.target), measure),
        **{f: by_level(records, lambda r, f=f: r.condition[f], measure) for f in factors},
    }
