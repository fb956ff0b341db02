"""Shortcuts by hand, on the small apartment."""

from dataclasses import replace

from apartments import (
    CABINET,
    FRIDGE,
    SOFA,
    STOVE,
    belief_query,
    closes,
    episode,
    opens,
    start,
    walk,
)

from tombench.planning.episode import Claim, Hypothesis, Query
from tombench.planning.shortcuts import (
    SHORTCUTS,
    always_a,
    first_mentioned,
    last_mentioned,
    last_place,
    last_target,
    negation,
)

APPLE_OR_PLATE = Query("2.2", (Hypothesis("apple"), Hypothesis("plate")), key="a")
PATH = (start("kitchen"), walk(FRIDGE), opens(FRIDGE), closes(FRIDGE))


def test_the_last_target_is_believed_in():
    asked = episode(*PATH, walk(STOVE), query=belief_query("book", STOVE))
    assert last_target(asked) == "a"
    first, second = asked.query.options
    assert last_target(replace(asked, query=replace(asked.query, options=(second, first)))) == "b"
    assert last_target(episode(*PATH, query=belief_query("book", STOVE))) == "b"


def test_what_is_at_the_last_target_is_wanted():
    assert last_target(episode(*PATH, query=APPLE_OR_PLATE)) == "a"
    assert last_target(episode(*PATH, walk(CABINET), query=APPLE_OR_PLATE)) == "b"
    assert last_target(episode(*PATH, walk(SOFA), query=APPLE_OR_PLATE)) is None
    both = Query("2.2", (Hypothesis("book"), Hypothesis("plate")))
    assert last_target(episode(*PATH, walk(CABINET), query=both)) is None


def test_about_to_open_is_a_last_target():
    assert last_place(episode(start("kitchen"), opens(STOVE, done=False))) == STOVE
    assert last_place(episode(start("kitchen"))) is None
    assert last_target(episode(start("kitchen"), query=APPLE_OR_PLATE)) is None


def test_what_is_denied_is_not_wanted():
    asked = replace(APPLE_OR_PLATE, stated=Claim("apple", STOVE, inside=False))
    assert negation(episode(*PATH, query=asked)) == "b"
    assert last_target(episode(*PATH, query=asked)) == "b"  # the apple is in the fridge
    assert negation(episode(*PATH, query=APPLE_OR_PLATE)) is None
    assert negation(episode(*PATH, query=belief_query("book", STOVE))) == "b"


def test_what_is_mentioned():
    """The apartment has apple, plate, wineglass, book, plate."""
    assert first_mentioned(episode(*PATH, query=APPLE_OR_PLATE)) == "a"
    assert last_mentioned(episode(*PATH, query=APPLE_OR_PLATE)) == "b"
    absent = Query("2.2", (Hypothesis("salmon"), Hypothesis("book")))
    assert first_mentioned(episode(*PATH, query=absent)) == "b"
    assert last_mentioned(episode(*PATH, query=belief_query("book", STOVE))) is None


def test_all_are_listed():
    assert always_a(episode(*PATH)) == "a"
    assert set(SHORTCUTS) == {
        *("last_target", "negation", "first_mentioned", "last_mentioned", "always_a")
    }
