"""Test-only corpus and task: somebody puts things somewhere; pairs differ in one place."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

from pydantic.dataclasses import dataclass as checked

from tombench.recipes.base import Texts
from tombench.schema import STRICT
from tombench.stories.examples import Preference
from tombench.stories.text import Text
from tombench.tasks.vignettes import Vignettes

NAMES = ("Mara", "Tom", "Ida", "Joel", "Petra", "Omar")
THINGS = ("ball", "key", "cup", "map", "spoon", "letter")
PLACES = ("box", "bag", "drawer", "basket")
CONTENT_WORDS = frozenset(word.lower() for word in (*NAMES, *THINGS, *PLACES))


def draw_text(rng: Random, progress: float) -> Sequence[Text]:
    """Prose or a question, a group of one; late in training there are more sentences."""
    facts = [_fact(rng) for _ in range(2 if progress < 0.5 else 4)]
    story = " ".join(f"{name} put the {thing} in the {place}." for name, thing, place in facts)
    name, thing, place = rng.choice(facts)
    if rng.random() < 0.5:
        return (Text("", f"{story} {name} put the {thing} in the {place}."),)
    asked = rng.choice([place, rng.choice(PLACES)])
    verdict = "Yes" if (name, thing, asked) in facts else "No"
    return (Text(f"{story} Did {name} put the {thing} in the {asked}? Answer: ", f"{verdict}."),)


def draw_pair(rng: Random, progress: float) -> Sequence[Text]:
    """A group of two prompts that differ in one place."""
    name, thing, place = _fact(rng)
    other = rng.choice([one for one in PLACES if one != place])
    story = f"{name} put the {thing} in the {place}."
    moved = f"{story} Then {name} put the {thing} in the {other}."
    ending = f" Now the {thing} is in the "
    return (Text(story + ending, f"{place}."), Text(moved + ending, f"{other}."))


def draw_preferences(rng: Random) -> Sequence[Preference]:
    """A pair's prompts, each with its own answer above the other's."""
    first, second = draw_pair(rng, 0.0)
    return (
        Preference(first.prompt, first.answer, second.answer),
        Preference(second.prompt, second.answer, first.answer),
    )


@cache
def toy_tokenizer() -> Any:
    """A tokenizer of this corpus, of 332 ids."""
    from tombench.recipes.tokenizer import train_tokenizer

    return train_tokenizer(draw_text, seed=1, count=300, size=332)


def count_words(model: Any, tokenizer: Any) -> Mapping[str, float]:
    """A probe."""
    mode = float(model.training)
    return {"words/held_out": 0.25, "words/training": 0.5, "mode/training": mode}


def _fact(rng: Random) -> tuple[str, str, str]:
    return rng.choice(NAMES), rng.choice(THINGS), rng.choice(PLACES)


@checked(frozen=True, config=STRICT)
class ToyTask(Vignettes):
    """The vignettes with this corpus."""

    corpus: str = "first"  # its version

    def training_text(self) -> Texts:
        return draw_text

    def training_examples(self) -> Texts:
        return draw_pair

    def training_digest(self) -> str:
        return self.corpus

    def content_words(self) -> frozenset[str]:
        return CONTENT_WORDS

    def training_probe(self) -> Callable[[Any, Any], Mapping[str, float]]:
        return count_words


@checked(frozen=True, config=STRICT)
class UntaughtTask(Vignettes):
    """A task that has nothing to train on."""

    training_text = None
    training_examples = None
