"""The study's lists of beliefs, fault by fault."""

from itertools import pairwise

import pytest
from planning.study.flat import (
    CABINET,
    CABINETS,
    EPISODE,
    FRIDGE,
    TO_THE_THIRD,
    opened,
    told,
)

from tombench.planning.episode import Event
from tombench.planning.study.beliefs import belief_lists
from tombench.planning.study.wording import StudyWriter

FIRST: dict[StudyWriter, str] = {
    "study": "2nd kitchencabinet, 3rd kitchencabinet, 4th kitchencabinet, cabinet, "
    "bathroomcabinet, fridge, microwave, stove, sofa",
    "comma": "2nd kitchencabinet, 3rd kitchencabinet, 4th kitchencabinet, cabinet, "
    "bathroomcabinet, fridge, microwave, stove, desk, kitchentable, sofa",
    "joined": "2nd kitchencabinet, 3rd kitchencabinet, 4th kitchencabinet, cabinet, "
    "bathroomcabinet, fridge, microwave, stove, coffeetable, desk, kitchentable, sofa",
    "normalised": "1st kitchencabinet, 2nd kitchencabinet, 3rd kitchencabinet, "
    "4th kitchencabinet, cabinet, bathroomcabinet, fridge, microwave, stove, coffeetable, desk, "
    "kitchentable, sofa",
}
IN_THE_BATHROOM = Event("start", room="bathroom")


def lists(goal: str, writer: StudyWriter, *events: Event) -> list[list[str]]:
    """Lists by step, of events that take a step each."""
    return belief_lists(told(IN_THE_BATHROOM, *events), goal, writer)


def lost(found: list[list[str]]) -> list[set[str]]:
    """What each step took off the list."""
    return [set(a) - set(b) for a, b in pairwise(found)]


@pytest.mark.parametrize("writer", FIRST)
def test_the_first_list(writer: StudyWriter) -> None:
    found = belief_lists(EPISODE, "plate", writer)
    assert len(found) == 8
    assert found[0] == FIRST[writer].split(", ")
    assert found[1] == found[0]


def test_an_opened_container_without_the_goal_is_struck_off() -> None:
    found = lists("plate", "study", *TO_THE_THIRD[1:])
    assert lost(found) == [set(), set(), set(), {"fridge"}, set(), set()]


def test_a_thing_in_two_words_is_never_seen_unless_they_are_joined() -> None:
    events = TO_THE_THIRD[1:5]
    assert "fridge" not in lists("dishbowl", "study", *events)[-1]
    assert lists("dishbowl", "joined", *events)[-1] == ["fridge"]


def test_wine_is_seen_where_a_wine_glass_is() -> None:
    events = (Event("enter", room="kitchen"), *opened(CABINETS[2]))
    found = lists("wine", "study", *events)
    assert found[-1] == ["3rd kitchencabinet"]


def test_a_sentence_with_two_cabinets_gives_one_the_goal_of_the_other() -> None:
    events = (Event("enter", room="kitchen"), *opened(CABINETS[2]))
    assert lists("plate", "study", *events)[-1] == ["3rd kitchencabinet"]
    assert "3rd kitchencabinet" not in lists("plate", "normalised", *events)[-1]


def test_the_living_rooms_cabinet_never_holds_the_goal() -> None:
    events = (Event("enter", room="livingroom"), *opened(CABINET))
    assert "cabinet" not in lists("plate", "normalised", *events)[-1]


def test_the_living_room_in_two_words_is_no_room() -> None:
    enters = Event("enter", room="livingroom")
    stays = Event("walk", thing="apple")
    assert "sofa" in lists("book", "study", enters, stays)[-1]
    assert "sofa" not in lists("book", "joined", enters, stays)[-1]
    assert lists("apple", "joined", enters, stays)[-1] == ["sofa"]


def test_one_surface_of_a_room_is_looked_at_a_step() -> None:
    enters, waits = Event("enter", room="bedroom"), Event("walk", thing="book")
    found = lists("plate", "normalised", enters, waits, waits, waits)
    assert lost(found) == [set(), {"coffeetable"}, {"desk"}, set()]


def test_the_kitchen_table_is_in_view_in_the_kitchen_once_it_has_its_name() -> None:
    events = (Event("enter", room="kitchen"), Event("walk", place=FRIDGE))
    assert lists("plate", "study", *events)[-1] == FIRST["study"].split(", ")
    assert lost(lists("plate", "comma", *events)) == [set(), {"kitchentable"}]
    assert lists("wine", "comma", *events)[-1] == ["kitchentable"]
