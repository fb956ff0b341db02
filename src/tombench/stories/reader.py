"""Reads a story sentence by sentence: what happens, and what is contradicted by what came before.

The text must be true in itself: a thing is taken from where it is, one leaves the room that one is
in, and comes back to where one has been.
"""

from collections.abc import Mapping

from tombench.stories.described import OPENING, Description, expect
from tombench.stories.events import (
    AWAY,
    Attend,
    Distract,
    Enter,
    Event,
    Exit,
    Fill,
    Look,
    Move,
    Nothing,
    Peek,
    Plot,
    ReadLabel,
    Swap,
    Tell,
)
from tombench.stories.grammar import Said, Unreadable, meaning

_SIDE = {"out of": "in", "off": "on"}


class Reader:
    """What has been read so far of one story."""

    def __init__(self) -> None:
        self._described = Description()
        self._events: list[Event] = []
        self._tense: str | None = None
        self._room: dict[str, str] = {}  # of agents
        self._been: set[tuple[str, str]] = set()
        self._place: dict[str, str] = {}  # of things

    def take(self, sentence: str) -> None:
        """One more sentence. Raises Unreadable."""
        said = meaning(sentence)
        try:
            expect(self._tense in (None, said.tense), "the tense changes")
            self._tense = said.tense
            if said.sort in OPENING:
                expect(not self._events, "the setting is described after the first event")
                self._described.take(said)
                self._room = dict(self._described.agents)
                self._been = {*self._room.items()}
            else:
                self._events.append(self._event(said))
        except ValueError as why:
            raise Unreadable(sentence, str(why)) from None

    def plot(self) -> Plot:
        """What it comes to. Raises Unreadable where the text leaves the setting open."""
        try:
            return Plot(self._described.setting(), tuple(self._events))
        except ValueError as why:
            raise Unreadable("the whole story", str(why)) from None

    def _event(self, said: Said) -> Event:
        slots = said.slots
        who = self._agent(slots["a"])
        match said.sort:
            case "put" | "put_back" | "move":
                return self._move(who, said)
            case "fill":
                container = self._container(who, slots["p"])
                return Fill(who, container, self._described.hold(container, slots["v"]))
            case "swap":
                return self._swap(who, slots["p"], slots["q"])
            case "look":
                return Look(who, self._container(who, slots["p"]))
            case "read_label":
                return ReadLabel(who, self._container(who, slots["p"]))
            case "not_look" | "never_seen":
                return Nothing(who, f"{said.sort} {self._container(who, slots['p'])}")
            case "idle":
                return Nothing(who, said.sort)
            case "enter" | "return" | "exit" | "peek" | "distract" | "attend":
                return self._go(who, said.sort, slots.get("room"))
        return self._tell(who, said)

    def _agent(self, name: str) -> str:
        """Whom the opening does not name is away at first."""
        self._described.agents.setdefault(name, AWAY)
        self._room.setdefault(name, AWAY)
        return name

    def _container(self, who: str, name: str, side: str | None = None) -> str:
        """A container at hand: it is in the room where somebody deals with it."""
        expect(self._room[who] != AWAY, f"nobody says that {who} is in a room")
        return self._described.mention(name, self._room[who], side)

    def _move(self, who: str, said: Said) -> Move:
        slots = said.slots
        thing, to = slots["x"], self._container(who, slots.get("q", slots["p"]), slots.get("in"))
        if said.sort == "put":
            expect(thing not in self._place, f"the {thing} has been put away before")
        else:
            at = self._container(who, slots["p"], _SIDE.get(slots.get("out", "")))
            expect(self._place.get(thing) == at, f"the {thing} is not there")
        self._described.things.add(thing)
        self._described.first.setdefault(thing, to)
        self._place[thing] = to
        return Move(who, thing, to)

    def _swap(self, who: str, first: str, second: str) -> Swap:
        other = {self._container(who, first): second, self._container(who, second): first}
        for thing, place in self._place.items():
            self._place[thing] = other.get(place, place)
        return Swap(who, first, second)

    def _tell(self, who: str, said: Said) -> Tell:
        slots, hearer = said.slots, self._agent(said.slots["b"])
        subject, value = self._claim(slots)
        private = said.sort.startswith("tell_private")
        return Tell(who, hearer, subject, value, private, not said.sort.endswith("distrusted"))

    def _claim(self, slots: Mapping[str, str]) -> tuple[str, str]:
        """What is told about which subject; what is claimed may be false."""
        if "holder" in slots:
            return slots["holder"], self._described.hold(slots["holder"], slots["filling"])
        self._described.things.add(slots["thing"])
        return slots["thing"], self._described.mention(slots["place"], side=slots["side"])

    def _go(self, who: str, sort: str, room: str | None) -> Event:
        """Somebody comes, goes, watches or stops noticing."""
        if sort in ("distract", "attend"):
            return Distract(who) if sort == "distract" else Attend(who)
        if sort == "exit":
            expect(room in (None, self._room[who]), f"{who} is not in the {room}")
            self._room[who] = AWAY
            return Exit(who)
        assert room is not None
        if sort == "peek":
            return Peek(who, room)
        expect(sort == "enter" or (who, room) in self._been, f"{who} has never been there")
        self._room[who] = room
        self._been.add((who, room))
        return Enter(who, room)
