"""Rooms and places while they are read: what is listed, and what is said to be in it."""

from dataclasses import dataclass, field

from tombench.planning.episode import Fault, Furnishing, Place, PlaceKind
from tombench.planning.reading.groups import PlaceNoun
from tombench.planning.reading.language import ANYWHERE, Language
from tombench.planning.reading.tokens import Lexicon


def nth(number: int) -> str:
    """ "1st", "2nd", "3rd", "11th"."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 < number % 100 < 14 else ending}"


def undescribed(place: Place) -> Fault:
    """That a text has a container in a list, and says nothing about what is in it."""
    return Fault("undescribed_place", f"what is in the {place.told} is not told")


@dataclass
class Spot:
    """A place while it is read."""

    place: Place
    kind: PlaceKind
    listed: bool  # among what a room has
    contents: list[str] = field(default_factory=list)
    empty: bool = False  # it is said to be
    order: int = 0  # of its class in its room, where places of the class are numbered


@dataclass
class Scene:
    """An apartment while it is read."""

    words: Lexicon
    rooms: list[str] = field(default_factory=list)
    spots: dict[Place, Spot] = field(default_factory=dict)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)  # (room, class): as stated
    room: str = ""  # which is described, or in which the person is
    numbered_phrase: str = ""  # the last noun with ordinals: what "the fourth" is short for
    shared_phrase: str = ""  # the last noun of "one of": what "the other" is short for
    faults: list[Fault] = field(default_factory=list)

    @property
    def language(self) -> Language:
        """Of the text."""
        return self.words.language

    def name_of(self, phrase: str, room: str) -> str:
        """The class of places that a phrase means in a room."""
        senses = self.words.senses[phrase]
        return senses.get(room, senses[ANYWHERE])

    def add_room(self, room: str) -> None:
        """A room that is spoken of."""
        if room not in self.rooms:
            self.rooms.append(room)

    def introduce(self, noun: PlaceNoun) -> list[Place]:
        """Places that a room is said to have, as many as told."""
        room = noun.room or self.room
        phrase = noun.phrase or self._last_numbered()
        if not phrase:
            return []
        name = self.name_of(phrase, room)
        room = self.language.only_in.get(name, room)
        count = max(noun.number, *noun.ordinals, 1) if noun.ordinals else max(noun.number, 1)
        several = name in self.language.numbered or (
            count > 1 and self.language.kind(name) == "container"
        )
        if not noun.number and noun.plural and several:
            count = 0  # "cabinets": how many is not said
        self.counts[room, name] = max(count, self.counts.get((room, name), 0))
        if not several:
            return [self._spot(Place(room, name), name, True).place]
        return [self._numbered(room, name, order, True) for order in range(1, count + 1)]

    def resolve(self, noun: PlaceNoun, listed: bool = False) -> list[Place]:
        """Places that are spoken of as known; those that no list has are added, with a fault."""
        phrase = noun.phrase or self._unsaid(noun)
        if noun.quantity == "one_of":
            self.shared_phrase = phrase
        if not phrase:
            self.faults.append(Fault("unclear_place", "an ordinal stands without what it counts"))
            return []
        room, name = self._meant(noun, phrase)
        if noun.ordinals:
            self.numbered_phrase = phrase
        known = self._known(room, name)
        numbered = name in self.language.numbered or any(spot.order for spot in known)
        if noun.ordinals and (numbered or self.language.kind(name) == "container"):
            return [self._numbered(room, name, order, listed) for order in noun.ordinals]
        if noun.quantity == "other":
            left = [spot for spot in known if not spot.contents and not spot.empty]
            return [spot.place for spot in (left if numbered else known)]
        if numbered and len(known) > 1 and noun.quantity == "some" and not noun.plural:
            return self._plain(phrase)
        if known and (numbered or noun.quantity == "all" or noun.plural):
            return [spot.place for spot in known]
        return [self._spot(Place(room, name), name, listed).place]

    def looked_up(self, noun: PlaceNoun) -> list[Place]:
        """As `resolve`, for what is no part of the description: no place comes to it."""
        known, faults = set(self.spots), len(self.faults)
        found = self.resolve(noun)
        for place in set(self.spots) - known:
            del self.spots[place]
        told = [fault for fault in self.faults[faults:] if fault.check != "unlisted_place"]
        self.faults[faults:] = told
        return found

    def put(self, place: Place, thing: str, number: int) -> None:
        """Things that are in a place or on it."""
        spot = self.spots[place]
        spot.empty = False
        spot.contents += [thing] * number

    def furnishings(self) -> tuple[Furnishing, ...]:
        """All places, room by room; numbered ones in the order of their numbers."""
        first: dict[tuple[str, str], int] = {}
        for at, spot in enumerate(self.spots.values()):
            first.setdefault((spot.place.room, self._class(spot)), at)
        ranked = sorted(
            self.spots.values(),
            key=lambda spot: (
                self._room_rank(spot.place.room),
                first[spot.place.room, self._class(spot)],
                spot.order,
            ),
        )
        return tuple(Furnishing(one.place, one.kind, tuple(one.contents)) for one in ranked)

    def check_counts(self) -> None:
        """Faults: more numbered places spoken of than stated, and containers left undescribed."""
        for spot in self.spots.values():
            where = spot.place.room
            name = self._class(spot)
            stated = self.counts.get((where, name), 0)
            if 0 < stated < spot.order:
                what = f"{stated} {name} are stated in the {where}, and number {spot.order} told"
                self.faults.append(Fault("count", what))
            if spot.kind == "container" and not spot.contents and not spot.empty:
                self.faults.append(undescribed(spot.place))

    def _class(self, spot: Spot) -> str:
        return spot.place.class_name if spot.order else spot.place.name

    def _room_rank(self, room: str) -> int:
        return self.rooms.index(room) if room in self.rooms else len(self.rooms)

    def _unsaid(self, noun: PlaceNoun) -> str:
        """What stands behind "the fourth" or "the other"."""
        if noun.quantity == "other" and not noun.ordinals and self.shared_phrase:
            return self.shared_phrase
        return self._last_numbered()

    def _last_numbered(self) -> str:
        """What an ordinal counts that has no noun."""
        if self.numbered_phrase:
            return self.numbered_phrase
        for phrase, senses in self.words.senses.items():
            if self.language.numbered & set(senses.values()):
                return phrase
        return ""

    def _meant(self, noun: PlaceNoun, phrase: str) -> tuple[str, str]:
        """Room and class of a place that is spoken of: here if it is here, else where one is."""
        senses = self.words.senses[phrase]
        if noun.room is not None:
            return noun.room, self.name_of(phrase, noun.room)
        here = self.name_of(phrase, self.room)
        bound = self.language.only_in.get(here)
        if bound is not None and bound != self.room:
            return bound, here
        countable = bool(noun.ordinals) and not self.language.numbered.isdisjoint(senses.values())
        if countable and here not in self.language.numbered:
            name = next(one for one in senses.values() if one in self.language.numbered)
            rooms = [room for room, known in self.counts if known == name]
            return (rooms or [self.language.only_in.get(name, self.room)])[0], name
        if self._known(self.room, here) or noun.ordinals:
            return self.room, here
        elsewhere = [
            (room, self.name_of(phrase, room))
            for room in self.rooms
            if self._known(room, self.name_of(phrase, room))
        ]
        return elsewhere[0] if elsewhere else (self.room, here)

    def _plain(self, phrase: str) -> list[Place]:
        """ "A cabinet" among numbered ones: the one that has no number, in another room."""
        plain = self.name_of(phrase, ANYWHERE)
        found = [place for place in self.spots if place.name == plain]
        if not found:
            self.faults.append(Fault("ambiguous_place", f"which {phrase} is meant is not told"))
        return found[:1]

    def _known(self, room: str, name: str) -> list[Spot]:
        return [
            spot
            for spot in self.spots.values()
            if spot.place.room == room and self._class(spot) == name
        ]

    def _numbered(self, room: str, name: str, order: int, listed: bool) -> Place:
        place = Place(room, f"{nth(order)} {name}")
        return self._spot(place, name, listed, order).place

    def _spot(self, place: Place, name: str, listed: bool, order: int = 0) -> Spot:
        spot = self.spots.get(place)
        if spot is None:
            spot = Spot(place, self.language.kind(name), listed, order=order)
            self.spots[place] = spot
            alone = name in self.language.only_in and not order  # its name says where it stands
            if not listed and not alone:
                where = f"the {place.room}'s list of places" if place.room else "any room's list"
                what = f"the {place.name} is spoken of, and is not in {where}"
                self.faults.append(Fault("unlisted_place", what))
        return spot
