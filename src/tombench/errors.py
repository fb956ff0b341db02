"""The user's mistakes: one plain line each, never a traceback."""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")


class UserError(Exception):
    """What is wrong, where, and what to do; the command prints it and exits 2.

    `mistakes` holds one line each, so that several can be told at once.
    """

    status = 2

    def __init__(self, *mistakes: str) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class RunFailed(UserError):
    """Something outside the user's words failed (a full disk, lost memory): plain line, exit 1."""

    status = 1


def gathered(*checks: Callable[[], T]) -> list[T]:
    """What each check gives; where some refuse, all their mistakes in one UserError."""
    given, mistakes = [], []
    for check in checks:
        try:
            given.append(check())
        except UserError as error:
            mistakes += error.mistakes
    if mistakes:
        raise UserError(*dict.fromkeys(mistakes))
    return given


def nearest(word: str, allowed: Iterable[str]) -> str:
    """A hint such as "did you mean 'tiny'?", or "" where nothing is close."""
    options = {str(option).lower(): str(option) for option in allowed}
    match = get_close_matches(word.lower(), options, n=1, cutoff=0.5)
    return f"did you mean '{options[match[0]]}'?" if match else ""


def told(problem: str, *hints: str) -> str:
    """`problem` and its non-empty hints as one line: "problem; hint; hint"."""
    return "; ".join([problem, *(hint for hint in hints if hint)])


def listed(options: Sequence[str]) -> str:
    """Options as they stand in an error line: "one of a, b, c"."""
    return "one of " + ", ".join(options)
