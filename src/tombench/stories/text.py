"""A training text: what is given, and what is to be said."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One training text."""

    prompt: str  # "" for prose
    answer: str
    distribution: tuple[tuple[str, float], ...] = ()  # soft label: all answers, with probabilities
