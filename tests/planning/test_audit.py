"""Checks of one episode and of the episodes of a cluster."""

from dataclasses import replace

import pytest
from planning.apartments import (
    CABINET,
    FRIDGE,
    FURNISHINGS,
    SOFA,
    STOVE,
    belief_query,
    closes,
    enter,
    episode,
    opens,
    start,
    walk,
)

from tombench.planning.audit import audit, audit_table, episode_faults
from tombench.planning.episode import Episode, Event, Fault, Furnishing, Hypothesis, Place, Query

SHIP = "ship"
FINE = (start("livingroom"), enter("kitchen"), walk(FRIDGE), opens(FRIDGE), closes(FRIDGE))
NOWHERE = Place("kitchen", "desk")


def told(*events: Event, **changes: object) -> Episode:
    """An episode of another theme than home, so that two rooms are as many as any."""
    return replace(episode(*(events or FINE)), **{"theme": SHIP, **changes})


def checks(one: Episode) -> list[str]:
    return [fault.check for fault in episode_faults(one)]


def test_an_episode_without_faults() -> None:
    assert episode_faults(told()) == ()
    assert episode_faults(told(*FINE, walk(STOVE), opens(STOVE, done=False))) == ()


NUMBERED = tuple(
    Furnishing(Place("kitchen", f"{nth} locker"), "container") for nth in ("1st", "3rd")
)


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"theme": "home"}, "rooms"),
        ({"rooms": ("kitchen",), "furnishings": FURNISHINGS}, "rooms"),
        ({"furnishings": FURNISHINGS + NUMBERED}, "count"),
        ({"furnishings": FURNISHINGS + FURNISHINGS[:1]}, "count"),
        ({"query": Query("2.2", (Hypothesis("lamp"), Hypothesis("plate")))}, "absent_goal"),
        ({"query": Query("2.2", (Hypothesis("plate"), Hypothesis("plate")))}, "same_options"),
        ({"query": belief_query("plate", NOWHERE)}, "absent_place"),
        ({"faults": (Fault("unread_words", "not understood: yes"),)}, "unread_words"),
        ({"nearby": ((), ("stove",))}, "never_near"),
    ],
)
def test_what_is_told(changes: dict[str, object], check: str) -> None:
    assert check in checks(told(**changes))


@pytest.mark.parametrize(
    ("events", "check"),
    [
        ((), "no_events"),
        ((start("kitchen"),), "no_events"),
        ((walk(STOVE),), "no_start"),
        ((start("kitchen"), walk(NOWHERE)), "unlisted_target"),
        ((start("kitchen"), Event("walk", thing="lamp")), "unlisted_target"),
        ((start("attic"), walk(STOVE)), "unlisted_target"),
        ((start("kitchen"), walk(SOFA), opens(SOFA), closes(SOFA)), "open_surface"),
        ((start("kitchen"), walk(STOVE), opens(STOVE), opens(FRIDGE)), "alternation"),
        ((start("kitchen"), walk(STOVE), closes(STOVE)), "alternation"),
        ((start("kitchen"), walk(STOVE), opens(STOVE), closes(FRIDGE)), "alternation"),
        ((start("kitchen"), walk(STOVE), opens(STOVE), walk(FRIDGE)), "alternation"),
        ((start("kitchen"), opens(STOVE, done=False), walk(FRIDGE)), "not_last"),
    ],
)
def test_what_is_done(events: tuple[Event, ...], check: str) -> None:
    assert checks(replace(told(), events=events)) == [check]


def test_questions_of_one_episode_tell_of_one_apartment() -> None:
    other = tuple(
        replace(one, contents=("book",)) if one.place == STOVE else one for one in FURNISHINGS
    )
    three = [told(id="1"), told(id="2", furnishings=other), told(id="3")]
    what = "the stove of the kitchen holds book; elsewhere plate"
    assert audit(three) == [("2", Fault("contents_differ", what))]
    assert audit(three[:2]) == []  # one against one blames nobody
    missing = told(id="4", furnishings=FURNISHINGS[:-1])
    assert [name for name, _ in audit([*three[::2], missing])] == ["4"]
    apart = replace(three[1], cluster="another")
    assert audit([three[0], apart, three[2]]) == []


def test_a_longer_story_begins_as_the_shorter_one() -> None:
    more = (walk(STOVE), opens(STOVE), closes(STOVE))
    short, longer = told(id="1"), told(*FINE, *more, id="2")
    assert audit([longer, short]) == []
    turned = told(start("kitchen"), *more, *FINE[2:], id="2")
    what = (
        "number 1 that is opened is the stove of the kitchen; in 1 it is the fridge of the kitchen"
    )
    assert audit([short, turned]) == [("2", Fault("opened_order", what))]


def test_the_table() -> None:
    found = audit_table([told(id="1"), told(id="2", theme="home"), told(walk(STOVE), id="3")])
    assert (found.questions, found.clean) == (3, 1)
    assert found.counts == {"no_start": 1, "rooms": 1}
    assert found.rows[0].cells() == {
        "question": "2",
        "episode": "e",
        "question_type": "2.2",
        "check": "rooms",
        "what": "4 rooms were to be named, and kitchen, livingroom are",
    }
    assert CABINET in told().places
