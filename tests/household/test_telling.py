"""Texts of questions: each fact once, in form; what is told can be read."""

from random import Random

import pytest

from tombench.household.telling import question_text
from tombench.household.themed import themed
from tombench.household.themes import ThemeName, language_of, load_theme
from tombench.planning.episode import (
    Claim,
    Episode,
    Event,
    Furnishing,
    Hypothesis,
    Place,
    Query,
)
from tombench.planning.reading.text import read_question_text

ROOMS = ("kitchen", "bedroom", "livingroom")
SECOND, FRIDGE = Place("kitchen", "2nd kitchencabinet"), Place("kitchen", "fridge")
DESK = Place("bedroom", "desk")
FURNISHINGS = (
    Furnishing(FRIDGE, "container", ("wine", "apple", "wine")),
    Furnishing(Place("kitchen", "1st kitchencabinet"), "container"),
    Furnishing(SECOND, "container", ("chips", "plate")),
    Furnishing(DESK, "surface", ("book",)),
    Furnishing(Place("livingroom", "desk"), "surface"),
)
EVENTS = (
    Event("start", room="bedroom"),
    Event("enter", room="kitchen"),
    Event("walk", place=FRIDGE),
    Event("open", place=FRIDGE),
    Event("close", place=FRIDGE),
    Event("walk", place=SECOND),
    Event("open", place=SECOND, done=False),
)
BELIEF = Query(
    "1.1",
    tuple(Hypothesis("plate", Claim("plate", SECOND, inside)) for inside in (False, True)),
)


def told(query=BELIEF, seed=0, theme: ThemeName = "home"):
    episode = Episode("e", "e", "Karin", ROOMS, FURNISHINGS, EVENTS, query)
    words = load_theme(theme)
    return question_text(themed(episode, words), words, Random(seed))


def test_the_form():
    state, actions, question = told().split("\n")[0], *told().rsplit("\n", 2)[1:]
    assert state.startswith("What's inside the apartment: ")
    assert actions.startswith("Actions taken by Karin: Karin is in the bedroom. She ")
    assert question == (
        "Question: If Karin has been trying to get a plate, which one of the following statements "
        "is more likely to be true? (a) Karin thinks that the plate is not inside the second "
        "kitchen cabinet. (b) Karin thinks that the plate is inside the second kitchen cabinet. "
        "Please respond with either a or b."
    )


def test_a_stated_belief_and_places_of_one_name():
    stated = Claim("book", DESK, inside=False)
    text = told(Query("2.1", (Hypothesis("apple"), Hypothesis("book")), stated))
    assert "If Karin thinks that the book is not on the desk in the bedroom, which" in text
    assert "(a) Karin has been trying to get an apple. (b)" in text


def test_contents_are_counted_and_nothing_is_forgotten():
    text = told()
    for words in ("two bottles of wine and an apple", "a bag of chips and a plate", "a book"):
        assert text.count(words) == 1
    assert "a fridge and two kitchen cabinets" in text
    assert "is about to open" in text


def test_wordings_vary_and_facts_do_not():
    texts = {told(seed=seed) for seed in range(20)}
    assert len(texts) > 10
    read = [read_question_text(text) for text in sorted(texts)]
    assert len({repr(one.furnishings) for one in read}) == 1


@pytest.mark.parametrize("theme", ["home", "ancient_egypt", "outer_space", "opaque"])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_told_can_be_read(theme: ThemeName, seed):
    words = load_theme(theme)
    expected = themed(Episode("e", "e", "K", ROOMS, FURNISHINGS, EVENTS, BELIEF), words)
    read = read_question_text(told(seed=seed, theme=theme), language_of(words))
    assert read.rooms == expected.rooms and read.unread == ()
    assert {(one.place, one.kind, *sorted(one.contents)) for one in read.furnishings} == {
        (one.place, one.kind, *sorted(one.contents)) for one in expected.furnishings
    }
    assert [(e.kind, e.place, e.done) for e in read.events] == [
        (e.kind, e.place, e.done) for e in expected.events
    ]
    assert read.query.options == expected.query.options
