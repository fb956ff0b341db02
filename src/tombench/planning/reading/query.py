"""What is asked: two options about a goal or a belief, and what the question takes for granted."""

import re
from collections.abc import Sequence

from tombench.planning.episode import (
    Answer,
    Claim,
    Event,
    Fault,
    Hypothesis,
    Place,
    Query,
)
from tombench.planning.reading.groups import Grouper, Item, PlaceNoun
from tombench.planning.reading.language import ANYWHERE
from tombench.planning.reading.scene import Scene
from tombench.planning.reading.tokens import Lexicon

_OPTIONS = re.compile(
    r"(?P<stem>.*?)\(a\)(?P<a>.*?)\(b\)(?P<b>.*?)(?:please\s+(?:respond|answer)\b.*)?$",
    re.DOTALL | re.IGNORECASE,
)
_GOAL = re.compile(
    r"\b(?:trying|wants?|wanting|wishes|looking|searching|hoping)\s+(?:to\s+(?:get|find|have)|for)?"
    r"\s*(?P<thing>.*)",
    re.DOTALL | re.IGNORECASE,
)
_THOUGHT = re.compile(r"\b(?:thinks?|believes?)\b", re.IGNORECASE)
_CONDITION = re.compile(r"\bif\b(?P<what>.*?),\s*which\b", re.DOTALL | re.IGNORECASE)
_DENIES = frozenset({"without"})


class QueryReader:
    """Reads the question of a text whose apartment and actions are known."""

    def __init__(self, words: Lexicon, scene: Scene, events: Sequence[Event]) -> None:
        self.words, self.scene, self.events = words, scene, events
        self.faults: list[Fault] = []

    def read(self, text: str) -> Query:
        """The query, of no question type yet.

        Raises:
            ValueError: the text has no options (a) and (b), or they say nothing that is known.
        """
        found = _OPTIONS.search(text)
        if found is None:
            raise ValueError("no options (a) and (b)")
        condition = _CONDITION.search(found["stem"])
        told = condition["what"] if condition else ""
        wanted = "" if _THOUGHT.search(told) else self._goal(told)
        options = [self._option(name, found[name], wanted) for name in "ab"]
        first, second = options
        if (first.belief is None) != (second.belief is None):
            raise ValueError("one option speaks of a goal, the other one of a belief")
        stated = self._claim(told) if _THOUGHT.search(told) else None
        return Query("", (first, second), stated)

    def _option(self, name: Answer | str, text: str, wanted: str) -> Hypothesis:
        if _THOUGHT.search(text):
            claim = self._claim(text)
            return Hypothesis(wanted or claim.thing, claim)
        goal = self._goal(text)
        if not goal:
            raise ValueError(f"option ({name}) names no goal and no belief: {text.strip()[:60]!r}")
        return Hypothesis(goal)

    def _items(self, text: str) -> list[Item]:
        return Grouper(self.words.tokens(text)).items()

    def _goal(self, text: str) -> str:
        """The class of the thing that somebody tries to get; its words where none is known."""
        for item in self._items(text):
            if item.kind == "things" and item.things[0].name:
                return item.things[0].name
        found = _GOAL.search(text)
        if found is None:
            return ""
        words = re.sub(
            r"^(?:an?|the|some)\s+", "", found["thing"].strip(" .,"), flags=re.IGNORECASE
        )
        if words:
            self.faults.append(Fault("unknown_thing", f"no known thing: {words[:60]}"))
        return "".join(words.lower().split())

    def _claim(self, text: str) -> Claim:
        """ "… thinks that the plate is not inside the fridge"."""
        items = self._items(text)
        things = [
            one.things[0].name for one in items if one.kind == "things" and one.things[0].name
        ]
        places = [one.places[0] for one in items if one.kind == "places"]
        if not things or not places:
            raise ValueError(f"no thing and place that are known: {text.strip()[:60]!r}")
        denies = any(one.kind in _DENIES for one in items)
        return Claim(things[0], self._place(places[0]), not denies)

    def _place(self, noun: PlaceNoun) -> Place:
        """Where several rooms have such a place: the one that the person went to last."""
        visited = [event.place for event in reversed(self.events) if event.place is not None]
        plain = [] if noun.ordinals or noun.room else self._plain(noun.phrase)
        reached = [place for place in visited if place in plain]
        found = [*reached, *plain] or self.scene.looked_up(noun)
        if not found:
            name = self.scene.name_of(noun.phrase, ANYWHERE) if noun.phrase else "unknown place"
            what = f"which {name} the question speaks of is not clear"
            self.faults.append(Fault("ambiguous_place", what))
            return Place(noun.room or self.words.language.only_in.get(name, ""), name)
        return found[0]

    def _plain(self, phrase: str) -> list[Place]:
        """Places whose class is what a phrase means by itself, in whatever room."""
        name = self.scene.name_of(phrase, ANYWHERE) if phrase else ""
        return [place for place in self.scene.spots if place.name == name]
