"""What is inside the apartment: sentences to rooms, places and contents.

Read clause by clause. Places of a room are listed ("a desk and two tables"); things are put into
what the clause is about ("the stove holds", "inside the fridge", "which contains") or where they
are said to be ("a book is on the sofa"). Verbs are not told apart, so that an unknown one harms
nothing.
"""

from collections.abc import Sequence

from tombench.planning.episode import Fault, Place
from tombench.planning.reading.clauses import PASSED, VERBAL, Clause, last_join, sentences
from tombench.planning.reading.cursor import END, Cursor
from tombench.planning.reading.groups import Grouper, Item, PlaceNoun, ThingNoun
from tombench.planning.reading.scene import Scene
from tombench.planning.reading.tokens import Lexicon, Token


def read_apartment(tokens: Sequence[Token], words: Lexicon) -> Scene:
    """All that a description says; what does not add up is in the scene's faults."""
    scene = Scene(words)
    reader = _Reader(scene)
    for sentence in sentences(Grouper(tokens).items()):
        reader.read(sentence)
    scene.check_counts()
    return scene


class _Reader:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.last: list[list[Place]] = []  # what the last nouns meant, for "it", "which", "latter"
        self.clause = Clause()
        self.said: list[ThingNoun] = []  # the last that something was said to hold; [] nothing
        self.sentence = Cursor([])

    def read(self, sentence: list[Item]) -> None:
        """One sentence."""
        self.sentence, self.clause = Cursor(sentence), Clause()
        self._count_rooms()
        while (item := self.sentence.next()) is not None:
            if item.kind == "room":
                self._room(item)
            elif self.sentence.preceded_by("beside"):
                continue  # "near the stove": nothing is in it
            elif item.kind == "places":
                self._places(item)
            elif item.kind == "things":
                self._things(item)
            else:
                self._word(item)

    def _count_rooms(self) -> None:
        """Are as many rooms named as the sentence states?"""
        named = {item.name for item in self.sentence.items if item.kind == "room"}
        for stated in self.sentence.stated_rooms:
            if stated != len(named):
                what = f"{stated} rooms are stated, and {len(named)} named"
                self.scene.faults.append(Fault("rooms", what))

    def _room(self, item: Item) -> None:
        self.scene.add_room(item.name)
        self.scene.room = item.name
        self.clause.subject, self.clause.held = [], False

    def _word(self, item: Item) -> None:
        clause = self.clause
        if item.kind == "clause":
            self.clause = Clause(excepted=clause.excepted)
        elif item.kind == "with":
            clause.with_list = True
        elif item.kind in ("it", "which"):
            if self.sentence.ahead(-2) in ("latter", "former") or not self.last:
                return
            clause.subject, clause.held = self.last[-1], True
        elif item.kind in ("latter", "former") and self.last:
            place = self.last[-1 if item.kind == "latter" else -2 if len(self.last) > 1 else -1]
            clause.subject, clause.held = place, True
            if self.sentence.ahead() == "of" and self.sentence.ahead(1) == "which":
                self.sentence.at += 2
        elif item.kind == "prep" and self.sentence.ahead() in ("comma", "there") and self.last:
            clause.subject, clause.held = self.last[-1], True  # "Inside, there are"
        elif item.kind == "there" and clause.told and self.sentence.ahead() in VERBAL:
            clause.spare = clause.subject  # "the stove holds a plate, and there is a book on it"
            clause.subject, clause.held, clause.told = [], False, False
        elif item.kind == "except":
            clause.excepting = True
        elif item.kind == "alike":
            clause.alike = True
        elif item.kind == "empty":
            self._empty(clause.subject)
        elif item.kind in VERBAL and clause.subject:
            clause.held = True

    def _empty(self, places: list[Place]) -> None:
        self.said = []
        for place in places:
            spot = self.scene.spots[place]
            if place not in self.clause.excepted and not spot.contents:
                spot.empty = True

    def _places(self, item: Item) -> None:
        clause = self.clause
        fronted = self.sentence.preceded_by("prep")
        subject: list[Place] = []
        listing = not clause.subject and not fronted
        for noun in item.places:
            found = self._place(noun, item.places, listing)
            self.last.append(found)
            subject = found if self._listed(noun, item.places) else subject + found
            if noun.empty:
                self._empty(found)
        del self.last[:-4]
        clause.subject, clause.held = subject, fronted
        clause.with_list = clause.told = False
        if clause.excepting:
            clause.excepted |= set(subject)
            for place in subject:
                self.scene.spots[place].empty = False
            clause.excepting = False
        elif clause.alike and not self.sentence.predicate_follows():
            self._hold(subject, self.said)  # "as does the fourth", "as are the first and the last"
            clause.alike = False

    def _listed(self, noun: PlaceNoun, group: Sequence[PlaceNoun]) -> bool:
        """Is it told as something that a room has?"""
        first = next((one.article for one in group if one.article), "")
        return (noun.article or first) == "indefinite" and noun.quantity == "some"

    def _place(self, noun: PlaceNoun, group: Sequence[PlaceNoun], listing: bool) -> list[Place]:
        if self._listed(noun, group) or (not noun.article and not noun.ordinals):
            found = self.scene.introduce(noun)
            if noun.room is not None:
                self.scene.add_room(noun.room)
                self.scene.room = noun.room
            return found
        return self.scene.resolve(noun, listed=listing and self.sentence.lists_definites())

    def _things(self, item: Item) -> None:
        """Put them where they are said to be, else into what the clause is about."""
        clause, things = self.clause, list(item.things)
        location = self._location()
        if location is None:
            self._hold(clause.subject or clause.spare, things)
            clause.told, clause.excepting = True, False
            return
        there, after, own = location
        if own and clause.held and clause.subject and not clause.with_list and len(things) > 1:
            cut = last_join(things)  # "the stove holds a plate, and a cupcake is on the desk"
            self._hold(clause.subject, things[:cut])
            things = things[cut:]
        self._hold(there, things)
        self.sentence.at = after
        if own:
            clause.subject, clause.held, clause.with_list = there, False, False
        clause.told, clause.excepting = True, False

    def _hold(self, places: list[Place], things: Sequence[ThingNoun]) -> None:
        real = [thing for thing in things if thing.name]
        if not real:
            self._empty(places)
        self.said = real
        if not places and real:
            named = ", ".join(thing.name for thing in real)
            what = f"of {named} in the {self.scene.room or 'apartment'} no place is told"
            self.scene.faults.append(Fault("thing_without_place", what))
        if len(places) == len(things) > 1 and (len(real) < len(things) or self.sentence.respective):
            for place, thing in zip(places, things, strict=True):
                self._hold([place], [thing])
            return
        for place in places:
            for thing in real:
                self.scene.put(place, thing.name, thing.number)

    def _location(self) -> tuple[list[Place], int, bool] | None:
        """Where the things before are said to be: places, the item after, are they newly named."""
        sentence, at, verbs, comma = self.sentence, self.sentence.at, 0, False
        while (kind := sentence.kind(at)) != END:
            if kind in VERBAL or (kind == "which" and sentence.verbal(at + 1)):
                verbs += 1
            elif kind == "comma" and not comma and sentence.verbal(at + 1):
                comma = True
            elif kind not in PASSED and kind != "empty":
                break
            at += 1
        if kind == "prep":
            return self._at_preposition(at)
        if kind == "places" and verbs and not comma:
            first = sentence.items[at].places[0]
            if first.article == "definite" and not self._is_subject(at):
                return self._named(at)
        return None

    def _at_preposition(self, at: int) -> tuple[list[Place], int, bool] | None:
        """As `_location`, from the place of "in" or "on"; None: a room alone is named after it."""
        after = self.sentence.noun_at(at + 1)
        kind = self.sentence.kind(after)
        if kind == "places":
            return self._named(after)
        if kind == "room":
            return None
        known = self.clause.subject or (self.last[-1] if self.last else [])
        named = kind in ("it", "which")  # else "has a plate inside"
        return known, after + 1 if named else at + 1, False

    def _named(self, at: int) -> tuple[list[Place], int, bool]:
        """The places of a group; the first alone where a predicate follows: a new clause begins."""
        group = self.sentence.items[at]
        nouns = list(group.places)
        rest = len(nouns) > 1 and self._is_subject(at)
        taken = nouns[:1] if rest else nouns
        places: list[Place] = []
        for noun in taken:
            found = self._place(noun, nouns, False)
            self.last.append(found)
            places += found
        if rest:
            left = Item("places", group.start, group.end, places=tuple(nouns[1:]))
            self.sentence.items[at] = left
        return places, at if rest else at + 1, True

    def _is_subject(self, at: int) -> bool:
        """Do a verb and what it says follow a group of places?"""
        return self.sentence.verbal(at + 1)
