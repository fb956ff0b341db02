"""What models learn from stories: texts, examples, preferences, rewards, and how far they are."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.config import identity_hash
from tombench.corpus import content_words, corpus_digest, draw_texts
from tombench.schema import STRICT
from tombench.stories.examples import (
    Preference,
    draw_examples,
    draw_preferences,
    examples_digest,
)
from tombench.stories.text import Text
from tombench.tasks.first_word import first_word_rewards
from tombench.tasks.story_probe import probe


@checked(frozen=True, config=STRICT)
class StoryTraining:
    """What a task gives to stage=finetune, whatever suite it is evaluated on."""

    read_by: ClassVar[Mapping[str, str]] = {"prompted_examples": "finetune"}

    prompted_examples: Annotated[float, Field(ge=0, le=1)] = 0.0  # share put as prompting=base does

    def training_text(self) -> Callable[[Random, float], Sequence[Text]]:
        """The pretraining corpus: stories without anybody's beliefs, facts, prose, households."""
        return draw_texts

    def training_examples(self) -> Callable[[Random, float], Sequence[Text]]:
        """Questions on belief in minimal pairs, in the words and wordings for training."""
        return partial(draw_examples, prompted=self.prompted_examples)

    def training_preferences(self) -> Callable[[Random], Sequence[Preference]]:
        """The right answer to such a question, and that of one who knows only what is so."""
        return draw_preferences

    def training_reward(self) -> Callable[..., list[float]]:
        """1 for the answer that the story oracles prove, 0 for any other."""
        return first_word_rewards

    def training_digest(self) -> str:
        """Of what the generators of both say for some seeds."""
        return identity_hash(
            {"corpus": corpus_digest(), "examples": examples_digest(self.prompted_examples)}
        )

    def content_words(self) -> frozenset[str]:
        """Names, things and places of the corpus, in lower case."""
        return content_words()

    def training_probe(self) -> Callable[[Any, Any], Mapping[str, float]]:
        """Contrast sets that are asked while a model learns."""
        return probe
