"""Micro-steps: walks last until the aim is near, and the last action comes last."""

from dataclasses import replace

import pytest
from planning.study.flat import EPISODE, FRIDGE, NEARBY, TO_THE_THIRD, opened, said, told

from tombench.planning.episode import Event, Place
from tombench.planning.study.steps import Span, micro_steps, span, written


def test_a_walk_lasts_until_its_aim_is_near() -> None:
    steps = micro_steps(EPISODE)
    assert steps.actions == (
        "Ann is in the bathroom",
        "walktowards kitchen",
        "walktowards fridge",
        "walktowards fridge",
        "open fridge",
        "close fridge",
        "walktowards 3rd kitchencabinet",
        "about to open 3rd kitchencabinet",
    )
    assert steps.events == (0, 1, 2, 2, 3, 4, 5, 6)
    assert steps.nearby == NEARBY
    assert steps.fits


def test_where_steps_are_too_few_the_last_action_is_forced() -> None:
    steps = micro_steps(replace(EPISODE, id="7-1.1-0-4", nearby=NEARBY[:6]))
    assert steps.actions[3:] == (
        "walktowards fridge",
        "open fridge",
        "about to open 3rd kitchencabinet",
    )
    assert steps.events[-1] == 6
    assert not steps.fits


def test_where_steps_are_too_many_the_last_action_is_repeated() -> None:
    steps = micro_steps(replace(EPISODE, id="7-1.1-0-8-2", nearby=(*NEARBY, ("stove",))))
    assert len(steps.actions) == 10
    assert steps.actions[-3:] == ("about to open 3rd kitchencabinet",) * 3
    assert steps.nearby[-2:] == (("stove",), ())  # nothing is known of the last step
    assert steps.fits


def test_a_walk_to_a_thing_takes_one_step_but_at_the_end() -> None:
    way = (Event("start", room="kitchen"), Event("walk", thing="wineglass"))
    far = replace(told(*way), nearby=((), (), (), ()), id="none")
    assert micro_steps(far).actions[1:] == ("walktowards wineglass",) * 3
    on = replace(far, events=(*far.events, *said(Event("walk", place=Place("kitchen", "stove")))))
    assert micro_steps(on).actions[1:] == (
        "walktowards wineglass",
        "walktowards stove",
        "walktowards stove",
    )


def test_without_closeness_each_event_is_a_step() -> None:
    steps = micro_steps(told(*TO_THE_THIRD))
    assert len(steps.actions) == 7
    assert steps.events == (0, 1, 2, 3, 4, 5, 6)


def test_a_walk_that_no_word_tells_is_no_step() -> None:
    walk, *others = opened(FRIDGE)
    start = said(Event("start", room="kitchen"))
    steps = micro_steps(replace(EPISODE, events=(*start, walk, *said(*others)), nearby=()))
    assert steps.actions[1:] == ("open fridge", "close fridge")
    assert steps.events == (0, 2, 3)


@pytest.mark.parametrize(
    ("id", "expected"),
    [("130-1.3-0-9", Span(0, 9)), ("130-1.3-10-12-2", Span(10, 12)), ("abc", Span(0, 6))],
)
def test_times_stand_in_the_id(id: str, expected: Span) -> None:
    assert span(replace(EPISODE, id=id)) == expected


def test_events_in_the_studys_words() -> None:
    grab = Event("grab", place=Place("kitchen", "stove"), thing="plate")
    assert written(grab, "Ann") == "grab plate"
    assert written(Event("enter", room="livingroom"), "Ann") == "walktowards livingroom"


def test_a_beginning_is_needed() -> None:
    with pytest.raises(ValueError, match="no event tells where Ann is at first"):
        micro_steps(told(*TO_THE_THIRD[1:]))
