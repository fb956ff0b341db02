"""Suites of stories in contrast sets: generated ones, and the tasks of the false-belief study.

An item is a story and a question with few possible answers. The model chooses among them by their
log-probability after the prompt; where answers are drawn too, their first word is read as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from tombench.config import identity_hash
from tombench.datafile import digest
from tombench.schema import (
    GenerateRequest,
    GenerateResponse,
    Item,
    LikelihoodRequest,
    LikelihoodResponse,
    Record,
    Request,
    Response,
    Sampling,
)
from tombench.scorers import choice as choice_source
from tombench.tasks import first_word as first_word_source
from tombench.tasks.answered import Read, drawn_records, forced_record
from tombench.tasks.base import Metrics, Setting, sample_seed
from tombench.tasks.first_word import read_first_word
from tombench.tasks.story_metrics import FLIPS, Reading, grouped, measure
from tombench.tasks.yes_no import LEAST


@dataclass(frozen=True)
class StorySuite:
    """Items whose content is a `StoryQuestion`; records are the forced choice as repetition 0,
    then the drawn answers."""

    reading: ClassVar[Reading] = "first_word"  # how drawn answers are read

    read: Callable[[], list[Item]]
    sampling: Sampling  # where answers are drawn
    repetitions: int  # answers drawn for an item
    commitment: str | None = None  # sha256 of the seed that the stories follow from

    def data_digest(self) -> str:
        """Of the items themselves: whatever they are made from."""
        return identity_hash({"items": self._items})

    def rules_digest(self) -> str:
        """Of the two ways in which answers are read."""
        return digest(Path(source.__file__) for source in (choice_source, first_word_source))

    def items(self) -> list[Item]:
        """All items, those of a set together."""
        return self._items

    def requests(self, item: Item, setting: Setting) -> list[Request]:
        prompt, options = item.content.prompt, item.content.options
        choice = LikelihoodRequest(item, prompt, tuple(f" {option}" for option in options))
        seeds = tuple(sample_seed(setting.seed, item.id, number) for number in self._drawn)
        if not seeds:
            return [choice]
        return [choice, GenerateRequest(item, prompt, setting.sampling, seeds)]

    def score(
        self, item: Item, requests: Sequence[Request], responses: Sequence[Response]
    ) -> list[Record]:
        choice = next(r for r in responses if isinstance(r, LikelihoodResponse))
        drawn = next((r for r in responses if isinstance(r, GenerateResponse)), None)
        log_probs = {} if choice.error else self._log_probs(item, choice)
        records = [forced_record(item, choice, log_probs)]
        if drawn is not None:
            read = self._reader(item, requests[0].text)
            records += drawn_records(item, drawn, self._drawn, read, {})
        return records

    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        """Headline units, answers and shortcuts; `alterations` says which must flip the answer."""
        items = {item.id: item for item in self._items}
        whole = measure(records, items, self.reading)
        groups = {"model": {setting.model: whole}, **grouped(records, items, self.reading)}
        asked = {record.condition["cell"] for record in records}
        altered = {name: {"must_flip": flips} for name, flips in FLIPS.items() if name in asked}
        extra = {"alterations": altered} if altered else {}
        return Metrics(whole, groups, extra | self._committed())

    def _log_probs(self, item: Item, choice: LikelihoodResponse) -> dict[str, float]:
        """log p in nats by option."""
        values = (max(value, LEAST) for value in choice.log_likelihoods)
        return dict(zip(item.content.options, values, strict=True))

    def _reader(self, item: Item, prompt: str) -> Read:
        """Scores the texts that were drawn after a prompt."""
        options, target = item.content.options, str(item.target)
        return lambda sample: read_first_word(sample.text, options, target)

    @cached_property
    def _items(self) -> list[Item]:
        return self.read()

    @property
    def _drawn(self) -> range:
        """Repetitions of the drawn answers; 0 is the forced choice."""
        return range(1, self.repetitions + 1)

    def _committed(self) -> dict[str, str]:
        return {"commitment": self.commitment} if self.commitment else {}
