"""Graded controls of the seven types: questions that leave doubt, and that no shortcut answers.

A control asks at moments that its plain type leaves out, of people who are absent-minded
(`GRADED`). Its key is the truth about the person. Which moments are asked about is decided by what
happened alone (`Kind`: what the last-target shortcut says, and how far the exact posterior agrees),
never by the truth: so the posterior stays calibrated, whatever the shares of kinds. These
(`SHARES`) are set such that the shortcut is right on about half of each type, and whoever knows the
posterior on about nine in ten.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

from tombench.household.kinds import BATCH, SHARES, Kind, a_is_inside, kind_of
from tombench.household.law import GRADED, Hidden, draw_person
from tombench.household.layouts import Split
from tombench.household.moments import Asked, Moment, Shape
from tombench.household.questions import TRIES, Case, Draft, ask, draw_case, judged, timely
from tombench.household.simulate import simulate
from tombench.household.trace import Apartment
from tombench.household.world import draw_apartment
from tombench.planning.episode import Episode, Place
from tombench.planning.settled import settled
from tombench.planning.shortcuts import last_target

LONG = 3
"""Walks from which on an episode is long, as those of type 1.3 are."""
LATEST_START = 4
"""So many moments at most are passed by before one is asked about, so that not all are early."""


def _goes(now: Moment) -> bool:
    return now.last.kind == "walk"


def _goes_to_container(now: Moment) -> bool:
    return _goes(now) and now.is_container(now.target)


def _holds_either(now: Moment, asked: Asked) -> bool:
    return now.holds(now.target, asked.goal) or now.holds(now.target, asked.foil)


CONTROL_SHAPES: Mapping[str, Shape] = {
    "1.1c": lambda now, q: now.holds(q.place, q.goal),
    "1.2c": lambda now, q: not now.holds(q.place, q.goal),
    "1.3c": lambda now, q: len(now.walked) >= LONG,
    "2.1c": lambda now, q: _goes(now) or now.last.kind == "close",
    "2.2c": lambda now, q: _goes_to_container(now) and _holds_either(now, q),
    "2.3c": lambda now, q: now.last.kind == "close",
    "2.4c": lambda now, q: _goes_to_container(now) and not _holds_either(now, q),
}
"""When each control can be asked; whether the goal or the foil is wanted makes no difference."""


CONTROL_TYPES = tuple(CONTROL_SHAPES)


def control_questions(rng: Random, question_type: str, split: Split | None) -> Iterator[Episode]:
    """Questions of a control without end, one an apartment; ids are left to the caller.

    Args:
        question_type: "1.1c" to "2.4c".
    """
    while True:
        shares = SHARES[question_type].items()
        wanted = Counter({kind: round(BATCH * share) for kind, share in shares})
        batch: list[Episode] = []
        while wanted.total():
            apartment = draw_apartment(rng, split=split)
            found = _any_of(rng, question_type, apartment, wanted)
            if found is not None:
                batch.append(found)
                wanted[kind_of(found)] -= 1
        rng.shuffle(batch)
        yield from batch


def _any_of(
    rng: Random, question_type: str, apartment: Apartment, wanted: Counter[Kind]
) -> Episode | None:
    """The question about one of several people in an apartment, if it is of a kind still wanted."""
    for _ in range(TRIES):
        case = draw_control_case(rng, question_type, apartment)
        if case is None:
            continue
        draft = Draft(case, simulate(rng, apartment, case.person))
        for question in control_moments(rng, question_type, draft):
            if _may_be_wanted(question, wanted):
                question = judged(question, draft, GRADED)
                if wanted[kind_of(question)] > 0:
                    return question
    return None


def _may_be_wanted(question: Episode, wanted: Counter[Kind]) -> bool:
    """False spares the exact posterior: what sight settles is right or wrong, hardly else wrong."""
    said, sight = last_target(question), settled(question)
    left = [kind for kind, number in wanted.items() if number > 0]
    if question.query.options[0].belief is None:
        return any((kind.verdict == "none") == (said is None) for kind in left)
    inside = (said == "a") == a_is_inside(question)
    left = [kind for kind in left if (kind.verdict == "inside") == inside]
    if sight is None:
        return any(kind.agreement != "wrong" for kind in left)
    return any(kind.agreement == ("right" if said == sight else "wrong") for kind in left)


def draw_control_case(rng: Random, question_type: str, apartment: Apartment) -> Case | None:
    """A person under the law of controls; the place that a belief question is about comes later."""
    if question_type.startswith("2"):
        return draw_case(rng, question_type, GRADED, apartment)
    on_surfaces = rng.random() < 0.5  # these come into view, and so people make up their minds
    things = sorted(
        {
            thing
            for one in apartment.furnishings
            for thing in one.contents
            if one.kind == "surface" or not on_surfaces
        }
    )
    if not things:
        return None
    goal = rng.choice(things)
    person = draw_person(rng, apartment, Hidden(goal), GRADED)
    return Case(apartment, person, Asked(goal), rng.random() < 0.5)


def control_moments(rng: Random, question_type: str, draft: Draft) -> Iterator[Episode]:
    """All questions that could be asked about a person, in time, from a random moment on.

    They have no posterior yet.
    """
    first = rng.randrange(LATEST_START)
    for number, now in enumerate(timely(draft)):
        if number < first:
            continue
        case = draft.case
        if question_type.startswith("1"):
            place = _draw_place(rng, question_type, now, case.asked)
            case = replace(case, asked=replace(case.asked, place=place))
        if case.asked.place is None and question_type.startswith("1"):
            continue
        if CONTROL_SHAPES[question_type](now, case.asked):
            yield ask(question_type, now, Draft(case, draft.trace))


def _draw_place(rng: Random, question_type: str, now: Moment, asked: Asked) -> Place | None:
    """A place to ask about: the last target or where the goal is in view, or else any."""
    places = [
        one.place
        for one in now.trace.apartment.furnishings
        if question_type == "1.3c" or (asked.goal in one.contents) == (question_type == "1.1c")
    ]
    in_view = [place for place in places if now.looked(place) and now.holds(place, asked.goal)]
    if now.target in places and rng.random() < 0.5:
        return now.target
    if in_view and rng.random() < 0.5:
        return rng.choice(in_view)
    return rng.choice(places) if places else None
