"""The embedded models' pretraining corpus: stories and households, versioned.

A later language of games is one more row of `MIXTURE` and a higher `VERSION`.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from random import Random

from tombench.household.corpus import draw_household_text, household_content_words
from tombench.stories import corpus as stories
from tombench.stories.lexicon import HELD_OUT, TRAINING
from tombench.stories.text import Text

VERSION = 3
DIGESTED = 100
"""Groups of texts that stand for the corpus in a training's identity."""

MIXTURE: Mapping[Callable[[Random, float], Sequence[Text]], float] = {
    stories.draw_texts: 0.8,
    lambda rng, progress: (draw_household_text(rng),): 0.2,
}
"""Shares of the texts."""


def draw_texts(rng: Random, progress: float) -> Sequence[Text]:
    """A group of texts of the mixture at this progress of training in [0, 1)."""
    (draw,) = rng.choices(list(MIXTURE), list(MIXTURE.values()))
    return draw(rng, progress)


def content_words() -> frozenset[str]:
    """Names, things and places of all texts, in lower case."""
    stories_words = TRAINING.content_words() | HELD_OUT.content_words()
    return stories_words | household_content_words()


def corpus_digest() -> str:
    """sha256 over a sample of the corpus: another generator, another digest."""
    groups = [draw_texts(Random(f"digest/{n}"), n / DIGESTED) for n in range(DIGESTED)]
    said = "\0".join(f"{text.prompt}\0{text.answer}" for group in groups for text in group)
    return hashlib.sha256(said.encode()).hexdigest()
