"""A sentence of a description and where it is read: what stands before, after and ahead."""

from itertools import pairwise

from tombench.planning.reading.clauses import PASSED, VERBAL
from tombench.planning.reading.groups import Item

END = "end"
"""The kind of what stands beyond a sentence."""


class Cursor:
    """Goes through a sentence's items; `at` is the place of the next one (0-based)."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.at = 0

    def next(self) -> Item | None:
        """The next item, which is then the one that is read; None: the sentence is over."""
        if self.at >= len(self.items):
            return None
        self.at += 1
        return self.items[self.at - 1]

    def kind(self, at: int) -> str:
        """Of the item at a place; END beyond the sentence."""
        return self.items[at].kind if 0 <= at < len(self.items) else END

    def ahead(self, steps: int = 0) -> str:
        """The kind of the next item (0), of those after it, or of those before (-2, …)."""
        return self.kind(self.at + steps)

    def noun_at(self, at: int) -> int:
        """The first place from `at` on that holds no word of `PASSED`."""
        while self.kind(at) in PASSED:
            at += 1
        return at

    def verbal(self, at: int) -> bool:
        """Does a verb stand at a place, or right after words of `PASSED` there?"""
        return self.kind(self.noun_at(at)) in VERBAL

    def preceded_by(self, kind: str) -> bool:
        """Does such a word stand right before the item that is read?"""
        at = self.at - 2
        while self.kind(at) in PASSED:
            at -= 1
        return self.kind(at) == kind

    def predicate_follows(self) -> bool:
        """Does this clause still say what is somewhere?"""
        for item in self.items[self.at :]:
            if item.kind == "clause":
                return False
            if item.kind in ("things", "empty", "places"):
                return True
        return False

    @property
    def respective(self) -> bool:
        """Is one thing meant for each place, in their order?"""
        return any(item.kind == "respectively" for item in self.items)

    @property
    def stated_rooms(self) -> list[int]:
        """How many the sentence says there are: "It has four rooms: …"."""
        return [
            number.value
            for number, word in pairwise(self.items)
            if (number.kind, word.kind) == ("number", "rooms")
        ]

    def lists_definites(self) -> bool:
        """ "The kitchen has the stove, the fridge": a room, then a verb, in this sentence."""
        room_at = [at for at, one in enumerate(self.items[: self.at]) if one.kind == "room"]
        between = self.items[room_at[-1] + 1 : self.at - 1] if room_at else []
        kinds = {one.kind for one in between}
        return bool(between) and "verb" in kinds and kinds <= {"verb", "with", "of", "glue"}
