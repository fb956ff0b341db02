"""How much of its wording one text shares with another: is a held-out context really held out?"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

RUN = 8  # words


def words(text: str) -> list[str]:
    """Lower-case words, without punctuation; a placeholder is a word."""
    return re.findall(r"[a-z0-9]+(?:['’][a-z]+)?", text.lower())


def overlap(first: str, second: str) -> float:
    """Share of words that stand in the same order in both, 0 to 1 (Ratcliff & Metzener 1988).

    Of the two directions, in which the algorithm's ties may fall differently, the greater.
    """
    ours, theirs = words(first), words(second)
    return max(
        SequenceMatcher(None, a, b, autojunk=False).ratio()
        for a, b in ((ours, theirs), (theirs, ours))
    )


def shared_runs(first: str, second: str, length: int = RUN) -> tuple[str, ...]:
    """Runs of so many words that are in both texts, in the order of the first."""
    other = set(_runs(second, length))
    return tuple(dict.fromkeys(run for run in _runs(first, length) if run in other))


def _runs(text: str, length: int) -> Iterator[str]:
    found = words(text)
    return (" ".join(found[at : at + length]) for at in range(len(found) - length + 1))
