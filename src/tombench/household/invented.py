"""Names that nobody has read: so that a policy learns to copy whatever a place is called.

Not the words of any theme, which are for tests: syllables, drawn anew for each text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from random import Random

from tombench.household.layouts import CONTAINERS, ROOMS, SURFACES
from tombench.household.world import THINGS
from tombench.planning.episode import Place
from tombench.planning.situations import Situation

ONSETS = (
    "b c d f g h j k l m n p r s t v w z bl br ch cl cr dr fl fr gl gr pl pr sh sk sl sp st th tr"
).split()
VOWELS = "a e i o u ai ea ee oo ou".split()
CODAS = "b ck d g l m n nd ng nt p r rk rn s sk st t x".split()


def invented_name(rng: Random) -> str:
    """One to three syllables: brolm, tifank, sheastondal."""
    syllables = rng.choices((1, 2, 3), (0.2, 0.5, 0.3))[0]
    name = ""
    for place in range(syllables):
        last = place == syllables - 1
        name += rng.choice(ONSETS) + rng.choice(VOWELS)
        name += rng.choice(CODAS) if last or rng.random() < 0.3 else ""
    return name


def renaming(rng: Random, names: Iterable[str]) -> Mapping[str, str]:
    """A name of its own for each; a number in front of one ("2nd kitchencabinet") stays."""
    found: dict[str, str] = {}
    for noun in dict.fromkeys(name.rpartition(" ")[2] for name in names):
        name = invented_name(rng)
        while name in found.values():
            name = invented_name(rng)
        found[noun] = name
    return found


def renamed(situation: Situation, names: Mapping[str, str]) -> Situation:
    """The same situation in a world where things, places and rooms are called otherwise."""

    def of(name: str) -> str:
        number, blank, noun = name.rpartition(" ")
        return f"{number}{blank}{names.get(noun, noun)}"

    def place(one: Place) -> Place:
        return Place(of(one.room), of(one.name))

    candidates = tuple(
        replace(action, place=place(action.place), thing=action.thing and of(action.thing))
        for action in situation.candidates
    )
    return Situation(
        goal=of(situation.goal),
        room=of(situation.room),
        at=situation.at and place(situation.at),
        is_open=situation.is_open,
        possible=tuple(map(place, situation.possible)),
        seen=situation.seen and place(situation.seen),
        places=tuple(map(place, situation.places)),
        candidates=candidates,
    )


def invented_names(rng: Random) -> Mapping[str, str]:
    """A name for every noun of home."""
    return renaming(rng, (*CONTAINERS, *SURFACES, *ROOMS, *THINGS))


def in_invented_words(rng: Random, situation: Situation) -> Situation:
    """All names of a situation invented."""
    names = [name for one in situation.places for name in (one.room, one.name)]
    return renamed(situation, renaming(rng, [*names, situation.room, situation.goal]))
