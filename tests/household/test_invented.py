"""Invented names: one for each noun, of no theme, and everything of a situation renamed alike."""

from dataclasses import replace
from random import Random

import pytest
from household.homes import CABINET, FRIDGE, PLACES, SOFA, situation

from tombench.household import invented
from tombench.household.invented import (
    in_invented_words,
    invented_name,
    invented_names,
    renamed,
    renaming,
)
from tombench.household.layouts import CONTAINERS, ROOMS, SURFACES
from tombench.household.themes import UNSEEN, load_theme
from tombench.household.world import THINGS
from tombench.planning.episode import Place
from tombench.planning.prompts import short_prompt
from tombench.planning.situations import Action
from tombench.stories.lexicon import HELD_OUT

THEMES = ("home", *UNSEEN)


def theme_words() -> set[str]:
    """Names of every theme's classes, and every word of what people call them."""
    nouns = [noun for theme in THEMES for noun in load_theme(theme).nouns]
    spoken = {word for noun in nouns for word in f"{noun.spoken} {noun.plural}".lower().split()}
    return spoken | {noun.name.lower() for noun in nouns}


@pytest.mark.parametrize("theme", THEMES)
def test_no_name_is_a_class_of_a_theme(theme: str) -> None:
    classes = {noun.name for noun in load_theme(theme).nouns}
    for seed in range(300):
        assert not classes & set(invented_names(Random(f"names/{seed}")).values())


def test_names_are_seldom_words_at_all() -> None:
    """By chance a syllable is a short word of a theme ("jar") or of the held-out stories."""
    known = theme_words() | HELD_OUT.content_words()
    drawn = [invented_name(Random(f"name/{seed}")) for seed in range(3000)]
    assert all(name.isalpha() and name.islower() for name in drawn)
    assert len(set(drawn)) > 2000
    assert sum(name in known for name in drawn) / len(drawn) < 0.01


def test_every_noun_of_home_has_a_name_of_its_own() -> None:
    names = invented_names(Random(0))
    assert set(names) == {*CONTAINERS, *SURFACES, *ROOMS, *THINGS}
    assert len(set(names.values())) == len(names)
    assert invented_names(Random(0)) == names != invented_names(Random(1))


def test_a_name_that_is_taken_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(("brol", "brol", "sheg", "brol", "noom"))
    monkeypatch.setattr(invented, "invented_name", lambda rng: next(drawn))
    found = renaming(Random(0), ["stove", "fridge", "plate"])
    assert found == {"stove": "brol", "fridge": "sheg", "plate": "noom"}


def test_numbered_places_of_one_kind_share_a_noun() -> None:
    found = renaming(Random(0), ["1st kitchencabinet", "2nd kitchencabinet", "fridge", "fridge"])
    assert list(found) == ["kitchencabinet", "fridge"]


def test_a_situation_is_renamed_throughout_and_numbers_stay() -> None:
    second = Place("kitchen", "2nd kitchencabinet")
    actions = (Action("walk", second), Action("grab", FRIDGE, "plate"), Action("close", FRIDGE))
    before = replace(
        situation(second, SOFA, at=FRIDGE, is_open=True, candidates=actions),
        places=(*PLACES, second),
    )
    names = {"kitchen": "brol", "kitchencabinet": "tifank", "fridge": "sheg", "plate": "noom"}
    after = renamed(before, names)
    assert short_prompt(after) == (
        "at: brol sheg open\ngoal: noom\nbelief: 2nd tifank sofa\naction:"
    )
    assert [one.text for one in after.candidates] == [
        "walktowards 2nd tifank",
        "grab noom",
        "close sheg",
    ]
    assert after.places == (
        Place("brol", "sheg"),
        *(Place("brol", "stove"), Place("brol", "kitchentable")),
        *(SOFA, CABINET, Place("brol", "2nd tifank")),
    )
    assert renamed(before, {}) == before


def test_what_was_seen_is_renamed_too() -> None:
    after = renamed(situation(FRIDGE, at=FRIDGE, seen=FRIDGE), {"fridge": "sheg"})
    assert after.seen == after.at == Place("kitchen", "sheg") and after.possible == (after.seen,)


def test_a_whole_situation_in_invented_words() -> None:
    walks = tuple(Action("walk", place) for place in PLACES)
    after = in_invented_words(Random(3), situation(FRIDGE, SOFA, candidates=walks))
    said = short_prompt(after) + " ".join(one.text for one in after.candidates)
    for name in ("kitchen", "livingroom", "fridge", "stove", "sofa", "cabinet", "plate"):
        assert name not in said
    assert [PLACES.index(FRIDGE), PLACES.index(SOFA)] == [
        after.places.index(one) for one in after.possible
    ]
    assert [one.place for one in after.candidates] == list(after.places)
