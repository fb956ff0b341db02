"""Templates of sentences: one of a story, and a sort that holds several; those of questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Style = Literal["narrative", "dialogue"]
Words = tuple[tuple[str, ...], tuple[str, ...]]
"""The wordings of a question: for training, held out for tests."""


@dataclass(frozen=True)
class Rendering:
    """One sentence for one sort of event.

    `[put|puts]` is past or present, `{a}` who acts, `{b}` whom it is done to, `{a.them}` a pronoun.
    Where a container may be a surface, `{in}` is "in" or "on", and `{out}` "out of" or "off".
    """

    text: str
    held_out: bool = False  # for tests alone
    style: Style = "narrative"


def sort_of(
    training: Sequence[str], held_out: Sequence[str], spoken: Sequence[str] = ()
) -> tuple[Rendering, ...]:
    """The renderings of a sort; spoken ones are for training."""
    return (
        *(Rendering(text) for text in training),
        *(Rendering(text, held_out=True) for text in held_out),
        *(Rendering(text, style="dialogue") for text in spoken),
    )
