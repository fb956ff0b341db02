"""Who and what a story is about, drawn from a lexicon, and how it may vary beside its cells."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from tombench.stories.lexicon import Lexicon, Person
from tombench.stories.telling import Tense, Voice, Wordings

DIALOGUE_SHARE = 0.2


@dataclass(frozen=True)
class Cast:
    """The nouns of one story; `first` and `then` are what a reversed cell exchanges."""

    protagonist: Person
    other: Person  # who moves the thing, or knows what is inside
    bystander: Person
    room: str
    thing: str
    places: tuple[str, str]  # containers: the thing's first and its next
    surfaces: tuple[str, str]
    container: str  # the one with a label
    fillings: tuple[str, str]  # what is inside, and what the label says

    @property
    def people(self) -> Mapping[str, Person]:
        """By name."""
        return {p.name: p for p in (self.protagonist, self.other, self.bystander)}

    def reversed(self) -> "Cast":
        """Places, surfaces and fillings exchanged."""
        return replace(
            self,
            places=self.places[::-1],
            surfaces=self.surfaces[::-1],
            fillings=self.fillings[::-1],
        )


@dataclass(frozen=True)
class Frame:
    """What varies between stories and is the same in all cells of one."""

    put_by_other: bool  # the other puts the thing away at first, as the protagonist sees
    other_leaves: bool  # after moving the thing
    bystander: bool  # somebody else is in the room all the time
    idle: tuple[bool, bool]  # something irrelevant happens at the start; before the end
    told_first: bool  # contents: what is told comes before the label is read
    other_looks: bool = False  # contents: also where the protagonist does, so words give that away


def draw_cast(rng: Random, lexicon: Lexicon) -> Cast:
    """Different words in every role."""
    protagonist, other, bystander = lexicon.people(rng, 3)
    return Cast(
        protagonist,
        other,
        bystander,
        rng.choice(lexicon.rooms),
        rng.choice(lexicon.things),
        _pair(rng, lexicon.containers),
        _pair(rng, lexicon.surfaces),
        rng.choice(lexicon.containers),
        _pair(rng, lexicon.fillings),
    )


def _pair(rng: Random, words: tuple[str, ...]) -> tuple[str, str]:
    first, second = rng.sample(words, 2)
    return first, second


def draw_frame(rng: Random) -> Frame:
    """Each variation as likely as the next, a bystander in a quarter."""
    return Frame(
        put_by_other=rng.random() < 0.5,
        other_leaves=rng.random() < 0.5,
        bystander=rng.random() < 0.25,
        idle=(rng.random() < 0.25, rng.random() < 0.25),
        told_first=rng.random() < 0.5,
    )


def draw_voice(rng: Random, cast: Cast, wordings: Wordings) -> Voice:
    """A voice for all cells of a story."""
    tense: Tense = "past" if rng.random() < 0.5 else "present"
    spoken = wordings == "training" and rng.random() < DIALOGUE_SHARE
    return Voice(
        seed=f"{rng.getrandbits(64):016x}",
        tense=tense,
        style="dialogue" if spoken else "narrative",
        wordings=wordings,
        people=cast.people,
        introduced=rng.random() < 0.5,
    )
