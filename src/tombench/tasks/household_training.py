"""What a policy learns from our simulator: situations with the agents' own action probabilities."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass as checked

from tombench.config import identity_hash
from tombench.corpus import content_words, corpus_digest, draw_texts
from tombench.household.examples import Ablation, PolicyExamples, TrainPrompt
from tombench.household.labelled import situations_with_labels
from tombench.household.themes import ThemeName
from tombench.planning.policies.base import Labelled
from tombench.schema import STRICT
from tombench.stories.text import Text
from tombench.tasks.household_probe import probe
from tombench.tasks.suite_fields import several

DIGESTED = 50
"""Groups of examples that stand for the generator in a training's identity."""


@checked(frozen=True, config=STRICT)
class HouseholdTraining:
    """What task=mmtom gives to stage=finetune."""

    read_by: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("train_prompt", "train_theme", "ablation"), "finetune"
    )

    train_prompt: TrainPrompt = "short"
    train_theme: Annotated[tuple[ThemeName, ...], BeforeValidator(several), Field(min_length=1)] = (
        "home",
    )
    ablation: Ablation = "none"

    def training_text(self) -> Callable[[Random, float], Sequence[Text]]:
        """The pretraining corpus of the embedded models: stories and households."""
        return draw_texts

    def training_examples(self) -> Callable[[Random, float], Sequence[Text]]:
        """Situations of simulated agents with soft labels, in twins that differ by one place."""
        return self._examples.draw

    def training_digest(self) -> str:
        """Of what the generators of both say for some seeds."""
        groups = [self._examples.draw(Random(f"digest/{n}"), 0.0) for n in range(DIGESTED)]
        said = "\0".join(f"{one.prompt}\0{one.distribution}" for own in groups for one in own)
        examples = hashlib.sha256(said.encode()).hexdigest()
        return identity_hash({"corpus": corpus_digest(), "examples": examples})

    def content_words(self) -> frozenset[str]:
        """Names, things and places of the corpus, in lower case."""
        return content_words()

    def training_probe(self) -> Callable[[Any, Any], Mapping[str, float]]:
        """How close a policy is to the simulated agents, measured while it learns."""
        return probe

    def training_situations(self, rng: Random) -> Iterator[Labelled]:
        """Situations for policies that read no text."""
        return situations_with_labels(rng)

    @property
    def _examples(self) -> PolicyExamples:
        return PolicyExamples(self.train_prompt, self.train_theme, self.ablation)
