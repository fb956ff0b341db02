"""Themes: other words, checked; episodes mapped class by class."""

from dataclasses import replace
from random import Random
from typing import get_args

import pytest

from tombench.household.agent import Diversity, draw_agent
from tombench.household.simulate import episode_of, simulate
from tombench.household.theme_check import theme_faults
from tombench.household.themed import themed, themed_trace
from tombench.household.themes import UNSEEN, Noun, ThemeName, language_of, load_theme
from tombench.household.world import draw_apartment
from tombench.planning.beliefs import decisions
from tombench.planning.episode import Claim, Hypothesis, Place, Query


def trace_of(seed):
    rng = Random(seed)
    apartment = draw_apartment(rng)
    return simulate(rng, apartment, draw_agent(rng, apartment, Diversity()))


@pytest.mark.parametrize("name", get_args(ThemeName))
def test_every_theme_is_fit(name):
    assert theme_faults(load_theme(name)) == []


def test_themes_have_their_own_words():
    """No two unseen themes share a word for the same class: else one theme would teach another."""
    for kind in ("rooms", "places", "things"):
        for home in getattr(load_theme("home"), kind):
            names = [getattr(load_theme(name), kind)[home].name for name in UNSEEN]
            assert len(set(names)) == len(UNSEEN)


def faults_with(kind, home, noun):
    theme = load_theme("wild_west")
    return theme_faults(replace(theme, **{kind: {**getattr(theme, kind), home: noun}}))


def test_two_things_of_one_name_are_a_fault():
    found = faults_with("things", "apple", Noun("lasso", "lasso", "lassos"))
    assert found == []
    assert "'skillet' is the name of two" in faults_with(
        "things", "apple", Noun("skillet", "skillet", "skillets")
    )


def test_a_thing_named_like_a_place_is_a_fault():
    found = faults_with("things", "apple", Noun("trunk", "trunk", "trunks"))
    assert "'trunk' is the name of two" in found


def test_a_name_within_another_is_a_fault():
    found = faults_with("things", "plate", Noun("hay", "hay", "hays"))
    assert "'hay' is within 'hay bale'" in found
    found = faults_with("things", "plate", Noun("gun", "gunny sack", "gunny sacks"))
    assert found == []  # its name is within no other's


def test_a_word_of_home_is_a_fault():
    found = faults_with("places", "sofa", Noun("stove", "stove", "stoves"))
    assert found == ["'stove' is home's 'stove'"]


def test_classes_without_a_word_and_words_without_a_class_are_faults():
    theme = load_theme("wild_west")
    things = {home: noun for home, noun in theme.things.items() if home != "wine"}
    things["lamp"] = Noun("lasso", "lasso", "lassos")
    assert theme_faults(replace(theme, things=things)) == [
        "things: no word for wine",
        "things: lamp is no class of home",
    ]


def test_names_as_people_say_them():
    egypt = load_theme("ancient_egypt")
    assert egypt.place_name("2nd kitchencabinet") == "2nd grainjar"
    assert egypt.spoken_place("2nd kitchencabinet") == "second grain jar"
    assert egypt.home_of(Place("bakery", "2nd grainjar")) == Place("kitchen", "2nd kitchencabinet")
    assert (egypt.things["book"].article, egypt.things["book"].plural) == ("a", "papyri")
    assert egypt.places["fridge"].article == "an"
    assert (egypt.preposition("sofa"), egypt.preposition("stove")) == ("on", "in")
    assert load_theme("opaque").things["wine"].plural == "object Us"


def test_every_part_of_an_episode_is_mapped():
    fridge = Place("kitchen", "fridge")
    query = Query("2.1", (Hypothesis("apple"), Hypothesis("wine", Claim("wine", fridge, True))))
    query = replace(query, stated=Claim("wine", fridge, inside=False), key="a", posterior=0.7)
    home = replace(episode_of(trace_of(1), query), state_text="told", question_text="asked")
    west = themed(home, load_theme("wild_west"))
    locker = Place("chuckwagon", "meatlocker")
    assert west.query == Query(
        "2.1",
        (Hypothesis("turnip"), Hypothesis("whiskey", Claim("whiskey", locker, True))),
        Claim("whiskey", locker, inside=False),
        "a",
        0.7,
    )
    assert (west.theme, west.state_text, west.question_text) == ("wild_west", "", "")
    words = repr((west.rooms, west.furnishings, west.events, west.nearby))
    assert not any(f"'{noun.name}'" in words for noun in load_theme("home").nouns)


def test_mapping_to_home_changes_nothing():
    home = episode_of(trace_of(2))
    assert themed(home, load_theme("home")) == home
    assert themed_trace(trace_of(2), load_theme("home")) == trace_of(2)


@pytest.mark.parametrize("name", UNSEEN)
def test_people_decide_alike_in_every_theme(name):
    """To map and then follow the beliefs is to follow the beliefs and then map."""
    trace, theme = trace_of(3), load_theme(name)
    goal = theme.things[trace.agent.goal].name
    claims = [
        Claim(goal, place, inside=False) for place in themed_trace(trace, theme).agent.excluded
    ]
    found = decisions(themed(episode_of(trace), theme), goal, claims)
    assert found == [choice.decision for choice in themed_trace(trace, theme).choices]
    assert [one.action.text for one in found] != [c.decision.action.text for c in trace.choices]


def test_a_themes_language_knows_its_words():
    language = language_of(load_theme("ancient_egypt"))
    assert language.things["papyrus"] == ("papyrus",)
    assert language.plurals == {"papyrus": "papyri"}
    assert language.kind("daybed") == "surface" and language.kind("kiln") == "container"
    assert language.numbered == {"grainjar"}
    assert language.only_in == {"grainjar": "bakery", "coffer": "washhouse"}


def test_an_unknown_class_is_an_error():
    with pytest.raises(KeyError, match="lamp"):
        themed(episode_of(trace_of(1), Query("", (Hypothesis("lamp"),) * 2)), load_theme("opaque"))
