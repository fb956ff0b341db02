"""The items of task=sparsity: every story, further task and text under every mask."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tombench.schema import (
    GenerateRequest,
    GenerateResponse,
    Item,
    LikelihoodRequest,
    LikelihoodResponse,
    Record,
    Request,
    Response,
    Score,
    WindowsRequest,
)
from tombench.tasks.answered import drawn_records, forced_record
from tombench.tasks.base import Setting, sample_seed
from tombench.tasks.first_word import read_first_word
from tombench.tasks.sparsity_conditions import Condition
from tombench.tasks.sparsity_further import FurtherTask
from tombench.tasks.yes_no import LEAST

TASKS, SPECIFICITY, PERPLEXITY, FURTHER = "tasks", "specificity", "perplexity", "further"
"""Parts of a run, as `condition["part"]` of records names them."""
TEXT = "text"
"""Id and cluster of the text that perplexity is of."""


@dataclass(frozen=True)
class Asked:
    """What an item's content is: what is asked, and under which mask."""

    condition: Condition
    item: Item  # as its own task has it; of PERPLEXITY without content
    further: FurtherTask | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """The answers that may be given, where the question offers any: for known minds."""
        return getattr(self.item.content, "options", ())


@dataclass(frozen=True)
class LongText:
    """The text that perplexity is of."""

    text: str
    window: int  # tokens
    most: int | None  # windows that are read


@dataclass(frozen=True)
class Parts:
    """What is put under masks."""

    tasks: Sequence[Item]  # the suite's questions: answers are drawn under the sweep's masks
    specificity: Sequence[Item]  # questions of reality and memory: forced choice alone
    further: Sequence[FurtherTask]  # under the sweep's masks alone
    text: bool  # is perplexity measured?

    def items(self, conditions: Sequence[Condition]) -> list[Item]:
        """Each under all masks, one after the other: a limit keeps items under all of them."""
        return [item for own in self._each() for item in _under(own, conditions)]

    def _each(self) -> Iterator[tuple[str, Item, FurtherTask | None]]:
        if self.text:
            yield PERPLEXITY, Item(TEXT, TEXT, None), None
        for item in self.tasks:
            yield TASKS, item, None
        for item in self.specificity:
            yield SPECIFICITY, item, None
        for task in self.further:
            for item in task.items():
                yield FURTHER, item, task


def _under(
    own: tuple[str, Item, FurtherTask | None], conditions: Sequence[Condition]
) -> Iterator[Item]:
    part, item, further = own
    told = {"task": further.name} if further else {}
    for condition in conditions:
        if further is None or condition.sweep:
            yield Item(
                id=f"{condition.prefix}/{further.name + '/' if further else ''}{item.id}",
                cluster=item.cluster,
                content=Asked(condition, item, further),
                condition={"part": part, **condition.factors, **told, **item.condition},
                target=item.target,
                reality=item.reality,
            )


@dataclass(frozen=True)
class Asking:
    """How items are put to a model, and its answers read."""

    repetitions: int  # answers drawn for a question of the suite under each mask of the sweep
    text: Callable[[], LongText]

    def requests(self, item: Item, setting: Setting) -> list[Request]:
        """Forced choice, and drawn answers; windows of a text; or what a further task asks."""
        asked: Asked = item.content
        role = asked.condition.role
        if asked.further:
            return [replace(one, role=role) for one in asked.further.requests(asked.item, setting)]
        if item.condition["part"] == PERPLEXITY:
            long = self.text()
            return [WindowsRequest(item, long.text, long.window, long.most, role)]
        question = asked.item.content
        options = tuple(f" {option}" for option in question.options)
        choice = LikelihoodRequest(item, question.prompt, options, role)
        numbers = self._drawn(item)
        if not numbers:
            return [choice]
        seeds = tuple(sample_seed(setting.seed, asked.item.id, number) for number in numbers)
        return [choice, GenerateRequest(item, question.prompt, setting.sampling, seeds, role)]

    def score(self, item: Item, responses: Sequence[Response]) -> list[Record]:
        """Records of an item; the prompt stands in those of the unmasked model alone."""
        asked: Asked = item.content
        if asked.further:
            found = [
                replace(
                    record,
                    id=f"{item.id}/{record.repetition:02d}",
                    item=item.id,
                    condition=dict(item.condition),
                )
                for record in asked.further.score(asked.item, responses)
            ]
        elif item.condition["part"] == PERPLEXITY:
            (response,) = responses
            found = [_perplexity_record(item, response, self.text().window)]
        else:
            found = self._question(item, responses)
        if asked.condition.kind == "none":
            return found
        return [replace(record, prompt="") for record in found]

    def _question(self, item: Item, responses: Sequence[Response]) -> list[Record]:
        choice = next(r for r in responses if isinstance(r, LikelihoodResponse))
        drawn = next((r for r in responses if isinstance(r, GenerateResponse)), None)
        options = item.content.item.content.options
        values = [max(value, LEAST) for value in choice.log_likelihoods]
        log_probs = {} if choice.error else dict(zip(options, values, strict=True))
        records = [forced_record(item, choice, log_probs)]
        if drawn is not None:
            records += drawn_records(
                item,
                drawn,
                self._drawn(item),
                lambda sample: read_first_word(sample.text, options, str(item.target)),
                {},
            )
        return records

    def _drawn(self, item: Item) -> range:
        """Repetitions of the drawn answers; 0 is the forced choice."""
        draws = item.condition["part"] == TASKS and item.content.condition.sweep
        return range(1, 1 + (self.repetitions if draws else 0))


def _perplexity_record(item: Item, response: LikelihoodResponse, window: int) -> Record:
    """Each window's log p in nats by its number; how long the windows are stands beside it."""
    sums, counts = response.log_likelihoods, response.tokens
    tail = counts[-1] + 1 if counts[-1] + 1 < window else 0
    condition: Mapping[str, str] = {**item.condition, "window": str(window), "tail": str(tail)}
    nats = -sum(sums) / sum(counts)
    return Record(
        id=f"{item.id}/00",
        item=item.id,
        repetition=0,
        cluster=item.cluster,
        condition=condition,
        prompt="",
        response="",
        target=None,
        score=Score(0.0, "", f"{nats:.4f} nats a token", PERPLEXITY),
        log_probs={str(number): value for number, value in enumerate(sums)},
        tokens=sum(counts),
        error=response.error,
    )
