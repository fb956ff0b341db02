"""The situations that games are set in: five to train on, three held out, and none at all.

The themes are the study's (sepehrilami/LFB; `STUDY_NAMES`), the texts our own, from
`data/games/contexts/`. A text says who the player and the coplayer are, that both choose once, at
the same time and without talking, and what points measure; {first} and {second} stand for the
labels of the actions, in the order in which these are told of.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from tombench.datafile import EMBEDDED, read_text
from tombench.errors import UserError, listed, nearest, told
from tombench.strategy.telling import Presentation

Split = Literal["none", "training", "held_out"]
FOLDER = EMBEDDED / "games" / "contexts"
PLACEHOLDERS = ("{first}", "{second}")
STUDY_NAMES = {
    "international": "IR",
    "business": "biz",
    "environment": "environment",
    "friends": "friendsharing",
    "team": "team",
    "sharing_a_room": "roomsharing",
    "sports": "sports",
    "venture_capital": "ventcap",
}
"""What the study's files and result keys call these themes."""


@dataclass(frozen=True)
class Context:
    """A situation in words; blank for none.

    Raises:
        UserError: only one of the two placeholders is there.
    """

    name: str
    split: Split
    text: str
    source: str  # the file

    def __post_init__(self) -> None:
        there = [mark for mark in PLACEHOLDERS if mark in self.text]
        if len(there) == 1:
            missing = PLACEHOLDERS[1 - PLACEHOLDERS.index(there[0])]
            raise UserError(f"{self.source}: {there[0]} is there but {missing} is not; write both")

    @property
    def fixed(self) -> bool:
        """Does it name the actions by itself, as the study's texts name them C and D?"""
        return bool(self.text) and PLACEHOLDERS[0] not in self.text

    def told(self, presentation: Presentation) -> str:
        """The text with labels put in.

        Raises:
            UserError: the text has its own labels, C and D, and others are asked for.
        """
        if self.fixed and set(presentation.labels) != {"C", "D"}:
            labels = " and ".join(presentation.labels)
            raise UserError(
                f"{self.source}: no {{first}} and {{second}} to put {labels} in; "
                "write these where the labels stand, or use the labels C and D"
            )
        text = self.text
        for mark, label in zip(PLACEHOLDERS, presentation.told, strict=True):
            text = text.replace(mark, label)
        return text


NONE = Context("none", "none", "", "no context")


@cache
def contexts() -> dict[str, Context]:
    """Ours, by name: those to train on, those held out, and `none` last."""
    found = {}
    for split in get_args(Split)[1:]:
        for path in sorted((FOLDER / split).glob("*.txt")):
            found[path.stem] = Context(path.stem, split, read_text(path).strip(), str(path))
    return {**found, NONE.name: NONE}


def contexts_of(split: Split) -> tuple[Context, ...]:
    """Ours of one split, sorted by name."""
    return tuple(one for one in contexts().values() if one.split == split)


def context(name: str) -> Context:
    """One of ours. Raises UserError where there is none of that name."""
    if name not in contexts():
        options = list(contexts())
        raise UserError(told(f"no context '{name}'", nearest(name, options), listed(options)))
    return contexts()[name]


def read_contexts(folder: Path, split: Split) -> dict[str, Context]:
    """A user's texts, one `.txt` file each, by file name; an empty file is no context.

    Lines may end in CRLF, as some of the study's do.

    Raises:
        UserError: no folder, no texts in it, or a text that cannot be read.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; give one with a .txt file for each context")
    paths = sorted(folder.glob("*.txt"))
    if not paths:
        raise UserError(f"{folder}: no .txt files in it")
    return {path.stem: _read(path, split) for path in paths}


def _read(path: Path, split: Split) -> Context:
    if path.is_file() and path.stat().st_size == 0:
        return Context(path.stem, "none", "", str(path))
    text = read_text(path).replace("\r\n", "\n")
    return Context(path.stem, split, text.strip(), str(path))
