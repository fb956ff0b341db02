"""A model as scorer: what do the answers of a finished run conclude?

    tombench task=judge task.run=outputs/eval/vignettes/tiny/v0001 model=qwen3-8b

The judge sees scene, question and answer, and neither the right answer nor what the rules read.
Like answers to one question are judged once.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import ClassVar, Literal

from pydantic.dataclasses import dataclass as checked

from tombench.config import identity_hash
from tombench.errors import UserError
from tombench.labels.labelled import RULES, Labelled, read_labelled
from tombench.labels.rating import Rater, agree, agreement_metrics
from tombench.labels.recorded import (
    JUDGED,
    RecordedAnswer,
    RecordedRun,
    folder_list,
    recorded_answers,
    verdict_of,
)
from tombench.metrics import by_level, share_of
from tombench.schema import (
    STRICT,
    FolderName,
    GenerateRequest,
    Item,
    LikelihoodRequest,
    Metric,
    Record,
    Request,
    Response,
    Sampling,
)
from tombench.scorers.digest import rules_digest
from tombench.tasks import judge_prompt as prompt_source
from tombench.tasks import judge_reply as reply_source
from tombench.tasks.base import Metrics, Setting, sample_seed
from tombench.tasks.judge_prompt import OPTIONS, judge_prompt
from tombench.tasks.judge_reply import judged_record, read_responses
from tombench.tasks.vignettes import Vignettes
from tombench.tasks.yes_no import measure

logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class Judged:
    """One text to judge, and the answers of the run that it is."""

    prompt: str
    answers: tuple[RecordedAnswer, ...]


@checked(frozen=True, config=STRICT)
class Judge:
    """The answers of one run as items; the scorer's rules as what the judge is held against."""

    sampling: ClassVar[Sampling] = Sampling(0.0, 0, 1.0, 16)
    not_identity: ClassVar[frozenset[str]] = frozenset({"run", "data", "labels", "label_key"})

    run: str  # the run folder whose answers are judged
    name: FolderName = "judge"
    data: str | None = None
    reply: Literal["auto", "choice", "text"] = "auto"
    labels: str | list[str] | None = None
    label_key: str | None = None

    def data_digest(self) -> str:
        """Of the judged records with what is shown of them, and of the labels."""
        texts = [[item.id, item.content.prompt] for item in self.items()]
        labels = self._labelled.digest() if self._labelled else None
        return identity_hash({"run": self._run.digest, "texts": texts, "labels": labels})

    def rules_digest(self) -> str:
        """With those by which a judge's reply is read."""
        return rules_digest(prompt_source.__file__, reply_source.__file__)

    def items(self) -> list[Item]:
        alike: dict[str, list[RecordedAnswer]] = {}
        for answer in self._answers:
            prompt = judge_prompt(
                answer.scene.context, answer.scene.question, answer.record.response
            )
            alike.setdefault(prompt, []).append(answer)
        self._refuse_foreign_labels()
        return [_item(prompt, answers) for prompt, answers in alike.items()]

    def requests(self, item: Item, setting: Setting) -> list[Request]:
        prompt = item.content.prompt
        seeds = (sample_seed(setting.seed, item.id, 0),)
        spellings = tuple(word for words in OPTIONS.values() for word in words)
        asked = {
            "text": GenerateRequest(item, prompt, setting.sampling, seeds),
            "choice": LikelihoodRequest(item, prompt, spellings),
        }
        return [request for how, request in asked.items() if self.reply in (how, "auto")]

    def score(
        self, item: Item, requests: Sequence[Request], responses: Sequence[Response]
    ) -> list[Record]:
        reply = read_responses(responses)
        return [judged_record(item, answer.record, reply) for answer in item.content.answers]

    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        answers = {answer.record.id: answer for answer in self._answers}
        raters = self._raters(records)
        whole = self._measure(raters, records) | {
            name: metric
            for people in raters[2:]
            for rater in raters[:2]
            for name, metric in _agreement(rater, people, records).items()
        }
        levels: Mapping[str, Callable[[Record], str]] = {
            "model": lambda record: answers[record.id].model,
            "prompting": lambda record: answers[record.id].prompting,
            "scenario": lambda record: record.cluster,
            "answer": lambda record: str(record.target),
            "category": lambda record: answers[record.id].record.score.category,
        }
        groups = {
            factor: by_level(records, level, partial(self._measure, raters))
            for factor, level in levels.items()
        }
        judged = {
            "run": str(self._run.folder),
            "records_sha256": self._run.digest,
            "model": self._run.model,
            "prompting": self._run.prompting,
            "judge": setting.model,
        }
        _log_agreement(whole)
        return Metrics(whole, groups, {JUDGED: judged})

    @cached_property
    def _answers(self) -> list[RecordedAnswer]:
        return recorded_answers(
            Path(self.run).expanduser(), lambda data: Vignettes(data=data).items(), self.data
        )

    @property
    def _run(self) -> RecordedRun:
        return self._answers[0].run

    @cached_property
    def _labelled(self) -> Labelled | None:
        paths = folder_list(self.labels)
        return read_labelled(paths, self.label_key) if paths else None

    def _refuse_foreign_labels(self) -> None:
        keys = {answer.key for answer in self._answers}
        if self._labelled and not keys & set(self._labelled.clusters):
            raise UserError(
                f"task.labels: {self._labelled.key} holds no answer of {self.run}; give the sheet "
                "that was made of this run"
            )

    def _raters(self, records: Sequence[Record]) -> list[Rater]:
        """The judge, the rules, then the labellers; an answer's key is its record's id here."""
        rules = {answer.record.id: verdict_of(answer.record.score) for answer in self._answers}
        judge = {record.id: verdict_of(record.score) for record in records if not record.error}
        names = {answer.key: answer.record.id for answer in self._answers}
        people = self._labelled.people if self._labelled else ()
        return [
            Rater("judge", judge, categories=False),
            Rater(RULES, rules),
            *(
                Rater(one.name, {names[k]: v for k, v in one.verdicts.items() if k in names})
                for one in people
            ),
        ]

    def _measure(self, raters: Sequence[Rater], records: Sequence[Record]) -> dict[str, Metric]:
        """The measures of yes/no answers by the judge's verdicts, and its agreement with rules."""
        found = measure([replace(record, log_probs={}) for record in records])
        found["judge_unread"] = share_of(records, lambda record: record.score.needs_review)
        return found | _agreement(*raters[:2], records)


def _agreement(first: Rater, second: Rater, records: Sequence[Record]) -> dict[str, Metric]:
    """In right or wrong, and in yes, no or unparsed; a judge tells no further categories."""
    clusters = {record.id: record.cluster for record in records}
    ending = f"/{first.name}_{second.name}"
    found = (agree(first, second, aspect, clusters) for aspect in ("score", "answer"))
    return {k: v for one in found for k, v in agreement_metrics(one, ending).items()}


def _log_agreement(metrics: Mapping[str, Metric]) -> None:
    """Right or wrong as the judge has it, against the rules and each labeller."""
    for name, metric in metrics.items():
        if name.startswith(("agreement/", "kappa/")):
            shown = f"{metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}]"
            logger.info("%s %s, %d answers", name, shown, metric.n)


def _item(prompt: str, answers: Sequence[RecordedAnswer]) -> Item:
    """Like answers as one item, called by the first; known minds read what the rules read."""
    first = answers[0].record
    read = first.score.answer
    return Item(
        id=first.id,
        cluster=first.cluster,
        content=Judged(prompt, tuple(answers)),
        condition=first.condition,
        target=read if read in OPTIONS else "neither",
        reality=first.target,  # who answers the question in place of judging the answer
    )
