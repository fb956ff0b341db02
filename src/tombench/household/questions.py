"""The seven types of MMToM-QA, asked about simulated people whose mind is known.

A question is drawn before the person sets out; the moment to ask it is the first that has the
type's shape. The key is the truth about the person. A question that leaves doubt is not asked: the
keyed option has a posterior of `CLEAR` at least.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from random import Random

from tombench.household.law import PLAIN, Hidden, Law, draw_person
from tombench.household.layouts import Split
from tombench.household.moments import SHAPES, Asked, Moment, episode_at, moments
from tombench.household.posterior import posterior_a
from tombench.household.simulate import MOST_TARGETS, simulate
from tombench.household.trace import Agent, Apartment, Trace
from tombench.household.world import THINGS, draw_apartment
from tombench.planning.episode import Answer, Claim, Episode, Hypothesis, Place, Query

CLEAR = 0.9
"""The least posterior of a plain question's keyed option."""
TRIES = 12
"""People in one apartment before the next is drawn; one of them is asked about at most."""
ROUGHLY = 0.7
"""How far below the odds that are needed a rough guess of them may lie."""


@dataclass(frozen=True)
class Case:
    """A person in an apartment, and what will be asked about the person."""

    apartment: Apartment
    person: Agent
    asked: Asked
    a_first: bool  # (a) is the asked goal, or "inside"; else (b) is


@dataclass(frozen=True)
class Draft:
    """A case in which the person has acted."""

    case: Case
    trace: Trace

    @property
    def asked(self) -> Asked:
        """What the question is about."""
        return self.case.asked


def plain_questions(rng: Random, question_type: str, split: Split | None) -> Iterator[Episode]:
    """Questions of a type without end, one an apartment; ids are left to the caller."""
    while True:
        apartment = draw_apartment(rng, split=split)
        for _ in range(TRIES):
            case = draw_case(rng, question_type, PLAIN, apartment)
            if case is None or not _can_have_key(question_type, case):
                continue
            episode = _plain(question_type, Draft(case, simulate(rng, apartment, case.person)))
            if episode is not None:
                yield episode
                break


def draw_case(rng: Random, question_type: str, law: Law, apartment: Apartment) -> Case | None:
    """A person about whom a type is to be asked; None where nothing is there to be asked.

    What is asked depends on the apartment alone, and which of two goals the person has is a coin's
    choice: so nothing but what the person does tells about the mind.
    """
    asked = draw_asked(rng, apartment, question_type)
    if asked is None:
        return None
    if asked.foil and rng.random() < 0.5:
        asked = replace(asked, goal=asked.foil, foil=asked.goal)
    stated = asked.stated
    denied = frozenset({stated.place} if stated and stated.thing == asked.goal else ())
    person = draw_person(rng, apartment, Hidden(asked.goal, asked.place, denied), law)
    return Case(apartment, person, asked, rng.random() < 0.5)


def _plain(question_type: str, draft: Draft) -> Episode | None:
    """The question at the first moment that has the type's shape and leaves no doubt."""
    shape, key = SHAPES[question_type], keyed(question_type, draft.case)
    for now in timely(draft):
        if shape(now, draft.asked) and not _too_early(question_type, now, draft.asked):
            episode = judged(ask(question_type, now, draft), draft, PLAIN)
            if _is_clear(episode, key):
                return episode
    return None


def draw_asked(rng: Random, apartment: Apartment, question_type: str) -> Asked | None:
    """What is asked; of goal questions either thing may turn out to be wanted."""
    contents = {one.place: one.contents for one in apartment.furnishings}
    present = sorted({thing for things in contents.values() for thing in things})
    containers = [one.place for one in apartment.furnishings if one.kind == "container"]
    if question_type.startswith("1"):
        place = rng.choice(containers)
        things = [thing for thing in THINGS if thing not in contents[place]]
        if question_type[:3] != "1.2":
            things = [thing for thing in THINGS if thing in contents[place]]
        if question_type == "1.3":  # else it is found elsewhere before doubt is gone
            things = [t for t in things if sum(t in held for held in contents.values()) == 1]
        return Asked(rng.choice(things), place=place) if things else None
    alike = _alike(contents, present)
    if not alike:
        return None
    goal, foil = rng.sample(rng.choice(alike), 2)
    if question_type[:3] != "2.1":
        return Asked(goal, foil)
    places = [place for place in containers if foil in contents[place]]
    if not places:
        return None
    return Asked(goal, foil, stated=Claim(foil, rng.choice(places), inside=False))


def _alike(contents: Mapping[Place, Sequence[str]], present: Sequence[str]) -> list[list[str]]:
    """Things of which there are equally many, so that no option is told of more than the other.

    Each thing brings the list of those that are as many, itself included.
    """
    number = Counter(thing for things in contents.values() for thing in things)
    lists = [[other for other in present if number[other] == number[one]] for one in present]
    return [things for things in lists if len(things) > 1]


def timely(draft: Draft) -> Iterator[Moment]:
    """Moments at which the law alone decided, and no person had to give up for lack of targets."""
    for now in moments(draft.trace):
        if sum(event.kind in ("enter", "walk") for event in now.events) > MOST_TARGETS:
            return
        yield now


def ask(question_type: str, now: Moment, draft: Draft) -> Episode:
    """The question at a moment, keyed by the truth about the person; it has no posterior yet."""
    case, query = draft.case, _query(question_type, draft.case)
    place = case.asked.place
    truth: Answer = "a" if (place is None or now.believes(place)) == case.a_first else "b"
    return replace(episode_at(now, "drawn"), query=replace(query, key=truth))


def judged(episode: Episode, draft: Draft, law: Law) -> Episode:
    """The question with its exact posterior."""
    posterior = posterior_a(episode, draft.case.apartment, law)
    return replace(episode, query=replace(episode.query, posterior=posterior))


def keyed(question_type: str, case: Case) -> Answer:
    """What a plain type's shape speaks for: inside (1.1, 1.2), not inside (1.3), the goal."""
    return "a" if case.a_first == (question_type != "1.3") else "b"


def _query(question_type: str, case: Case) -> Query:
    asked = case.asked
    if asked.place is not None:
        own = Hypothesis(asked.goal, Claim(asked.goal, asked.place, inside=True))
        other = Hypothesis(asked.goal, Claim(asked.goal, asked.place, inside=False))
    else:
        own, other = Hypothesis(asked.goal), Hypothesis(asked.foil)
    options = (own, other) if case.a_first else (other, own)
    return Query(question_type, options, asked.stated)


def _can_have_key(question_type: str, case: Case) -> bool:
    """Does the person have the mind that the type is about? The rest need not be simulated."""
    asked = case.asked
    if asked.place is not None:
        return (asked.place in case.person.excluded) == (question_type == "1.3")
    return asked.stated is None or asked.stated.thing == asked.foil


def _is_clear(episode: Episode, key: Answer) -> bool:
    posterior = episode.query.posterior or 0.0
    clear = (posterior if key == "a" else 1 - posterior) >= CLEAR
    return clear and episode.query.key == key


def _too_early(question_type: str, now: Moment, asked: Asked) -> bool:
    """Cannot the moment be clear enough? A rough guess that saves the exact posterior."""
    if question_type != "1.3" or asked.place is None:
        return False
    return neglect(now, asked.place, PLAIN) < ROUGHLY * CLEAR / (1 - CLEAR)


def neglect(now: Moment, place: Place, law: Law) -> float:
    """About P(walks | the place is excluded) / P(walks | it is not), for a place never walked to.

    Others count as possible as often as they are at first; targets that were given up are left out.
    """
    ratio, seen, room = 1.0, set[Place](), now.events[0].room
    for event in now.events:
        if event.kind == "open" and event.place is not None:
            seen.add(event.place)
        if event.kind != "walk" or event.place is None:
            room = event.room if event.kind in ("start", "enter") else room
            seen |= now.surfaces(room)
            continue
        near = {True: 1.0, False: exp(-law.nearness)}
        others = sum(
            near[one.place.room == room]
            for one in now.trace.apartment.furnishings
            if one.place not in seen and one.place != place
        )
        own = near[place.room == room]
        possible = (1 - law.exclusion) * others
        ratio *= (possible + own) / possible if possible else 1.0
    return ratio
