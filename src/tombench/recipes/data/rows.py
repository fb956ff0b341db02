"""What a fine-tuning learns from, row by row: completions, preferences, questions."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["completions", "preferences", "questions"]
"""Which rows a recipe learns from: `Completion`, `Preference` or `Question`."""


@dataclass(frozen=True)
class Message:
    """One turn of a conversation; `role` is what the chat template calls the speaker."""

    role: str
    content: str


Prompt = str | tuple[Message, ...]
"""A text that is continued as it stands, or a conversation that a chat template writes down."""


@dataclass(frozen=True)
class Completion:
    """A prompt and how it goes on; only `completion` is learnt, so an empty prompt is prose.

    A soft label says how probable each completion is, the one that was drawn among them.
    """

    prompt: Prompt
    completion: str
    distribution: tuple[tuple[str, float], ...] = ()  # () a hard label


@dataclass(frozen=True)
class Preference:
    """Two ways to go on from one prompt, and which of them is the better."""

    prompt: Prompt
    chosen: str
    rejected: str


@dataclass(frozen=True)
class Question:
    """A prompt that the model is to go on from itself; a reward may look at `answer`."""

    prompt: Prompt
    answer: str | None = None


Row = Completion | Preference | Question
