"""prompting=perspective: the question is put to somebody who has the person's place."""

from pydantic.dataclasses import dataclass as checked

from tombench.prompts import Prompting
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Perspective(Prompting):
    """A prompting with a text of its own; `{seer}` stands for who is asked about."""

    opening: str = ""
