"""How the texts of false-belief tasks are put together: as published, or with its slips mended.

Source: the sentences around an unexpected-contents story, and the way in which its placeholders are
filled and its two contents exchanged, are those of the published prompts of
joel-wu/how-large-language-models-encode-theory-of-mind, `ToM_and_perplexity_evaluation.py`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

FIELDS = {  # placeholder: the field that fills it; filled in this order
    "S1": "o1",
    "S2": "o2",
    "CX": "c",
    "XNAM": "xnam",
    "XPRO": "xpro",
    "OBJ_PRO": "obj_pro",
    "POS_PRO": "pos_pro",
}


@dataclass(frozen=True)
class Frame:
    """What follows an unexpected-contents story, with placeholders."""

    closed: str = "XNAM does not open the CX and does not look inside. XNAM reads the label."
    opened: str = "XNAM opens the CX and looks inside. XNAM reads the label."
    informed: str = (
        "A cousin calls XNAM and tells OBJ_PRO that the CX has S1 in it, and that XPRO should "
        'ignore the label that says "S2". XNAM believes POS_PRO cousin.'
    )
    reality: str = "XPRO opens the CX and looks inside. XPRO can clearly see that it is full of"
    belief: str = "XNAM calls a friend to tell them that XPRO has just found a CX full of"


_RECEIVED = Frame(belief=Frame.belief.replace("found", "received"))
_FRAMES = {  # published tasks, by number and container, that have a frame of their own
    (1, "hard drive"): Frame(
        closed="XNAM does not connect to the CX and does not explore its contents. "
        "XNAM reads the label on the CX.",
        opened="XNAM connects to the CX and explores its contents. XNAM reads the label on the CX.",
    ),
    (12, "box"): _RECEIVED,
    (14, "parcel"): _RECEIVED,
    (17, "CD"): Frame(
        closed="XNAM does not open the box and does not listen to any of the CDs. "
        "XNAM reads the label.",
        opened="XNAM puts one in a CD player and listens to the songs. "
        "XNAM can clearly hear that it is full of S1 music.",
        reality="XPRO puts one in a CD player and listens to the songs. "
        "XPRO can clearly hear that it is full of",
    ),
}
# What the frames should say: what the published ones say. By the second, one hears what the label
# says and is yet expected to name what is really there.
_SLIPS = {
    "believes POS_PRO cousin": "believes OBJ_PRO cousin",
    "can clearly hear that it is full of S1 music": (
        "can can clearly hear that it is full of S2 music"
    ),
    "explore its contents. XNAM reads the label on the CX.": (
        "explore its contents. XNAM reads the label on the CX. "
    ),
}


@dataclass(frozen=True)
class Wording:
    """One way to put texts together; every function takes a text first."""

    frame: Callable[[int, str], Frame]  # of a task's number and container
    fill: Callable[[str, Mapping[str, str]], str]  # placeholders, by placeholder
    swap: Callable[[str, tuple[str, str]], str]  # two options exchanged
    tidy: Callable[[str], str]  # the whole text at the end


def _frame(number: int, container: str) -> Frame:
    return _FRAMES.get((number, container), Frame())


def _slipped(number: int, container: str) -> Frame:
    frame = _frame(number, container)
    texts = {name: str(text) for name, text in vars(frame).items()}
    for right, slip in _SLIPS.items():
        texts = {name: text.replace(right, slip) for name, text in texts.items()}
    return replace(frame, **texts)


def _fill_anywhere(text: str, values: Mapping[str, str]) -> str:
    """As published: the strings one after the other, wherever they stand."""
    for place, value in values.items():
        text = text.replace(place, value)
    return text.replace(". h", ". H").replace(". s", ". S")


def _swap_anywhere(text: str, options: tuple[str, str]) -> str:
    """As published, inside words too."""
    first, second = options
    return text.replace(first, "####").replace(second, first).replace("####", second)


_STARTS = re.compile(r"""(?:^|[.!?]["'”’]?\s+)["'“‘]?$""")  # a sentence may start after this


def _fill(text: str, values: Mapping[str, str]) -> str:
    """Whole words at once; a name or pronoun is capitalised where a sentence starts alone."""

    def value(match: re.Match[str]) -> str:
        article, place = match["article"] or "", match["place"]
        word, starts = values[place], bool(_STARTS.search(text[: match.start("place")]))
        if place in ("XNAM", "XPRO"):
            if starts:
                word = word[0].upper() + word[1:]
            elif word.startswith("The "):
                word = f"the {word[4:]}"
        if place == "CX" and article:
            article = f"{article[0]}n " if word[0].lower() in "aeiou" else f"{article[0]} "
        return article + word

    places = "|".join(values)
    return re.sub(rf"(?<!\w)(?P<article>[Aa]n? )?(?P<place>{places})(?!\w)", value, text)


def _swap(text: str, options: tuple[str, str]) -> str:
    """Whole words alone."""
    other = dict(zip(options, reversed(options), strict=True))
    return whole_words(*options).sub(lambda match: other[match[0]], text)


def whole_words(*words: str) -> re.Pattern[str]:
    """Finds any of `words` where it is not part of a longer word."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")


_TIDIED = (
    (re.compile(r" {2,}"), " "),
    (re.compile(r"([,;])(?=[A-Za-z])"), r"\1 "),  # 'drawer",says'
    (re.compile(r"(?<=[a-z][.!?])(?=[A-Z])"), " "),
    (re.compile(r"\b(the) the\b", re.IGNORECASE), r"\1"),  # "see that the the color"
)


def _tidy(text: str) -> str:
    for found, instead in _TIDIED:
        text = found.sub(instead, text)
    return text.strip()


PUBLISHED = Wording(_slipped, _fill_anywhere, _swap_anywhere, lambda text: text)
MENDED = Wording(_frame, _fill, _swap, _tidy)
