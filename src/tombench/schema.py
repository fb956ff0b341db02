"""The nouns: Item, Request, Response, Score, Record. Imports nothing of ours."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked

STRICT = ConfigDict(extra="forbid", strict=False)
"""What every class behind a YAML file is built with: an unknown key is refused."""

FOLDER_NAME = r"^\w[\w.+-]*$"
FolderName = Annotated[str, Field(pattern=FOLDER_NAME)]
"""A name that a run folder's path is made of: letters, digits and . _ + - alone."""

Temperature = Annotated[float, Field(ge=0, allow_inf_nan=False)]


@checked(frozen=True, config=STRICT)
class Sampling:
    """How text is drawn from a model: softmax(logits / temperature) over top-k, then top-p."""

    temperature: Temperature  # 0 takes the most probable token
    top_k: Annotated[int, Field(ge=0)]  # 0 keeps all
    top_p: Annotated[float, Field(gt=0, le=1)]  # 1 keeps all
    max_new_tokens: Annotated[int, Field(ge=1)]


@checked(frozen=True, config=STRICT)
class SamplingChoice:
    """`generation.*` of the command line: what the user sets; None leaves it to the task."""

    temperature: Temperature | None = None
    top_k: Annotated[int, Field(ge=0)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_new_tokens: Annotated[int, Field(ge=1)] | None = None

    def over(self, default: Sampling) -> Sampling:
        """The task's own sampling with what the user set put over it."""
        chosen = {key: value for key, value in asdict(self).items() if value is not None}
        return replace(default, **chosen)


@dataclass(frozen=True)
class Item:
    """One thing that is asked: what a record's numbers are about."""

    id: str
    cluster: str  # the independent unit for intervals: story, episode, cell
    content: Any  # the task's own dataclass: a scenario, an episode, a game
    condition: Mapping[str, str] = field(default_factory=dict)  # factor -> level
    target: str | None = None  # the right answer
    reality: str | None = None  # what one says who answers by the facts, not by the belief


@dataclass(frozen=True)
class GenerateRequest:
    """Draw `len(seeds)` continuations of one prompt; the prompt is computed once."""

    item: Item  # read by known minds (backend=mock) alone
    prompt: str
    sampling: Sampling
    seeds: tuple[int, ...]  # one a sample, from (run seed, item id, repetition)
    role: str = ""  # which of several models, or masks of one, answers

    @property
    def text(self) -> str:
        """What the model is to read."""
        return self.prompt


@dataclass(frozen=True)
class LikelihoodRequest:
    """Score each continuation after one context: log p(continuation | context), in nats.

    Context and continuation are encoded together; a context's trailing spaces count as the
    beginning of each continuation.
    """

    item: Item
    context: str
    continuations: tuple[str, ...]
    role: str = ""  # which of several models, or masks of one, answers

    @property
    def text(self) -> str:
        """What the model is to read before each continuation."""
        return self.context


@dataclass(frozen=True)
class WindowsRequest:
    """Score a long text in windows of `window` tokens that do not overlap, one after the other.

    What is asked is each window's log p of all its tokens but the first, given those before them
    in it. The last window may be shorter.
    """

    item: Item
    text: str
    window: int  # tokens, two or more
    most: int | None = None  # windows that are read; None: all
    role: str = ""


@dataclass(frozen=True)
class ChoiceRequest:
    """How probable each of several answers is: the probability of the tokens that spell it.

    An option may be spelt in several ways (" C", "C"); those that are the same tokens count once.
    """

    item: Item
    prompt: str
    options: tuple[tuple[str, ...], ...]  # of each option its spellings, none of them empty
    sampling: Sampling  # as if the answer were drawn so
    repetition_penalty: float = 1.0  # over tokens of the prompt and of the answer; 1: none
    role: str = ""

    @property
    def text(self) -> str:
        """What the model is to read."""
        return self.prompt


Request = GenerateRequest | LikelihoodRequest | WindowsRequest | ChoiceRequest


@dataclass(frozen=True)
class Sample:
    """One drawn continuation."""

    text: str  # the answer alone, a reasoning model's thinking left out
    tokens: int  # how many were drawn for `text`, an end-of-text token not counted
    truncated: bool  # True: stopped by max_new_tokens, not by the model
    thinking: str = ""  # what a reasoning model wrote before its answer
    thinking_tokens: int = 0  # how many were drawn for that


@dataclass(frozen=True)
class GenerateResponse:
    """What a GenerateRequest gave: samples in the order of its seeds."""

    prompt: str  # exactly as sent, chat template included
    samples: tuple[Sample, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class LikelihoodResponse:
    """What a LikelihoodRequest gave: sums over each continuation's tokens, in nats.

    Of a WindowsRequest: sums over each window's tokens but the first, and how many those are.
    """

    prompt: str  # the context exactly as sent, chat template included
    log_likelihoods: tuple[float, ...] = ()
    tokens: tuple[int, ...] = ()  # how many each sum runs over
    greedy: tuple[bool, ...] = ()  # is each token the most probable one?
    error: str | None = None


@dataclass(frozen=True)
class ChoiceResponse:
    """What a ChoiceRequest gave: a probability of each option; what is left to 1 is none of them.

    A spelling's probability is that of its tokens in turn, whatever may come after them.
    """

    prompt: str  # exactly as sent, chat template included
    probabilities: tuple[float, ...] = ()  # by the softmax of the model's own logits
    sampled: tuple[float, ...] = ()  # after repetition penalty, temperature, top-k and top-p
    error: str | None = None


Response = GenerateResponse | LikelihoodResponse | ChoiceResponse


@dataclass(frozen=True)
class Score:
    """A verdict on one response."""

    value: float  # 1 right, 0 wrong, 0.5 a tie
    answer: str  # as parsed; "unparsed" where no answer could be read
    reason: str  # why this answer was read, in words
    category: str = "answered"
    needs_review: bool = False  # the rules may be wrong here: a person should look


@dataclass(frozen=True)
class Record:
    """One line of records.jsonl: a response to an item and its score."""

    id: str  # unique within a run: item id and repetition
    item: str
    repetition: int
    cluster: str
    condition: Mapping[str, str]
    prompt: str
    response: str
    target: str | None
    score: Score
    log_probs: Mapping[str, float] = field(default_factory=dict)  # nats, by option
    tokens: int = 0  # drawn, thinking not counted
    truncated: bool = False
    thinking: str = ""
    thinking_tokens: int = 0
    error: str | None = None


@dataclass(frozen=True)
class Metric:
    """A number that never stands alone: its 95 % interval, n, and independent clusters."""

    value: float
    low: float
    high: float
    n: int
    clusters: int
