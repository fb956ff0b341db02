"""Beliefs that sight settles, on the small apartment."""

from dataclasses import replace

import pytest
from apartments import (
    CABINET,
    FRIDGE,
    SOFA,
    STOVE,
    TABLE,
    belief_query,
    closes,
    enter,
    episode,
    opens,
    start,
    walk,
)

from tombench.planning.settled import settled

LOOKED = (start("kitchen"), walk(FRIDGE), opens(FRIDGE), closes(FRIDGE))


@pytest.mark.parametrize(
    ("goal", "place", "answer"),
    [
        ("plate", FRIDGE, "b"),  # looked into, and it is not there
        ("plate", STOVE, None),  # not looked into
        ("plate", CABINET, None),  # in a room that was not entered
        ("plate", SOFA, None),
        ("wineglass", TABLE, "a"),  # in view on the table
        ("wineglass", STOVE, "b"),  # seen elsewhere
        ("apple", FRIDGE, "a"),  # seen in it
    ],
)
def test_by_hand(goal, place, answer):
    asked = episode(*LOOKED, query=belief_query(goal, place))
    assert settled(asked) == answer
    first, second = asked.query.options
    swapped = replace(asked, query=replace(asked.query, options=(second, first)))
    assert settled(swapped) == {"a": "b", "b": "a", None: None}[answer]


def test_a_room_shows_its_surfaces():
    asked = episode(*LOOKED, enter("livingroom"), query=belief_query("plate", SOFA))
    assert settled(asked) == "b"


def test_about_to_open_shows_nothing():
    asked = episode(
        start("kitchen"), walk(STOVE), opens(STOVE, done=False), query=belief_query("apple", STOVE)
    )
    assert settled(asked) is None


def test_options_that_say_the_same_are_not_settled():
    asked = episode(*LOOKED, query=belief_query("apple", FRIDGE))
    first, _ = asked.query.options
    assert settled(replace(asked, query=replace(asked.query, options=(first, first)))) is None


def test_goals_are_not_settled():
    assert settled(episode(*LOOKED)) is None
