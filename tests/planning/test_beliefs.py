"""What is still possible, step by step, worked out by hand."""

import pytest
from planning.apartments import (
    CABINET,
    FRIDGE,
    SOFA,
    STOVE,
    TABLE,
    closes,
    enter,
    episode,
    grabs,
    opens,
    start,
    walk,
)

from tombench.planning.beliefs import Tracker, decisions
from tombench.planning.episode import Claim, Event, Place
from tombench.planning.situations import Action, Situation


def possible(goal: str, *events: Event, claims: tuple[Claim, ...] = ()) -> tuple[Place, ...]:
    tracker = Tracker(episode(*events), goal, claims)
    for event in events:
        tracker.see(event)
    return tracker.possible


def test_before_anything_is_seen_every_place_is_possible():
    assert possible("plate") == (FRIDGE, STOVE, TABLE, SOFA, CABINET)


def test_surfaces_of_a_room_are_in_view_in_it():
    assert possible("plate", start("kitchen")) == (FRIDGE, STOVE, SOFA, CABINET)
    assert possible("plate", start("kitchen"), enter("livingroom")) == (FRIDGE, STOVE, CABINET)


def test_a_container_is_seen_into_when_it_is_open():
    assert FRIDGE in possible("plate", start("kitchen"), walk(FRIDGE), opens(FRIDGE, done=False))
    assert FRIDGE not in possible("plate", start("kitchen"), walk(FRIDGE), opens(FRIDGE))


def test_the_place_where_the_goal_was_seen_is_the_only_one():
    assert possible("wineglass", start("kitchen")) == (TABLE,)
    opened = (start("kitchen"), walk(STOVE), opens(STOVE), closes(STOVE))
    assert possible("plate", *opened) == (STOVE,)


def test_of_two_holders_the_one_that_was_seen_first_counts():
    seen = (opens(CABINET), closes(CABINET), enter("kitchen"), opens(STOVE))
    assert possible("plate", start("livingroom"), *seen) == (CABINET,)


def test_claims_are_of_the_goal_alone():
    denied = Claim("plate", STOVE, inside=False)
    assert possible("plate", start("kitchen"), claims=(denied,)) == (FRIDGE, SOFA, CABINET)
    assert STOVE in possible("apple", start("kitchen"), claims=(denied,))


def test_who_insists_holds_a_place_possible_that_was_seen_empty():
    held = Claim("plate", FRIDGE, inside=True)
    assert FRIDGE in possible("plate", start("kitchen"), opens(FRIDGE), claims=(held,))


def test_a_walk_into_another_room_comes_into_it():
    assert possible("plate", start("livingroom"), walk(STOVE)) == (FRIDGE, STOVE, CABINET)


def test_decisions_are_walks_openings_closings_and_what_is_taken():
    taken = (walk(FRIDGE), opens(FRIDGE), grabs(FRIDGE, "apple"))
    done = decisions(episode(start("livingroom"), enter("kitchen"), *taken), "apple")
    assert [one.action.text for one in done] == ["walktowards fridge", "open fridge", "grab apple"]
    assert [one.event for one in done] == [2, 3, 4]
    assert [one.situation.room for one in done] == ["kitchen"] * 3
    assert done[0].situation.possible == (FRIDGE, STOVE, CABINET)
    assert [one.situation.is_open for one in done] == [False, False, True]
    assert done[2].situation.seen == FRIDGE


def test_what_another_goal_would_not_take_is_a_candidate_all_the_same():
    taken = episode(start("kitchen"), walk(FRIDGE), opens(FRIDGE), grabs(FRIDGE, "apple"))
    last = decisions(taken, "plate")[-1]
    assert last.action == Action("grab", FRIDGE, "apple")
    assert last.action in last.situation.candidates


def test_candidates_are_all_other_places_and_what_is_at_hand():
    at_open = decisions(
        episode(start("kitchen"), walk(STOVE), opens(STOVE), closes(STOVE)), "plate"
    )
    texts = [action.text for action in at_open[-1].situation.candidates]
    assert texts == [
        *("walktowards fridge", "walktowards kitchentable", "walktowards sofa"),
        *("walktowards cabinet", "close stove", "grab plate"),
    ]


def test_a_situation_contradicts_itself_if_the_goal_is_seen_and_others_are_possible():
    with pytest.raises(ValueError, match="is seen at"):
        Situation("apple", "kitchen", None, False, (FRIDGE, STOVE), FRIDGE, (FRIDGE, STOVE), ())
