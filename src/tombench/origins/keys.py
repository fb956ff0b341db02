"""The keys of the command under which a data set was named: what error lines blame."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """Of the data set, and of which split of it is read."""

    data: str  # recipe.data
    split: str  # recipe.split
