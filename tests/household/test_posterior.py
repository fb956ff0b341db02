"""The exact posterior: the same as by listing everything, and calibrated on simulated people."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from exhaustive import exhaustive

from tombench.household.controls import control_moments, draw_control_case
from tombench.household.law import GRADED, Hidden, Law, draw_person
from tombench.household.moments import moments
from tombench.household.posterior import evidence, next_rooms, posterior_a
from tombench.household.questions import Draft
from tombench.household.simulate import episode_of, simulate
from tombench.household.trace import Apartment, Spot
from tombench.household.world import draw_apartment
from tombench.planning.episode import (
    Claim,
    Episode,
    Event,
    Furnishing,
    Hypothesis,
    Place,
    Query,
)

ROOMS = ("kitchen", "livingroom", "bathroom")
FRIDGE, STOVE = Place("kitchen", "fridge"), Place("kitchen", "stove")
TABLE, SOFA = Place("kitchen", "kitchentable"), Place("livingroom", "sofa")
CABINET, BATH = Place("livingroom", "cabinet"), Place("bathroom", "bathroomcabinet")
FURNISHINGS = (
    Furnishing(FRIDGE, "container", ("apple", "wine")),
    Furnishing(STOVE, "container", ("plate",)),
    Furnishing(TABLE, "surface", ("wine",)),
    Furnishing(SOFA, "surface", ("plate",)),
    Furnishing(CABINET, "container", ("book", "apple")),
    Furnishing(BATH, "container"),
)
SPOTS = tuple(
    Spot(one.place, 4.0 * ROOMS.index(one.place.room) + 1 + 0.2 * number, 1.0)
    for number, one in enumerate(FURNISHINGS)
)
HOME = Apartment(ROOMS, FURNISHINGS, SPOTS, "small")
LAW = Law(exclusion=0.3, asked=0.4, knowledge=0.2, slip=0.15, nearness=0.7)


def asks(events: tuple[Event, ...], query: Query) -> Episode:
    return Episode("e", "e", "Karin", ROOMS, FURNISHINGS, events, query)


def inside(goal: str, place: Place) -> Query:
    a, b = (Hypothesis(goal, Claim(goal, place, said)) for said in (True, False))
    return Query("1.1", (a, b))


@pytest.mark.parametrize("seed", range(8))
def test_agrees_with_listing_everything(seed):
    """On a world of six places, for the person's goal and for two others, to 1e-9."""
    rng = Random(seed)
    goal, place = rng.choice(("apple", "wine", "plate", "book", "salmon")), rng.choice(SPOTS).place
    denied = frozenset({STOVE} if seed % 3 == 0 else ())
    hidden = Hidden(goal, None if denied else place, denied)
    trace = simulate(rng, HOME, draw_person(rng, HOME, hidden, LAW))
    possible = 0
    for now in list(moments(trace))[:5:2]:
        episode = replace(episode_of(trace), events=now.events)
        for wanted in sorted({goal, "apple", "wine"}):
            about = replace(hidden, goal=wanted)
            found = evidence(episode, next_rooms(HOME), about, LAW)
            total, believed = exhaustive(episode, HOME, about, LAW)
            assert found.likelihood == pytest.approx(total, rel=1e-9, abs=1e-15)
            if hidden.asked:
                assert found.believed == pytest.approx(believed, rel=1e-9, abs=1e-15)
            possible += total > 0
    assert possible or len(trace.events) < 3


def test_a_walk_to_the_place_by_hand():
    """One room, two containers, no goal there: P(walks to the fridge) summed out on paper.

    Possible first: both 1/4, fridge alone 1/4, stove alone 1/4 (never none: divide by 3/4). The
    fridge is walked to with 1/2, 1 and 0 but for a slip of .1 to either: .5, .95, .05.
    """
    own = (Furnishing(FRIDGE, "container"), Furnishing(STOVE, "container"))
    home = Apartment(("kitchen",), own, SPOTS[:2], "two")
    law = Law(exclusion=0.5, asked=0.5, knowledge=0.0, slip=0.1, nearness=0.0)
    events = (Event("start", room="kitchen"), Event("walk", place=FRIDGE))
    query = inside("book", FRIDGE)
    episode = Episode("e", "e", "Karin", ("kitchen",), own, events, query)
    found = evidence(episode, {}, Hidden("book", FRIDGE), law)
    assert found.likelihood == pytest.approx((0.5 + 0.95 + 0.05) / 3)
    assert posterior_a(episode, home, law) == pytest.approx(1.45 / 1.5)


def test_about_to_open_leaves_no_doubt():
    start, walk = Event("start", room="kitchen"), Event("walk", place=STOVE)
    events = (start, walk, Event("open", place=STOVE, done=False))
    assert posterior_a(asks(events, inside("book", STOVE)), HOME, LAW) == pytest.approx(1)


def test_an_unopened_container_that_is_left_is_excluded():
    start, walk = Event("start", room="kitchen"), Event("walk", place=STOVE)
    events = (start, walk, Event("walk", place=FRIDGE))
    assert posterior_a(asks(events, inside("book", STOVE)), HOME, LAW) == pytest.approx(0)


def test_a_goal_left_in_an_open_container_is_not_wanted():
    query = Query("2.3", (Hypothesis("plate"), Hypothesis("book")))
    at = {"place": STOVE}
    events = (Event("start", room="bathroom"), Event("enter", room="livingroom"))
    events += (Event("enter", room="kitchen"), Event("walk", **at))
    events += (Event("open", **at), Event("close", **at))
    assert posterior_a(asks(events, query), HOME, LAW) == 0


def test_goals_that_nothing_tells_apart_are_even():
    query = Query("2.2", (Hypothesis("salmon"), Hypothesis("chips")))
    events = (Event("start", room="kitchen"), Event("walk", place=FRIDGE))
    assert posterior_a(asks(events, query), HOME, LAW) == pytest.approx(0.5)


def test_events_that_cannot_happen_are_an_error():
    query = Query("2.2", (Hypothesis("plate"), Hypothesis("apple")))
    walk = Event("walk", place=SOFA)  # the sofa is in another room, and none is entered
    with pytest.raises(ValueError, match="no room is entered"):
        posterior_a(asks((Event("start", room="kitchen"), walk), query), HOME, LAW)
    close = (Event("walk", place=FRIDGE), Event("open", place=FRIDGE), Event("grab", place=FRIDGE))
    with pytest.raises(ValueError, match="cannot happen"):
        posterior_a(asks((Event("start", room="kitchen"), *close), query), HOME, LAW)


@pytest.mark.parametrize("question_type", ["1.3c", "2.1c"])
def test_is_calibrated_whatever_is_asked(question_type):
    """Keys are drawn from the posterior: (key - p) summed is within 4 standard errors, bin by bin.

    The first question of each person counts, so that they are independent.
    """
    rng, rows = Random(f"calibration/{question_type}"), []
    while len(rows) < 200:
        apartment = draw_apartment(rng)
        case = draw_control_case(rng, question_type, apartment)
        if case is None:
            continue
        draft = Draft(case, simulate(rng, apartment, case.person))
        episode = next(control_moments(rng, question_type, draft), None)
        if episode is not None:
            p = posterior_a(episode, apartment, GRADED)
            rows.append((p, episode.query.key == "a"))
    p, truth = np.array(rows, float).T
    assert np.unique(np.digitize(p, [0.2, 0.4, 0.6, 0.8])).size == 5  # doubt of every degree
    for low in (0, 0.2, 0.4, 0.6, 0.8):
        own = (p >= low) & (p <= low + 0.2)
        error = np.sqrt((p[own] * (1 - p[own])).sum())
        assert abs((truth[own] - p[own]).sum()) <= 4 * error + 1e-9
