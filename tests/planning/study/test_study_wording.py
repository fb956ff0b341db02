"""The study's words, and the flat rewritten from its structure."""

from dataclasses import replace

import pytest
from planning.study.flat import EPISODE, STATE

from tombench.planning.study.wording import (
    fused,
    graph_words,
    joined_words,
    place_names,
    state_words,
    study_words,
    surface_names,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the refrigerator", "the fridge"),
        ("the third kitchen cabinet", "the 3rd kitchencabinet"),
        ("the eighth cabinet", "the 8th kitchencabinet"),
        ("the first and fourth cabinets", "the first and 4th kitchencabinets"),
        ("two wine glasses, a bottle of wine", "two wineglasses, a wine"),
        ("two bottles of wine", "two bottles of wine"),
        ("First cabinet", "First cabinet"),
        ("a coffee table in the living room", "a coffee table in the living room"),
        ("a dish bowl and a bag of chips", "a dish bowl and a chips"),
    ],
)
def test_the_study_joins_these_words_and_no_others(text: str, expected: str) -> None:
    assert study_words(text) == expected


def test_three_more_can_be_joined() -> None:
    text = "a dish bowl on the coffee table of the living room"
    assert joined_words(text) == "a dishbowl on the coffeetable of the livingroom"


def test_the_flat_rewritten() -> None:
    assert graph_words(EPISODE) == (
        "There is a bedroom and a kitchen and a livingroom and a bathroom. "
        "\na coffeetable and a desk are in the bedroom. a book is on the coffeetable. "
        "\n4 kitchencabinets and a fridge and a kitchentable and a microwave and a stove are in "
        "the kitchen. There is nothing inside the 1st kitchencabinet. "
        "a plate is inside the 2nd kitchencabinet. a wineglass is inside the 3rd kitchencabinet. "
        "There is nothing inside the 4th kitchencabinet. a dishbowl is inside the fridge. "
        "a wineglass is on the kitchentable. There is nothing inside the microwave. "
        "There is nothing inside the stove. "
        "\na cabinet and a sofa are in the livingroom. a plate is inside the cabinet. "
        "an apple is on the sofa. "
        "\na bathroomcabinet is in the bathroom. There is nothing inside the bathroomcabinet. "
    )


def test_things_are_counted_in_words_of_their_own() -> None:
    one = replace(EPISODE.furnishings[0], contents=("wine", "chips", "wine", "wineglass"))
    many = replace(one, contents=("wineglass", "chips", "wineglass", "chips"))
    flat = replace(EPISODE, rooms=("bedroom",))
    assert "2 bottles of wine and a bag of chips and a wineglass are on the coffeetable." in (
        graph_words(replace(flat, furnishings=(one,)))
    )
    assert "2 wineglasses and 2 bags of chips are on" in (
        graph_words(replace(flat, furnishings=(many,)))
    )


def test_a_state_is_what_stands_before_the_actions_blanks_and_all() -> None:
    assert state_words(EPISODE, "study") == study_words(STATE)
    alone = replace(EPISODE, question_text="")
    assert state_words(alone, "comma") == study_words(STATE)
    assert state_words(EPISODE, "joined") == joined_words(STATE)
    assert state_words(EPISODE, "normalised") == graph_words(EPISODE)


def test_a_missing_comma_makes_one_name_of_two() -> None:
    assert fused(("a", "desk", "kitchentable", "b")) == ("a", "deskkitchentable", "b")
    assert fused(("kitchentable", "desk")) == ("kitchentable", "desk")
    study, mended = place_names(EPISODE, "study"), place_names(EPISODE, "comma")
    assert (len(study), len(mended)) == (17, 18)
    assert set(mended) - set(study) == {"desk", "kitchentable"}
    assert "desk" in surface_names(EPISODE)


def test_elsewhere_the_episode_names_its_places() -> None:
    castle = replace(EPISODE, theme="medieval_castle")
    assert place_names(castle, "study")[:2] == ("1st kitchencabinet", "2nd kitchencabinet")
    assert surface_names(castle) == ("coffeetable", "desk", "kitchentable", "sofa")
