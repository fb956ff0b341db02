"""Settings as words, by which runs of one model are told apart."""

from collections.abc import Mapping
from typing import Any


def in_words(parts: Mapping[str, Any]) -> str:
    """Settings in words without blanks, a blank between them."""
    return " ".join(f"{key}={_word(value)}" for key, value in parts.items())


def _word(value: Any) -> str:
    """A value without blanks; a list's members joined by commas."""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return "_".join(text.split())
