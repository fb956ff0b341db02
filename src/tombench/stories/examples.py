"""Training examples of belief: minimal pairs of training words, and preferences between answers.

A group holds cells of one contrast set, so that texts that differ in one event are learnt from in
one batch. Nothing here is ever tested: lexicon and wordings are those for training.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tombench.schema import Item
from tombench.stories.corpus import draw_texts
from tombench.stories.suite import HEADLINE, Suite
from tombench.stories.text import Text

SEED = "examples"
QUESTIONS = ("reality", "memory", "percept", "knowledge", "belief", "action")
HEADERS = ("", "", "", "Complete the following story: ")
YES_NO_SHARE = 0.15
SCRAMBLED_SHARE = 0.4
TRANSFER_SHARE = 0.6
"""The other sets are of contents, which are learnt sooner."""
DIGESTED = 100


@dataclass(frozen=True)
class Preference:
    """One prompt with the right answer and the one that a reality-biased reader gives."""

    prompt: str
    chosen: str
    rejected: str


def draw_examples(rng: Random, progress: float) -> Sequence[Text]:
    """The cells of one variant of a contrast set: what is believed in each, and one thing more.

    Progress does not matter: the contrast is there from the start.
    """
    items = _items(rng)
    return [text(item) for item in items]


def draw_preferences(rng: Random) -> Sequence[Preference]:
    """Those items of a set in which belief and reality part."""
    return [
        Preference(item.content.prompt, f" {item.target}", f" {item.reality}")
        for item in _items(rng)
        if item.reality not in (None, item.target)
    ]


def text(item: Item) -> Text:
    """An item with its answer; a beginning is completed to a sentence."""
    return Text(item.content.prompt, f" {item.target}.")


def _items(rng: Random) -> list[Item]:
    """In each cell of a variant the headline's question on belief, and one other question."""
    form = "yes_no" if rng.random() < YES_NO_SHARE else "next_word"
    suite = Suite(
        seed=f"{SEED}/{rng.getrandbits(64):016x}",
        sets=1,
        words="scrambled" if rng.random() < SCRAMBLED_SHARE else "training",
        form=form,
        questions=QUESTIONS,
        alterations=False,
        header=rng.choice(HEADERS),
    )
    story = suite.contrast_set(0 if rng.random() < TRANSFER_SHARE else 1)
    variant = rng.choice(("original", "reversed"))
    about = HEADLINE[story.paradigm][1]
    chosen = {about if rng.random() < 0.7 else rng.choice(("belief", "action"))}
    others = [name for name in QUESTIONS if name not in chosen]
    chosen.add(rng.choice([*others, "percept"]))  # twice: belief hangs on it
    return [item for item in story.cells((variant,)) if item.condition["question_type"] in chosen]


def examples_digest() -> str:
    """sha256 over samples of the corpus and of the examples: another generator, another digest."""
    numbers = range(DIGESTED)
    groups = [draw_texts(Random(f"digest/{n}"), n / DIGESTED) for n in numbers]
    groups += [draw_examples(Random(f"digest/{n}"), n / DIGESTED) for n in numbers]
    said = "\0".join(f"{text.prompt}\0{text.answer}" for group in groups for text in group)
    return hashlib.sha256(said.encode()).hexdigest()
