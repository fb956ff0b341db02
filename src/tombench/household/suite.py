"""Test questions from our simulator: seven types, plain or graded, in the words of any theme.

All themes ask the same questions about the same people; apartments are of layouts that are never
trained on.
"""

from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from itertools import islice
from random import Random

from tombench.household.controls import CONTROL_TYPES, control_questions
from tombench.household.layouts import Split
from tombench.household.moments import TYPES
from tombench.household.questions import plain_questions
from tombench.household.telling import question_text, state_text
from tombench.household.themed import themed
from tombench.household.themes import ThemeName, load_theme
from tombench.planning.episode import Episode


@dataclass(frozen=True)
class HouseholdSuite:
    """Which questions to ask; the same settings give the same questions."""

    seed: int | str = 0
    per_type: int = 100
    theme: ThemeName = "home"
    controls: bool = False  # the graded controls of the types, not the types themselves
    split: Split = "test"  # of layouts

    @property
    def types(self) -> tuple[str, ...]:
        """The question types that are asked."""
        return CONTROL_TYPES if self.controls else TYPES

    def episodes(self) -> list[Episode]:
        """All questions, type by type, with their texts; ids tell type and number."""
        return [one for question_type in self.types for one in self.of_type(question_type)]

    def of_type(self, question_type: str) -> list[Episode]:
        """The questions of one type; they do not depend on what else is asked."""
        found = _drawn(f"{self.split}/{self.seed}", question_type, self.split, self.per_type)
        return [self._told(one, number) for number, one in enumerate(found)]

    def _told(self, episode: Episode, number: int) -> Episode:
        """In the theme's words, with id and text; a cluster is the same people in all themes."""
        name = f"{self.split}-{self.seed}-{episode.query.question_type}-{number}"
        own = load_theme(self.theme)
        episode = themed(replace(episode, id=f"{self.theme}-{name}", cluster=name), own)
        rng = Random(f"telling/{name}")
        state = rng.getstate()
        text = question_text(episode, own, rng)
        rng.setstate(state)
        return replace(episode, question_text=text, state_text=state_text(episode, own, rng))


@cache
def _drawn(seed: str, question_type: str, split: Split, number: int) -> tuple[Episode, ...]:
    """Questions in home's words; kept, for every theme asks them."""
    draw = control_questions if question_type in CONTROL_TYPES else plain_questions
    rng = Random(f"{seed}/{question_type}")
    return tuple(islice(draw(rng, question_type, split), number))


def episode_hash(episode: Episode) -> str:
    """What is where and what was done, as 64 hex digits; texts, names and questions aside.

    Args:
        episode: of any theme; the same in two themes has two hashes.
    """
    places = [(one.place, one.contents) for one in episode.furnishings]
    events = [(one.kind, one.room, one.place, one.thing, one.done) for one in episode.events]
    return sha256(repr((places, events)).encode()).hexdigest()
