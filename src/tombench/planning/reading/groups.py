"""Noun phrases: which places and things a stretch of words names, lists taken together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from tombench.planning.reading.tokens import Token

Article = Literal["definite", "indefinite", ""]
Quantity = Literal["some", "one_of", "all", "other"]

_JOINERS = frozenset({"comma", "and", "also_and"})
_BEFORE_NOUN = frozenset({"glue", "unknown", "empty", "of"})
_OPENS = frozenset(
    {"definite", "indefinite", "all", "each", "other", "number", "pair", "ordinal", "measure"}
    | {"empty", "room", "place", "thing", "nothing"}
)
_MOST_ADJECTIVES = 3


@dataclass(frozen=True)
class PlaceNoun:
    """One noun phrase about places: "the second and third cabinets", "a desk", "the fourth"."""

    phrase: str  # of the language; "" where only an ordinal or "the others" stands there
    article: Article
    ordinals: tuple[int, ...] = ()
    number: int = 0  # 0: none is said
    quantity: Quantity = "some"
    plural: bool = False
    empty: bool = False  # "an empty cabinet"
    room: str | None = None  # "the sofa in the kitchen"


@dataclass(frozen=True)
class ThingNoun:
    """ "two plates"; `name` "" is nothing."""

    name: str
    number: int
    joiner: str = ""  # what stands before it in its list: ",", "and", ", and"


class Item(NamedTuple):
    """A group, or a word that is in none. (No dataclass: hundreds are made a question.)"""

    kind: str  # places, things, room, or a token's kind
    start: int  # characters from the text's beginning
    end: int
    text: str = ""
    places: tuple[PlaceNoun, ...] = ()
    things: tuple[ThingNoun, ...] = ()
    name: str = ""  # of a room
    value: int = 0


@dataclass(frozen=True)
class _Parsed:
    """A noun phrase and the token after it."""

    noun: PlaceNoun | ThingNoun
    after: int


class Grouper:
    """Reads the tokens of a text once, from left to right."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens

    def items(self) -> list[Item]:
        """Groups and words in their order."""
        found, at = [], 0
        while at < len(self.tokens):
            item, at = self._item(at)
            found.append(item)
        return found

    def _kind(self, at: int) -> str:
        return self.tokens[at].kind if at < len(self.tokens) else "end"

    def _item(self, at: int) -> tuple[Item, int]:
        if self._kind(at) == "without" and (after := self._stuff(at)):
            start, end = self.tokens[at].start, self.tokens[after - 1].end
            return Item("things", start, end, things=(ThingNoun("", 0),)), after
        first = self._noun(at)
        if first is None:
            token = self.tokens[at]
            kind, text, start, end, value, name, _ = token
            return Item(kind, start, end, text, (), (), name, value), at + 1
        nouns, after = [first.noun], first.after
        while (more := self._joined(nouns, after)) is not None:
            nouns.append(more.noun)
            after = more.after
        start, end = self.tokens[at].start, self.tokens[after - 1].end
        places = tuple(noun for noun in nouns if isinstance(noun, PlaceNoun))
        things = tuple(noun for noun in nouns if isinstance(noun, ThingNoun))
        if things:
            return Item("things", start, end, things=things), after
        room, after = self._room_after(after)
        if room is not None:
            places = tuple(replace(place, room=place.room or room) for place in places)
        return Item("places", start, self.tokens[after - 1].end, places=places), after

    def _joined(self, nouns: list[PlaceNoun | ThingNoun], at: int) -> _Parsed | None:
        """The next noun phrase of a list of one sort."""
        joiner = []
        while self._kind(at) in _JOINERS and len(joiner) < 3:
            joiner.append("," if self._kind(at) == "comma" else "and")
            at += 1
        found = self._noun(at) if joiner else None
        if found is None or type(found.noun) is not type(nouns[-1]):
            return None
        if isinstance(found.noun, ThingNoun):
            named = replace(found.noun, joiner=" ".join(joiner))
            return _Parsed(named, found.after)
        first = nouns[0]
        articles = {found.noun.article, first.article if isinstance(first, PlaceNoun) else ""}
        return None if articles == {"definite", "indefinite"} else found

    def _stuff(self, at: int) -> int:
        """After "no items" or "not contain anything"; 0 where none of them stands here."""
        for ahead in range(at + 1, at + 4):
            if self._kind(ahead) == "stuff":
                return ahead + 1
            if self._kind(ahead) not in ("verb", "glue"):
                return 0
        return 0

    def _room_after(self, at: int) -> tuple[str | None, int]:
        """The room of "in the kitchen", right after a place."""
        if self._kind(at) != "prep":
            return None, at
        to = at + 1 + (self._kind(at + 1) == "definite")
        if self._kind(to) != "room" or self._kind(to + 1) == "place":
            return None, at
        return self.tokens[to].name, to + 1

    def _noun(self, at: int) -> _Parsed | None:
        """A noun phrase that begins here."""
        if self._kind(at) not in _OPENS:
            return None
        start, article, quantity = at, "", "some"
        number, ordinals, empty, told = 0, (), False, 0
        for _ in range(12):
            kind = self._kind(at)
            if ordinals and kind in ("definite", "indefinite", "number", "pair", "all", "each"):
                at += self.tokens[at].text == "one"  # "the second one"; else "the fourth a glass"
                break
            if kind in ("definite", "indefinite"):
                if kind == "definite" and number and at > start and self._kind(at - 1) == "of":
                    quantity, number = "one_of", 0
                article = kind
            elif kind == "all" or (kind == "each" and self._kind(at + 1) == "of"):
                quantity = "all"
            elif kind == "other":
                quantity = "other"
            elif kind in ("number", "pair"):
                number = self.tokens[at].value
            elif kind == "ordinal":
                ordinals, at = self._ordinals(at)
                told = at
                last = self.tokens[at].value if self._kind(at) == "number" else 0
                if ordinals == (1,) and last > 1:  # "the first three cabinets"
                    ordinals, at = tuple(range(1, last + 1)), at + 1
                continue
            elif kind == "measure" and self._kind(at + 1) == "of":
                at += 1
            elif kind == "of" and (number or quantity != "some"):
                pass
            elif kind == "empty" and self._noun_follows(at):
                empty = True
            elif kind in ("glue", "unknown") and at > start and self._noun_follows(at):
                pass
            else:
                break
            at += 1
        said = PlaceNoun("", article, ordinals, number, quantity, empty=empty)
        if ordinals and self._kind(at) not in ("place", "room", "ones", "number"):
            at = max(told, at if self._kind(at - 1) == "number" else told)
        return self._headed(start, at, said)

    def _headed(self, start: int, at: int, said: PlaceNoun) -> _Parsed | None:
        """The noun itself, or what stands for it."""
        kind, token = self._kind(at), self.tokens[at] if at < len(self.tokens) else None
        determined = at > start
        if kind == "room" and self._kind(at + 1) == "place" and token is not None:
            noun = self.tokens[at + 1]
            place = replace(said, phrase=noun.name, plural=noun.plural, room=token.name)
            return _Parsed(_articled(place), at + 2)
        if kind == "place" and token is not None:
            after = at + 1 + (self._kind(at + 1) == "number" and not said.ordinals)
            numbered = (self.tokens[at + 1].value,) if after == at + 2 else said.ordinals
            place = replace(said, phrase=token.name, plural=token.plural, ordinals=numbered)
            return _Parsed(_articled(place), after)
        if kind == "thing" and token is not None and not said.ordinals:
            return _Parsed(ThingNoun(token.name, max(said.number, 1)), at + 1)
        if kind == "nothing" and not determined:
            return _Parsed(ThingNoun("", 0), at + 1)
        if not said.article and not (len(said.ordinals) > 1):
            return None
        one = (kind == "number" and token is not None and token.text == "one") or kind == "ones"
        if said.ordinals and said.article == "definite":
            return _Parsed(said, at + one)
        if said.ordinals and len(said.ordinals) > 1:
            return _Parsed(replace(said, article="definite"), at + one)
        if said.quantity == "other" and said.article == "definite":
            return _Parsed(said, at + one)
        return None

    def _noun_follows(self, at: int) -> bool:
        """Is there a noun after at most a few adjectives?"""
        for ahead in range(at + 1, at + 1 + _MOST_ADJECTIVES):
            kind = self._kind(ahead)
            if kind in ("place", "thing", "number", "ordinal", "other"):
                return True
            if kind == "room":
                return self._kind(ahead + 1) == "place"
            if kind not in _BEFORE_NOUN:
                return False
        return False

    def _ordinals(self, at: int) -> tuple[tuple[int, ...], int]:
        """ "first, second, and eighth", "first through eighth", "first to fifth"."""
        found = [self.tokens[at].value]
        at += 1
        while True:
            to, words = at, []
            while self._kind(to) in ("comma", "and", "through", "to", "definite", "also_and"):
                words.append(self._kind(to))
                to += 1
            if not words or words == ["definite"] or self._kind(to) != "ordinal":
                return tuple(dict.fromkeys(found)), at
            value = self.tokens[to].value
            if "through" in words or "to" in words:
                found += range(found[-1] + 1, value)
            found.append(value)
            at = to + 1


def _articled(place: PlaceNoun) -> PlaceNoun:
    """Ordinals and "all" speak of places that are known; a number brings them up."""
    if place.article:
        return place
    if place.ordinals or place.quantity in ("all", "other"):
        return replace(place, article="definite")
    return replace(place, article="indefinite") if place.number else place
