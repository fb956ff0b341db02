"""General text for task=sparsity: windows as the study draws them, and texts of our own."""

import hashlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Literal

from tombench.corpus import draw_texts
from tombench.errors import UserError

TRIES = 100
"""Documents that are drawn for one window before none is thought to be long enough."""

Purpose = Literal["general", "perplexity"]
PURPOSES: tuple[Purpose, ...] = ("general", "perplexity")
"""What a text of our own is for; one that gradients are taken of is not also measured."""


def study_windows(
    documents: Sequence[str],
    encode: Callable[[str], list[int]],
    samples: int,
    sequence_length: int,
    seed: int,
) -> list[tuple[int, ...]]:
    """Windows of general text, each of a document drawn with replacement: (samples, length) ids.

    Draw for draw as joel-wu/how-large-language-models-encode-theory-of-mind, `create_gradient.py`,
    from C4: a document that is too short is drawn again, and the window begins anywhere in it.

    Args:
        encode: a document's ids; the study's are without special tokens.
        sequence_length: tokens of a window.

    Raises:
        UserError: `TRIES` documents in a row are shorter than a window.
    """
    rng = Random(seed)  # the same draws as random.seed(seed) gives
    windows = []
    for _ in range(samples):
        ids = _long_enough(documents, encode, sequence_length, rng)
        spare = len(ids) - sequence_length
        start = rng.randint(0, spare) if spare else 0
        windows.append(tuple(ids[start : start + sequence_length]))
    return windows


def _long_enough(
    documents: Sequence[str], encode: Callable[[str], list[int]], length: int, rng: Random
) -> list[int]:
    for _ in range(TRIES):
        ids = encode(documents[rng.randint(0, len(documents) - 1)])
        if len(ids) >= length:
            return ids
    raise UserError(
        f"task.general_data: none of {TRIES} documents drawn has {length} tokens; give longer "
        "ones, or a smaller task.general_length"
    )


def own_texts(count: int, purpose: Purpose, seed: int) -> list[str]:
    """So many texts of the embedded models' own corpus, no two alike.

    A text belongs to one purpose by its own digest, whatever the seed: those of one purpose are
    never among those of the other.
    """
    found: dict[str, None] = {}
    number = 0
    while len(found) < count:
        for text in draw_texts(Random(f"{purpose}/{seed}/{number}"), 1.0):
            said = text.prompt + text.answer
            if _purpose_of(said) == purpose:
                found[said] = None
        number += 1
    return list(found)[:count]


def joined(documents: Sequence[str]) -> str:
    """Documents as one text, as the study joins WikiText."""
    return "\n\n".join(documents)


def _purpose_of(text: str) -> Purpose:
    return PURPOSES[hashlib.sha256(text.encode()).digest()[0] % len(PURPOSES)]
