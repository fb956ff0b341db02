"""An episode as text, in the form of MMToM-QA's questions and in sentences of our own.

    What's inside the apartment: …
    Actions taken by Karin: …
    Question: … Please respond with either a or b.

The episode is the truth and the text is derived from it: each fact is told once, in one of several
wordings.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from random import Random

from tombench.household.agent import MEN, WOMEN
from tombench.household.themes import Noun, Theme
from tombench.household.words import NUMBERS, capital, listed
from tombench.planning.episode import Claim, Episode, Event, Furnishing, Hypothesis, Place


def question_text(episode: Episode, theme: Theme, rng: Random) -> str:
    """The whole question.

    Args:
        episode: in the theme's class names.
        theme: its words.
        rng: draws the wordings.
    """
    tell = _Teller(episode, theme, rng)
    return (
        f"What's inside the apartment: {tell.apartment()}\n"
        f"Actions taken by {episode.person}: {tell.actions()}\n"
        f"Question: {tell.question()} Please respond with either a or b."
    )


def state_text(episode: Episode, theme: Theme, rng: Random) -> str:
    """What is in the apartment, as the first part of a question's text has it."""
    return _Teller(episode, theme, rng).apartment()


class _Teller:
    """The sentences about one episode."""

    def __init__(self, episode: Episode, theme: Theme, rng: Random) -> None:
        self.episode, self.theme, self.rng = episode, theme, rng
        self.room_nouns = {noun.name: noun for noun in theme.rooms.values()}
        self.place_nouns = {noun.name: noun for noun in theme.places.values()}
        self.thing_nouns = {noun.name: noun for noun in theme.things.values()}
        counts = Counter(place.name for place in episode.places)
        self.twice = {name for name, number in counts.items() if number > 1}
        pronouns = {"she": WOMEN, "he": MEN}
        found = [word for word, names in pronouns.items() if episode.person in names]
        self.pronoun = found[0] if found else episode.person

    def apartment(self) -> str:
        """Rooms, then room by room what stands there and what it holds."""
        named = listed([self._a(self.room_nouns[room]) for room in self.episode.rooms])
        first = self.rng.choice(
            (
                f"There are {NUMBERS[len(self.episode.rooms)]} rooms: {named}.",
                f"The apartment has {named}.",
                f"This apartment is made up of {named}.",
            )
        )
        return " \n".join([first, *(self._furnished(room) for room in self.episode.rooms)]) + " "

    def _furnished(self, room: str) -> str:
        own = [one for one in self.episode.furnishings if one.place.room == room]
        name = self._room(room)
        standing = listed(self._standing(own))
        plural = self._standing(own)[0].split()[0] in NUMBERS
        be = "are" if plural else "is"
        sentences = [
            self.rng.choice(
                (
                    f"In the {name} there {be} {standing}.",
                    f"The {name} has {standing}.",
                    f"The {name} is furnished with {standing}.",
                )
            )
        ]
        return " ".join([*sentences, *(self._contents(one) for one in own)])

    def _standing(self, own: Sequence[Furnishing]) -> list[str]:
        """ "four kitchen cabinets", "a fridge"; numbered places are told together."""
        counts = Counter(one.place.name.rpartition(" ")[2] for one in own)
        return [self._counted(self.place_nouns[name], number) for name, number in counts.items()]

    def _contents(self, one: Furnishing) -> str:
        where, on = self._place(one.place, own_room=True), one.kind == "surface"
        if not one.contents:
            empty = (f"Nothing is {'on' if on else 'inside'} {where}.",)
            if not on:
                empty += (f"{capital(where)} is empty.",)
            return self.rng.choice(empty)
        counts = Counter(one.contents)
        held = [self._counted(self.thing_nouns[name], n) for name, n in counts.items()]
        be = "are" if next(iter(counts.values())) > 1 else "is"
        things = listed(held)
        if on:
            return self.rng.choice(
                (f"On {where} there {be} {things}.", f"{capital(where)} has {things} on it.")
            )
        return self.rng.choice(
            (
                f"Inside {where} there {be} {things}.",
                f"{capital(where)} contains {things}.",
                f"{capital(where)} holds {things}.",
            )
        )

    def actions(self) -> str:
        """What the person did, a sentence for each stay in a room."""
        events, person = self.episode.events, self.episode.person
        sentences: list[list[str]] = [[]]
        for before, event in pairwise(events):
            if event.kind == "enter" and sentences[-1]:
                sentences.append([])
            told = event.place == before.place and self.rng.random() < 0.8
            sentences[-1].append(self._did(event, "it" if told else ""))
        start = f"{person} is in the {self._room(str(events[0].room))}."
        told = [f"{capital(self.pronoun)} {self._chain(verbs)}." for verbs in sentences if verbs]
        return " ".join([start, *told]) + " "

    def _chain(self, verbs: Sequence[str]) -> str:
        if len(verbs) == 1:
            return verbs[0]
        return (
            f"{', '.join(verbs[:-1])}, and {self.rng.choice(('then ', 'finally ', ''))}{verbs[-1]}"
        )

    def _did(self, event: Event, where: str) -> str:
        """One verb phrase; `where` is said in place of the place, unless it is empty."""
        if event.kind == "enter":
            room = self._room(str(event.room))
            return f"{self.rng.choice(('walks to', 'goes to', 'heads to'))} the {room}"
        if event.place is None:
            raise ValueError(f"no place is told for '{event.kind}'")
        where = where or self._place(event.place)
        if event.kind == "walk":
            return f"{self.rng.choice(('walks to', 'goes to', 'approaches', 'heads to'))} {where}"
        if event.kind == "grab":
            return f"takes the {self.thing_nouns[str(event.thing)].spoken}"
        if not event.done:
            return f"is about to {event.kind} {where}"
        return f"{event.kind}s {where}"

    def question(self) -> str:
        """What is asked, with both options."""
        query, person = self.episode.query, self.episode.person
        which = "which one of the following statements is more likely to be true?"
        if query.options[0].belief is not None:
            wanted = self._a(self.thing_nouns[query.options[0].goal])
            stem = f"If {person} has been trying to get {wanted}, {which}"
        elif query.stated is not None:
            stem = f"If {self._claimed(query.stated)}, {which}"
        else:
            stem = capital(which)
        a, b = (self._option(option) for option in query.options)
        return f"{stem} (a) {a}. (b) {b}."

    def _option(self, option: Hypothesis) -> str:
        if option.belief is not None:
            return self._claimed(option.belief)
        goal = self._a(self.thing_nouns[option.goal])
        return f"{self.episode.person} has been trying to get {goal}"

    def _claimed(self, claim: Claim) -> str:
        thing = self.thing_nouns[claim.thing].spoken
        kind = self.episode.furnishing(claim.place).kind
        where = f"{'on' if kind == 'surface' else 'inside'} {self._place(claim.place)}"
        said = "is" if claim.inside else "is not"
        return f"{self.episode.person} thinks that the {thing} {said} {where}"

    def _room(self, room: str) -> str:
        return self.room_nouns[room].spoken

    def _place(self, place: Place, own_room: bool = False) -> str:
        """ "the second kitchen cabinet"; with its room where another has such a place, too."""
        home = self.theme.home_of(place)
        told = f"the {self.theme.spoken_place(home.name)}"
        if place.name in self.twice and not own_room:
            return f"{told} in the {self._room(place.room)}"
        return told

    def _counted(self, noun: Noun, number: int) -> str:
        return self._a(noun) if number == 1 else f"{NUMBERS[number]} {noun.plural}"

    def _a(self, noun: Noun) -> str:
        return f"{noun.article} {noun.spoken}"
