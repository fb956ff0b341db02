"""The words of stories, in disjoint vocabularies: for training, held out for tests, and nonsense.

Words of `HELD_OUT` occur in pretraining in static prose alone, never in a story that is asked about
and never beside a belief.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tombench.stories import words
from tombench.stories.words import listed


@dataclass(frozen=True)
class Person:
    """Somebody in a story; pronouns as in the lists of `words`."""

    name: str
    they: str
    them: str
    their: str


@dataclass(frozen=True)
class Lexicon:
    """A vocabulary: every content word that a story's text may hold."""

    name: str  # training, held_out, nonsense
    women: tuple[str, ...]
    men: tuple[str, ...]
    things: tuple[str, ...]  # singular: "the ball"
    fillings: tuple[str, ...]  # plural or mass: "full of coins"
    containers: tuple[str, ...]  # "in the box"
    surfaces: tuple[str, ...]  # "on the shelf"
    rooms: tuple[str, ...]

    def content_words(self) -> frozenset[str]:
        """All of them, in lower case."""
        lists = (
            *(self.women, self.men, self.things, self.fillings),
            *(self.containers, self.surfaces, self.rooms),
        )
        return frozenset(word.lower() for words_ in lists for word in words_)

    def people(self, rng: Random, count: int) -> tuple[Person, ...]:
        """Different people; women and men as likely."""
        found: dict[str, Person] = {}
        while len(found) < count:
            if rng.random() < 0.5:
                person = Person(rng.choice(self.women), "she", "her", "her")
            else:
                person = Person(rng.choice(self.men), "he", "him", "his")
            found[person.name] = person
        return tuple(found.values())


HELD_OUT = Lexicon(
    "held_out",
    women=listed("Bella Clara Fiona Hanna Iris Lucy Nora Petra Stella Wendy"),
    men=listed("Boris Dan Felix Gus Ivan Leo Noah Oscar Simon Victor"),
    things=listed(
        "bell bracelet button candle comb drum flute kite magazine mirror needle parcel puzzle "
        "ruler scarf stamp teddy torch wallet whistle"
    ),
    fillings=listed(
        "beads cherries cocoa crayons grapes marbles nuts pins salt shells socks tools"
    ),
    containers=listed("carton crate hamper locker pouch safe suitcase tin toolbox trunk"),
    surfaces=listed("bench counter rug"),
    rooms=listed("attic gym hall laundry office studio"),
)


def _rest(all_words: Sequence[str], held_out: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in all_words if word not in held_out)


TRAINING = Lexicon(
    "training",
    women=_rest(words.WOMEN, HELD_OUT.women),
    men=_rest(words.MEN, HELD_OUT.men),
    things=_rest(words.SINGLE, HELD_OUT.things + words.CONTAINERS),
    fillings=_rest(words.FILLINGS, HELD_OUT.fillings),
    containers=_rest(words.CONTAINERS, HELD_OUT.containers),
    surfaces=_rest(words.SURFACES, HELD_OUT.surfaces),
    rooms=_rest(words.ROOMS, HELD_OUT.rooms),
)


def scrambled(rng: Random) -> Lexicon:
    """Names and rooms for training; any of the training nouns, and some invented ones, in any role.

    Who has read of a hammer that was put into the onions has to read where it was put: what usually
    holds what does not help, and a word never met in a role is no stranger there.
    """
    nouns = (*TRAINING.things, *TRAINING.fillings, *TRAINING.containers, *TRAINING.surfaces)
    drawn = rng.sample(nouns, SCRAMBLED_NOUNS)
    drawn[:INVENTED_NOUNS] = [words.invented(rng) for _ in range(INVENTED_NOUNS)]
    rng.shuffle(drawn)
    some = iter(drawn)

    def next_words(count: int) -> tuple[str, ...]:
        return tuple(next(some) for _ in range(count))

    return Lexicon(
        "scrambled",
        TRAINING.women,
        TRAINING.men,
        things=next_words(3),
        fillings=next_words(3),
        containers=next_words(4),
        surfaces=next_words(2),
        rooms=TRAINING.rooms,
    )


SCRAMBLED_NOUNS = 12
INVENTED_NOUNS = 1

KNOWN = TRAINING.content_words() | HELD_OUT.content_words()


def nonsense(rng: Random) -> Lexicon:
    """Held-out names and rooms with nouns that exist in no language: nothing known helps."""
    taken: set[str] = set(KNOWN)

    def invented(count: int) -> tuple[str, ...]:
        found: list[str] = []
        while len(found) < count:
            word = words.invented(rng)
            if word not in taken:
                taken.add(word)
                found.append(word)
        return tuple(found)

    return Lexicon(
        "nonsense",
        HELD_OUT.women,
        HELD_OUT.men,
        things=invented(4),
        fillings=invented(4),
        containers=invented(6),
        surfaces=invented(4),
        rooms=HELD_OUT.rooms,
    )
