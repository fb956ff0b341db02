"""Everyday scenes with a yes/no question about what somebody believes, expects, knows or sees.

    tombench task=vignettes prompting=sbs_cot

Study: Boosting Theory of Mind in small LLMs (Z3R6X/ToM_in_small_LLMs): sixteen scenarios, twenty
answers each, four promptings. Each answer is read as free text; beside it stands the forced
choice, the log-probability of yes against no after the same prompt.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.datafile import EMBEDDED, Entry, digest, has_list, read_entries, read_text, unique
from tombench.metrics import by_level
from tombench.prompts import Family, Prompting, WorkedExample, vignette_prompt
from tombench.schema import (
    STRICT,
    FolderName,
    GenerateRequest,
    GenerateResponse,
    Item,
    LikelihoodRequest,
    LikelihoodResponse,
    Record,
    Request,
    Response,
    Sample,
    Sampling,
    Score,
)
from tombench.scorers.choice import forced_choice
from tombench.scorers.yes_no import UNPARSED, score_yes_no
from tombench.stories.corpus import draw_text
from tombench.stories.layouts import Text
from tombench.tasks.base import Metrics, Setting, sample_seed
from tombench.tasks.yes_no import OPTIONS, log_probs_by_answer, measure, measure_scenario

OWN = EMBEDDED / "vignettes" / "scenarios.json"
logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class Vignette:
    """A scene and its question; the right answer is the item's target."""

    context: str
    question: str


@checked(frozen=True, config=STRICT)
class Vignettes:
    """The vignettes study; `data` puts a file of the published form in our items' place."""

    sampling: ClassVar[Sampling] = Sampling(0.4, 50, 0.95, 128)

    name: FolderName = "vignettes"
    data: str | None = None
    family: Family = "scenario"
    repetitions: Annotated[int, Field(ge=0)] = 20

    def data_digest(self) -> str:
        read_text(self._path())  # says plainly what is wrong with a file that cannot be read
        return digest([self._path(), OWN])  # ours too: it may lend the worked examples

    def items(self) -> list[Item]:
        entries = read_entries(self._path(), "scenarios")
        items = [_item(entry) for entry in entries]
        unique(zip((item.id for item in items), entries, strict=True))
        return items

    def requests(self, item: Item, setting: Setting) -> list[Request]:
        scene = item.content
        prompt = vignette_prompt(
            scene.context,
            scene.question,
            self._examples(setting.prompting),
            setting.prompting,
            self.family,
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
            return [_forced_record(item, choice, log_probs)]
        samples = drawn.samples or (None,) * self.repetitions
        return [_record(item, n, drawn, sample, log_probs) for n, sample in enumerate(samples)]

    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        right: dict[str, float] = {}
        for record in records:
            right[record.item] = right.get(record.item, 0.0) + record.score.value
        order = [item.id for item in self.items() if item.id in right]
        correct = [int(n) if n.is_integer() else n for n in (right[name] for name in order)]
        whole = measure(records)
        groups = {
            "model": {setting.model: whole},
            "prompting": {setting.prompting.name: whole},
            "scenario": by_level(records, lambda r: r.item, measure_scenario),
            "answer": by_level(records, lambda r: str(r.target), measure),
            "kind": by_level(records, lambda r: r.condition["kind"], measure),
        }
        counts = {setting.model: {setting.prompting.name: correct}}
        return Metrics(whole, groups, {"cell_counts": counts, "scenarios": order})

    def training_text(self) -> Callable[[Random], Text]:
        """Scenes of another generator in this task's promptings, the scenarios not among them."""
        return draw_text

    def _path(self) -> Path:
        return Path(self.data).expanduser() if self.data else OWN

    def _examples(self, prompting: Prompting) -> tuple[WorkedExample, ...]:
        """The file's own worked examples, else ours; none where the prompting shows none."""
        if not prompting.worked_examples:
            return ()
        return worked_examples(self._path()) or worked_examples(OWN)


@cache
def worked_examples(path: Path) -> tuple[WorkedExample, ...]:
    """Worked examples under a file's `examples` or `cot_examples`; () unless two are whole."""
    examples = []
    for key in ("examples", "cot_examples"):
        for entry in read_entries(path, key) if has_list(path, key) else ():
            if "worked" in entry.values or "answer" in entry.values:
                worked = entry.text("worked", "answer")
                examples.append(
                    WorkedExample(entry.text("context"), entry.text("question"), worked)
                )
    if len(examples) < 2:
        logger.info(
            "%s has no two worked examples with their answers; ours are shown instead", path
        )
        return ()
    return tuple(examples)


def _item(entry: Entry) -> Item:
    name = entry.values.get("id")
    name = str(name) if isinstance(name, int) and not isinstance(name, bool) else entry.text("id")
    kind = entry.text("kind") if "kind" in entry.values else "unlabelled"
    return Item(
        id=name,
        cluster=name,
        content=Vignette(entry.text("context"), entry.text("question")),
        condition={"kind": kind},
        target=entry.choice("answer", tuple(OPTIONS)),
        reality=entry.choice("reality", tuple(OPTIONS), required=False),
    )


def _record(
    item: Item,
    repetition: int,
    response: GenerateResponse,
    sample: Sample | None,
    log_probs: Mapping[str, float],
) -> Record:
    text = sample.text if sample else ""
    failed = Score(0.0, UNPARSED, "the model was not asked: see error", "error")
    return Record(
        id=f"{item.id}/{repetition:02d}",
        item=item.id,
        repetition=repetition,
        cluster=item.cluster,
        condition=item.condition,
        prompt=response.prompt,
        response=text,
        target=item.target,
        score=failed if sample is None else score_yes_no(text, str(item.target)),
        log_probs=log_probs,
        tokens=sample.tokens if sample else 0,
        truncated=sample.truncated if sample else False,
        error=response.error,
    )


def _forced_record(
    item: Item, choice: LikelihoodResponse, log_probs: Mapping[str, float]
) -> Record:
    """task.repetitions=0: the forced choice is the answer."""
    if choice.error:
        score = Score(0.0, UNPARSED, "the model was not asked: see error", "error")
    else:
        value = forced_choice(log_probs, str(item.target))
        answer = "tie" if value == 0.5 else max(log_probs, key=lambda name: log_probs[name])
        score = Score(value, answer, f"{answer} is the more probable; {item.target} is right")
    return Record(
        f"{item.id}/00",
        item.id,
        0,
        item.cluster,
        item.condition,
        choice.prompt,
        "",
        item.target,
        score,
        log_probs,
        error=choice.error,
    )
