"""Training examples of belief: minimal pairs of training words, and preferences between answers.

A group holds cells of one contrast set, so that texts that differ in one event are learnt from in
one batch. Nothing here is ever tested: lexicon and wordings are those for training.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tombench.prompts import Prompting, study_wording, vignette_prompt
from tombench.schema import Item
from tombench.stories.asked import Form
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
BASE = Prompting("base", step_by_step=False, worked_examples=False)


@dataclass(frozen=True)
class Preference:
    """One prompt with the right answer and the one that tempts: where belief and reality part, that
    of a reader who takes everybody to know the facts."""

    prompt: str
    chosen: str
    rejected: str


def draw_examples(rng: Random, progress: float, prompted: float = 0.0) -> Sequence[Text]:
    """The cells of one variant of a contrast set: what is believed in each, and one thing more.

    Progress does not matter: the contrast is there from the start.

    Args:
        prompted: the share of groups that are put as `prompting=base` does; a share of 0 draws
            nothing from `rng`.
    """
    if prompted and rng.random() < prompted:
        return [prompted_text(item) for item in _items(rng, "yes_no")]
    return [text(item) for item in _items(rng)]


def draw_preferences(rng: Random) -> Sequence[Preference]:
    """All cells of a set, so that no answer is the better one as such."""
    return [
        Preference(item.content.prompt, f" {item.target}.", f" {_tempting(item)}.")
        for item in _items(rng)
    ]


def _tempting(item: Item) -> str:
    """What is so, where that is wrong; else the other answer that the story offers."""
    if item.reality not in (None, item.target):
        return str(item.reality)
    return next(option for option in item.content.options if option != item.target)


def text(item: Item) -> Text:
    """An item with its answer; a beginning is completed to a sentence."""
    return Text(item.content.prompt, f" {item.target}.")


def prompted_text(item: Item) -> Text:
    """A yes/no question in the prompt of base models, which ends in the blank, and its answer."""
    asked, wording = item.content, study_wording("scenario")
    prompt = vignette_prompt(asked.story, asked.question, (), BASE, wording)
    return Text(prompt, f"{item.target}.")


def _items(rng: Random, form: Form | None = None) -> list[Item]:
    """In each cell of a variant the headline's question on belief, and one other question.

    Without a form one is drawn.
    """
    form = form or ("yes_no" if rng.random() < YES_NO_SHARE else "next_word")
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


def examples_digest(prompted: float = 0.0) -> str:
    """sha256 over samples of the corpus and of the examples: another generator, another digest."""
    numbers = range(DIGESTED)
    groups = [draw_texts(Random(f"digest/{n}"), n / DIGESTED) for n in numbers]
    groups += [draw_examples(Random(f"digest/{n}"), n / DIGESTED, prompted) for n in numbers]
    said = "\0".join(f"{text.prompt}\0{text.answer}" for group in groups for text in group)
    return hashlib.sha256(said.encode()).hexdigest()
