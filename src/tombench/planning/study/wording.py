"""The study's words for an apartment, and four ways to write down what is in it.

The study is the scaled Bayesian planner (Zhang et al. 2025, "Overcoming Multi-step Complexity in
Multimodal Theory-of-Mind Reasoning: A Scalable Bayesian Planner"); its representations are those
of BIP-ALM (Jin et al. 2024, "MMToM-QA"). Its names are kept, and so is what it leaves out: which
words it joins, and which not, decides what its belief writer finds.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from tombench.planning.episode import Episode, Furnishing
from tombench.planning.situations import Situation

StudyWriter = Literal["study", "comma", "joined", "normalised"]
"""study: the study's names searched in its paraphrased text, two of them fused; comma: the two told
apart; joined: words joined that the study leaves apart, too; normalised: the text rewritten from
the structured episode."""

ORDINALS = {
    "first": "1st",
    "second": "2nd",
    "third": "3rd",
    "fourth": "4th",
    "fifth": "5th",
    "sixth": "6th",
    "seventh": "7th",
    "eighth": "8th",
}

ROOMS = ("bathroom", "bedroom", "kitchen", "livingroom")

CONTAINERS = (
    *(f"{ordinal} kitchencabinet" for ordinal in ORDINALS.values()),
    *("cabinet", "bathroomcabinet", "dishwasher", "fridge", "microwave", "stove"),
)

SURFACES = ("coffeetable", "desk", "kitchentable", "sofa")

FUSED = {("desk", "kitchentable"): "deskkitchentable"}
"""A comma is missing in the study's list of places, so that two names became one, found nowhere."""

_COMPOUNDS = (
    *("kitchen table", "bathroom cabinet", "condiment bottle"),
    *("remote control", "water glass", "wine glass"),
)
_REPLACED = (
    ("refrigerator", "fridge"),
    *((f"{word} kitchen cabinet", f"{nth} kitchencabinet") for word, nth in ORDINALS.items()),
    *((f"{word} cabinet", f"{nth} kitchencabinet") for word, nth in ORDINALS.items()),
    *((words, words.replace(" ", "")) for words in _COMPOUNDS),
    ("bottle of wine", "wine"),
    ("bag of chips", "chips"),
)
_LEFT_APART = ("coffee table", "living room", "dish bowl")

_ONE = {"wine": "a bottle of wine", "chips": "a bag of chips"}
_MANY = {"wine": "bottles of wine", "chips": "bags of chips"}


def study_words(text: str) -> str:
    """A text with the study's joined words; letter case counts, as it does there."""
    for old, new in _REPLACED:
        text = text.replace(old, new)
    return text


def joined_words(text: str) -> str:
    """`study_words`, and those joined that the study leaves apart."""
    text = study_words(text)
    for words in _LEFT_APART:
        text = text.replace(words, words.replace(" ", ""))
    return text


def state_words(episode: Episode, writer: StudyWriter) -> str:
    """What is in the apartment at first, as `writer` has it."""
    if writer == "normalised":
        return graph_words(episode)
    told = joined_words if writer == "joined" else study_words
    return told(_told_state(episode))


def _told_state(episode: Episode) -> str:
    """The words from "What's inside the apartment: " to the line of actions, blanks and all."""
    text = episode.question_text
    _, opening, rest = text.partition("What's inside the apartment: ")
    state, closing, _ = rest.partition("\nActions")
    return state if opening and closing else episode.state_text


def graph_words(episode: Episode) -> str:
    """Rooms, places and contents in the form of the study's post-training pairs."""
    rooms = " and ".join(f"a {room}" for room in episode.rooms)
    parts = [f"There is {rooms}. "]
    for room in episode.rooms:
        inside = [one for one in episode.furnishings if one.place.room == room]
        if not inside:
            continue
        classes = Counter(one.place.class_name for one in inside)
        parts.append(f"\n{_are(classes)} in the {room}. ")
        parts += [_contents(one) for one in inside]
    return "".join(parts)


def moment_words(episode: Episode, situation: Situation) -> str:
    """Where the person is and what stands open, in the form of the post-training pairs.

    Theirs tell the place at which the person stands only where it has no number.
    """
    at = situation.at
    where = [f"\nThe person is inside the {situation.room}. "] if situation.room else ["\n"]
    where += [f"The person is close to the {at.name}. "] if at is not None else []
    containers = (one.place for one in episode.furnishings if one.kind == "container")
    doors = (
        f"The {place.name} is {'open' if place == at and situation.is_open else 'closed'}. "
        for place in containers
    )
    return "".join((*where, "\n", *doors))


def _contents(one: Furnishing) -> str:
    """What a place holds; an empty surface is passed over."""
    inside = one.kind == "container"
    if one.contents:
        relation = "inside" if inside else "on"
        return f"{_are(Counter(one.contents))} {relation} the {one.place.name}. "
    return f"There is nothing inside the {one.place.name}. " if inside else ""


def _are(counted: Counter[str]) -> str:
    """ "a sofa and 4 kitchencabinets are", "an apple is"."""
    verb = "is" if counted.total() == 1 else "are"
    return f"{' and '.join(_counted(number, name) for name, number in counted.items())} {verb}"


def _counted(number: int, name: str) -> str:
    if number > 1:
        plural = f"{name}es" if name.endswith("ss") else f"{name}s"
        return f"{number} {_MANY.get(name, plural)}"
    article = "an" if name[0] in "aeio" else "a"
    return _ONE.get(name, f"{article} {name}")


def place_names(episode: Episode, writer: StudyWriter) -> tuple[str, ...]:
    """The names that are looked for in the text: containers, then surfaces.

    At home they are the study's list; elsewhere those of the episode, since the study tells of its
    other worlds only that their nouns were put in the place of home's.
    """
    names = (*CONTAINERS, *SURFACES)
    if episode.theme != "home":
        return (*_of_kind(episode, "container"), *_of_kind(episode, "surface"))
    return fused(names) if writer == "study" else names


def surface_names(episode: Episode) -> tuple[str, ...]:
    """Names of surfaces; the study's second list of them lacks no comma."""
    return SURFACES if episode.theme == "home" else _of_kind(episode, "surface")


def fused(names: Sequence[str]) -> tuple[str, ...]:
    """Names as Python reads the list with its comma missing."""
    text = list(names)
    for (first, second), both in FUSED.items():
        if first in text and text[text.index(first) + 1 :][:1] == [second]:
            where = text.index(first)
            text[where : where + 2] = [both]
    return tuple(text)


def _of_kind(episode: Episode, kind: Literal["container", "surface"]) -> tuple[str, ...]:
    names = (one.place.name for one in episode.furnishings if one.kind == kind)
    return tuple(dict.fromkeys(names))
