"""Plain facts and their repetition: the first lesson, in which a small model learns to copy.

Three to six facts of one sort, then some of them again. A third are scrambled: any word stands in
any role, so that what was said is a better guide than what is usual. Held-out words take part.
"""

from collections.abc import Sequence
from random import Random

from tombench.stories.lexicon import HELD_OUT, TRAINING, Lexicon
from tombench.stories.text import Text
from tombench.stories.words import invented

SCRAMBLED_SHARE = 1 / 3
HELD_OUT_SHARE = 0.4  # of the words
INVENTED_SHARE = 0.05
SORTS = (
    "We keep the {things} in the {containers}.",
    "In the {containers} lies the {things}.",
    "On the {surfaces} stands the {things}.",
    "At first the {things} was in the {containers}.",
    "The {things} was at first in the {containers}.",
    "The {containers} is full of {fillings}.",
    "Inside the {containers} there is nothing but {fillings}.",
    "The label on the {containers} says {fillings}.",
    "On the label of the {containers} we read {fillings}.",
    "{people} is in the {rooms}.",
    "{people} is not in the {rooms} now.",
    "{people} has the {things}.",
    "{people} likes {fillings}.",
    "The {things} of {people} belongs in the {containers}.",
)
"""None says where a thing is in the words of a question. A first version did, and the model took
held-out words there for a list, in which nothing moves: it named the first place of a thing."""
ROLES = ("things", "containers", "surfaces", "fillings", "rooms", "people")


def draw_facts(rng: Random) -> Text:
    """A list of facts, and the last of them, or several, again."""
    sort, scrambled = rng.choice(SORTS), rng.random() < SCRAMBLED_SHARE
    told = [_fact(rng, sort, scrambled) for _ in range(rng.randint(2, 6))]
    again = rng.sample(told, rng.randint(1, min(3, len(told))))
    return Text(" ".join(told), f" {' '.join(again)}")


def _fact(rng: Random, sort: str, scrambled: bool) -> str:
    return sort.format_map({role: _word(rng, role, scrambled) for role in ROLES if role in sort})


def _word(rng: Random, role: str, scrambled: bool) -> str:
    if rng.random() < INVENTED_SHARE:
        return invented(rng)
    lexicon = HELD_OUT if rng.random() < HELD_OUT_SHARE else TRAINING
    return rng.choice(of_role(lexicon, rng.choice(ROLES) if scrambled else role))


def of_role(lexicon: Lexicon, role: str) -> Sequence[str]:
    """The words of a role; people are women and men."""
    return lexicon.women + lexicon.men if role == "people" else getattr(lexicon, role)
