"""What a person did: sentences to events.

Verbs wait for what they are done to: "opens and closes the stove", "which he opens". Several places
are dealt with one after the other: "the third and fourth cabinets, opening and closing each". "Does
the same with" repeats the last opening and closing. Who opens a place has gone there, though no
word says so; such a walk has an empty `Event.said`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tombench.planning.episode import Event, Place
from tombench.planning.reading.clauses import sentences
from tombench.planning.reading.groups import Grouper, Item, PlaceNoun
from tombench.planning.reading.scene import Scene
from tombench.planning.reading.stops import VERBS, Doing, Stop, Told, events_of, last_pattern
from tombench.planning.reading.tokens import Token

_ARTICLES = frozenset({"definite", "indefinite", "glue", "both", "all"})


@dataclass(frozen=True)
class _Waiting:
    """A verb that waits for what it is done to."""

    kind: str  # one of VERBS, or leave, continue, same
    start: int  # characters from the text's beginning
    done: bool = True
    purpose: bool = False


def read_actions(text: str, tokens: Sequence[Token], scene: Scene) -> tuple[Event, ...]:
    """Events in their order; the first says where the person is, if the text does.

    `tokens` are those of `text`.
    """
    reader = _Reader(text, scene)
    for sentence in sentences(Grouper(tokens).items()):
        reader.read(sentence)
    return events_of(reader.told)


class _Reader:
    def __init__(self, text: str, scene: Scene) -> None:
        self.text, self.scene = text, scene
        self.told: list[Told] = []
        self.waiting: list[_Waiting] = []
        self.room = ""
        self.sentence: list[Item] = []
        self.at = 0
        self.about = False  # what is told next is not done yet
        self.fronted = False  # after "which": verbs are done to what stands before
        self.towards = False  # "to" or "towards" stands before the noun

    def read(self, sentence: list[Item]) -> None:
        """One sentence."""
        self.sentence = sentence
        for self.at, item in enumerate(sentence):
            if item.kind == "room":
                self._room(item)
            elif item.kind == "places":
                self._places(item)
            elif item.kind == "things":
                self._things(item)
            else:
                self._word(item)
        self._flush(sentence[-1].end)
        self.about = self.fronted = self.towards = False

    def _word(self, item: Item) -> None:
        kind = item.kind
        if kind in VERBS:
            self._verb(item)
        elif kind in ("about", "leave", "continue", "same", "followed", "which", "before"):
            self._flush(item.start)
            self.about = self.about or kind == "about"
            self.fronted = kind == "which"
            if kind in ("leave", "continue"):
                self.waiting.append(_Waiting(kind, item.start))
            elif kind in ("same", "followed"):
                self.waiting.append(_Waiting("same", item.start, not self.about))
        elif kind in ("it", "each", "both", "door"):
            self._pronoun(item)
        elif kind in ("comma", "clause"):
            self.fronted = False
        elif kind in ("to", "from"):
            self.towards = kind == "to"
            if kind == "from":
                self.waiting = [one for one in self.waiting if one.kind != "walk"]
                self.waiting.append(_Waiting("leave", item.start))

    def _verb(self, item: Item) -> None:
        verb = VERBS[item.kind]
        if verb == "walk" and any(one.kind in ("open", "close") for one in self.waiting):
            self._flush(item.start)
        last = self.waiting[-1].kind if self.waiting else ""
        helps = last in ("continue", "same")  # "continues to open", "the same, opening"
        dropped = ("continue", "same", "leave")
        self.waiting = [one for one in self.waiting if one.kind not in dropped]
        infinitive = self.at > 0 and self.sentence[self.at - 1].kind == "to"
        if infinitive and verb != "walk" and last == "walk":
            self.waiting.pop()  # "proceeds to open"
            helps = True
        purpose = infinitive and not helps and not self.about
        waiting = _Waiting(verb, item.start, not self.about, purpose)
        if self.fronted and verb in ("open", "close"):
            self._do(waiting, item.end)
            return
        self.waiting.append(waiting)
        self.towards = False

    def _pronoun(self, item: Item) -> None:
        after = self.sentence[self.at + 1].kind if self.at + 1 < len(self.sentence) else ""
        if item.kind == "door" and after in ("of", "to"):
            return
        if item.kind == "both" and after in ("places", "definite"):
            return
        if any(one.kind in ("open", "close", "walk", "same") for one in self.waiting):
            self._flush(item.end)

    def _flush(self, end: int) -> None:
        """Verbs that have no object of their own are done to what stands before."""
        waiting, self.waiting = self.waiting, []
        for one in waiting:
            if one.kind in ("open", "close"):
                self._do(one, end)
                self.about = False
            elif one.kind == "same":
                self._same_again(one, end)

    def _stop(self) -> Stop | None:
        last = self.told[-1] if self.told else None
        return last if isinstance(last, Stop) else None

    def _said(self, start: int, end: int) -> str:
        return self.text[start:end].strip(" ,.;\n")

    def _do(self, one: _Waiting, end: int) -> None:
        if (stop := self._stop()) is not None:
            said = self._said(one.start, end)
            stop.do(Doing(VERBS[one.kind], one.done, said, one.purpose))

    def _same_again(self, one: _Waiting, end: int) -> None:
        """ "…, where he repeats the same actions"."""
        stop = self._stop()
        if stop is not None and not stop.opened:
            said = self._said(one.start, end)
            stop.doings += [replace(doing, said=said, done=True) for doing in self._pattern()]

    def _pattern(self) -> list[Doing]:
        return last_pattern(self.told)

    def _room(self, item: Item) -> None:
        kinds = {one.kind for one in self.waiting}
        moves = kinds & {"walk", "continue"}
        located = self._after("prep")
        if not self.told and (located or not moves):
            self._enter("start", item, item.start)
        elif "leave" in kinds:
            self._flush(item.start)
        elif moves or self.towards or located:
            starts = [one.start for one in self.waiting if one.kind in moves]
            self.waiting = [one for one in self.waiting if one.kind not in moves]
            self._flush(item.start)
            if item.name != self.room:
                self._enter("enter", item, min(starts, default=item.start))
        self.towards = False

    def _enter(self, kind: Literal["start", "enter"], item: Item, start: int) -> None:
        self.room = self.scene.room = item.name
        self.told.append(Event(kind, room=item.name, said=self._said(start, item.end)))

    def _places(self, item: Item) -> None:
        waiting, self.waiting = self.waiting, []
        kinds = {one.kind for one in waiting}
        aside = not kinds and (self._after("prep") or self._after("of"))
        if "leave" in kinds or aside or self._after("beside"):
            self.waiting = [one for one in waiting if one.kind != "leave"]
            return
        places = list(dict.fromkeys(place for noun in item.places for place in self._named(noun)))
        if not places:
            return
        if not kinds or kinds == {"continue"}:
            repeats = kinds and not self.towards and not self._after("to")
            start = waiting[0].start if waiting else item.start
            waiting = [_Waiting("same" if repeats else "walk", start, not self.about)]
        self._turn_to(places, waiting, item)
        self.fronted = self.towards = False
        if any(one.kind in ("open", "close") for one in waiting):
            self.about = False

    def _named(self, noun: PlaceNoun) -> list[Place]:
        found = self.scene.looked_up(noun)
        if found:
            self.room = self.scene.room = found[-1].room or self.room
        return found

    def _turn_to(self, places: list[Place], waiting: Sequence[_Waiting], item: Item) -> None:
        stop, pattern = self._stop(), self._pattern()
        if stop is None or stop.places != places:
            stop = Stop(places)
            self.told.append(stop)
        for one in waiting:
            if one.kind == "same":
                said = self._said(one.start, item.end)
                stop.doings += [replace(doing, said=said, done=one.done) for doing in pattern]
                stop.repeated = True
            elif one.kind in ("walk", "open", "close"):
                self._do(one, item.end)

    def _things(self, item: Item) -> None:
        waiting = next((one for one in self.waiting if one.kind in ("walk", "grab")), None)
        if waiting is None:
            return
        self.waiting = []
        said, kind = self._said(waiting.start, item.end), VERBS[waiting.kind]
        self.told += [
            Event(kind, thing=thing.name, done=waiting.done, said=said)
            for thing in item.things
            if thing.name
        ]

    def _after(self, kind: str) -> bool:
        """Does such a word stand right before, articles aside?"""
        for item in reversed(self.sentence[: self.at]):
            if item.kind not in _ARTICLES:
                return item.kind == kind
        return False
