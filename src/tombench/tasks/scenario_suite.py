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
from tombench.prompts import (
    STEP_BY_STEP,
    Family,
    Prompting,
    TemplateName,
    WorkedExample,
    vignette_prompt,
    wordings,
)
from tombench.schema import (
    GenerateRequest,
    GenerateResponse,
    Item,
    LikelihoodRequest,
    LikelihoodResponse,
    Metric,
    Record,
    Request,
    Response,
    Sampling,
)
from tombench.scorers.digest import rules_digest
from tombench.scorers.yes_no import Asked, score_yes_no
from tombench.statistics.components import wording_metrics, wording_variance
from tombench.tasks import answer_files as given_source
from tombench.tasks.answer_files import given_digest
from tombench.tasks.answered import drawn_records, forced_record
from tombench.tasks.base import Metrics, Setting, sample_seed
from tombench.tasks.given import given_records
from tombench.tasks.hand_counts import compare, read_hand_counts
from tombench.tasks.scenarios import OWN, example_scenes, read_scenarios, worked_examples
from tombench.tasks.vignette_cells import cell_counts, cells, counted
from tombench.tasks.yes_no import OPTIONS, log_probs_by_answer, measure, measure_scenario


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
        scene = item.content
        prompt = vignette_prompt(
            scene.context,
            scene.question,
            self._examples(setting.prompting),
            setting.prompting,
            scene.wording,
        )
        seeds = tuple(sample_seed(setting.seed, item.id, n) for n in range(self.repetitions))
        spellings = tuple(word for words in OPTIONS.values() for word in words)
        choice = LikelihoodRequest(item, prompt, spellings)
        if not seeds:
            return [choice]
        return [GenerateRequest(item, prompt, setting.sampling, seeds), choice]

    def score(
        self, item: Item, requests: Sequence[Request], responses: Sequence[Response]
    ) -> list[Record]:
        choice = next(r for r in responses if isinstance(r, LikelihoodResponse))
        drawn = next((r for r in responses if isinstance(r, GenerateResponse)), None)
        log_probs = {} if choice.error else log_probs_by_answer(choice)
        if drawn is None:
            return [forced_record(item, choice, log_probs)]
        asked, target = self._asked(item, requests[0].text), str(item.target)
        return drawn_records(
            item,
            drawn,
            range(self.repetitions),
            lambda sample: score_yes_no(sample.text, target, asked, sample.truncated),
            log_probs,
        )

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

    def _examples(self, prompting: Prompting) -> tuple[WorkedExample, ...]:
        """The file's own worked examples, else ours; none where the prompting shows none."""
        if not prompting.worked_examples:
            return ()
        return worked_examples(self.path) or worked_examples(OWN)

    def _asked(self, item: Item, prompt: str) -> Asked:
        """What an answer is held against, with the worked examples that the prompt shows."""
        scene = item.content
        known = (*example_scenes(self.path), *example_scenes(OWN))
        shown = [context for context in known if context in prompt]
        step_by_step = prompt.rstrip().endswith(STEP_BY_STEP.rstrip())
        return Asked(scene.question, scene.context, " ".join(shown), step_by_step)


def _levels(records: Sequence[Record]) -> dict[str, Mapping[str, Mapping[str, Metric]]]:
    """The factors that every run of vignettes has, and those that its records bring."""
    brought = {factor for record in records for factor in record.condition}
    factors = [factor for factor in ("kind", "paraphrase", "template") if factor in brought]
    return {
        "scenario": by_level(records, lambda r: r.cluster, measure_scenario),
        "answer": by_level(records, lambda r: str(r.target), measure),
        **{f: by_level(records, lambda r, f=f: r.condition[f], measure) for f in factors},
    }
