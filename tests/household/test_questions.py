"""The seven plain types: their definitions, the truth as key, no doubt left."""

from dataclasses import replace
from itertools import islice
from math import exp
from random import Random

import pytest

from tombench.household.agent import claims_of
from tombench.household.law import PLAIN
from tombench.household.moments import SHAPES, TYPES, Asked, Moment, moments
from tombench.household.questions import CLEAR, draw_asked, neglect, plain_questions
from tombench.household.simulate import simulate
from tombench.household.trace import Agent, Apartment, Spot, Trace
from tombench.household.world import draw_apartment
from tombench.planning.episode import Event, Furnishing, Place
from tombench.planning.shortcuts import last_place, last_target

FRIDGE, STOVE = Place("kitchen", "fridge"), Place("kitchen", "stove")
TABLE, CABINET = Place("kitchen", "kitchentable"), Place("livingroom", "cabinet")
FURNISHINGS = (
    Furnishing(FRIDGE, "container", ("apple",)),
    Furnishing(STOVE, "container", ("plate", "wine")),
    Furnishing(TABLE, "surface", ("wine",)),
    Furnishing(CABINET, "container", ("book",)),
)
SPOTS = tuple(
    Spot(one.place, 1.0 + number + (number == 3), 1.0) for number, one in enumerate(FURNISHINGS)
)
HOME = Apartment(("kitchen", "livingroom"), FURNISHINGS, SPOTS, "small")


def moment(*events: Event, excluded=()) -> Moment:
    agent = Agent("Karin", "plate", frozenset(excluded), False, 0.0, 0.0)
    whole = (Event("start", room="livingroom"), Event("enter", room="kitchen"), *events)
    return Moment(Trace(HOME, agent, "livingroom", whole, (), ()), whole, 0)


def walk(place):
    return Event("walk", place=place)


def opens(place, done=True):
    return Event("open", place=place, done=done)


FIRST = (walk(FRIDGE), opens(FRIDGE), Event("close", place=FRIDGE))


@pytest.mark.parametrize(
    ("question_type", "events", "asked", "fits"),
    [
        ("1.1", (*FIRST, walk(STOVE), opens(STOVE, False)), Asked("plate", place=STOVE), True),
        ("1.1", (*FIRST, walk(STOVE), opens(STOVE, False)), Asked("apple", place=STOVE), False),
        ("1.1", (*FIRST, walk(STOVE)), Asked("plate", place=STOVE), False),
        ("1.2", (*FIRST, walk(STOVE), opens(STOVE, False)), Asked("apple", place=STOVE), True),
        ("1.3", (*FIRST, walk(CABINET)), Asked("plate", place=STOVE), True),
        ("1.3", (*FIRST, walk(STOVE)), Asked("plate", place=STOVE), False),
        ("1.3", (*FIRST, walk(CABINET)), Asked("apple", place=FRIDGE), False),
        ("1.3", (*FIRST, walk(CABINET)), Asked("wine", place=STOVE), False),  # wine is in view
        ("2.2", (walk(FRIDGE),), Asked("apple", "wine"), True),
        ("2.2", (walk(FRIDGE),), Asked("apple", "book"), False),  # the book was not in view
        ("2.2", (walk(FRIDGE),), Asked("wine", "apple"), False),
        ("2.3", FIRST, Asked("plate", "apple"), True),
        ("2.3", FIRST, Asked("apple", "plate"), False),
        ("2.4", (*FIRST, walk(CABINET)), Asked("plate", "apple"), True),
        ("2.4", (*FIRST, walk(STOVE)), Asked("plate", "apple"), False),
    ],
)
def test_shapes_by_hand(question_type, events, asked, fits):
    assert SHAPES[question_type](moment(*events), asked) is fits


def test_what_the_person_believes():
    now = moment(*FIRST, excluded=[CABINET])
    assert now.believes(STOVE)
    assert not now.believes(FRIDGE)  # looked into, and there is no plate
    assert not now.believes(CABINET)  # excluded from the start
    assert not now.believes(TABLE)  # in view


def test_neglect_by_hand():
    """The stove is left aside twice: once beside fridge and cabinet, once beside the cabinet.

    Others are possible with 3/4: fridge 1 and cabinet e^-1.5 make .75 (1 + e^-1.5), then .75 e^-1.5
    where the fridge is known; each time the stove adds 1.
    """
    far = exp(-1.5)
    first, second = 0.75 * (1 + far), 0.75 * far
    expected = (first + 1) / first * (second + 1) / second
    found = neglect(moment(*FIRST, walk(CABINET)), STOVE, PLAIN)
    assert found == pytest.approx(expected)


def test_moments_count_micro_steps():
    rng = Random(5)
    apartment = draw_apartment(rng)
    trace = simulate(rng, apartment, Agent("Karin", "nothing", frozenset(), False, 0.5, 0.02))
    found = list(moments(trace))
    assert {now.last.kind for now in found} == {"walk", "open", "close"}
    assert all(now.last.done == (now.last.kind != "open") for now in found)
    for now in found:
        event = trace.events[len(now.events) - 1]
        assert trace.steps[now.steps - 1].action.endswith(event.place.name)
    ends = [now.steps for now in found]
    assert ends == sorted(set(ends)) and ends[-1] <= len(trace.steps)


@pytest.mark.parametrize("question_type", [name for name in TYPES if name != "1.3"])
def test_plain_questions_are_clear_and_their_shortcuts_known(question_type):
    """Facts of MMToM-QA's types: what the last-target shortcut makes of them."""
    expected = {"2.3": False, "2.4": None}.get(question_type, True)
    for episode in islice(plain_questions(Random(1), question_type, "test"), 6):
        query, said = episode.query, last_target(episode)
        posterior = query.posterior if query.key == "a" else 1 - query.posterior
        assert posterior >= CLEAR
        assert (None if said is None else said == query.key) is expected
        assert query.question_type == question_type


def test_belief_tracking_is_about_a_place_left_aside():
    for episode in islice(plain_questions(Random(2), "1.3", "test"), 2):
        query = episode.query
        option = query.options["ab".index(query.key)]
        place = option.belief.place
        assert not option.belief.inside and last_place(episode) != place
        assert option.goal in episode.furnishing(place).contents
        assert place not in {event.place for event in episode.events}


def test_either_goal_is_as_frequent_in_the_apartment():
    rng, compared = Random(3), 0
    for _ in range(30):
        apartment = draw_apartment(rng)
        asked = draw_asked(rng, apartment, "2.2")
        if asked is not None:
            told = [thing for one in apartment.furnishings for thing in one.contents]
            assert told.count(asked.goal) == told.count(asked.foil) > 0
            compared += 1
    assert compared > 20


def test_questions_are_a_function_of_the_stream():
    one, again = (list(islice(plain_questions(Random(4), "2.4", "test"), 3)) for _ in range(2))
    assert one == again
    assert replace(one[0], events=()) != replace(one[1], events=())


def test_claims_of_a_person_are_where_it_is_not():
    agent = moment(excluded=[CABINET]).trace.agent
    assert [claim.inside for claim in claims_of(agent)] == [False]
