"""What somebody did to events, in many wordings."""

import pytest
from planning.reading.worlds import HOUSE, done_in, scene_of

from tombench.planning.reading.actions import read_actions
from tombench.planning.reading.language import HOME
from tombench.planning.reading.tokens import lexicon

OPENED = "walk {0}, open {0}, close {0}"


def each(*names: str) -> str:
    """Every place walked to, opened and closed."""
    return ", ".join(OPENED.format(name) for name in names)


@pytest.mark.parametrize(
    ("text", "events"),
    [
        (
            "She proceeds to the kitchen and strides towards the fridge.",
            "enter kitchen, walk fridge",
        ),
        ("She moves to the living room, then to the desk.", "enter livingroom, walk desk"),
        (
            "Upon reaching the kitchen, she nears the stove and is about to open it.",
            "enter kitchen, walk stove, about to open stove",
        ),
        ("She walks up to the fridge, preparing to open it.", "walk fridge, about to open fridge"),
        ("She is on the verge of opening the eighth cabinet.", "walk 8th, about to open 8th"),
        ("She goes to the fridge to open it.", "walk fridge, about to open fridge"),
        ("She goes to the fridge to open and close it.", each("fridge")),
        ("She proceeds to open the fridge and closes it.", each("fridge")),
        ("She walks towards the wine glass.", "walk wineglass"),
        (
            "She picks up the wine glass from the kitchen table and walks to the stove.",
            "grab wineglass, walk stove",
        ),
        ("She leaves the bedroom and heads for the bathroom.", "enter bathroom"),
        ("She walks from the desk to the sofa, near the cabinet.", "walk sofa"),
        ("She opens the stove, takes a moment, and then secures it shut.", each("stove")),
        ("She opens the door of the stove and shuts it.", each("stove")),
        ("The stove is opened and closed.", each("stove")),
        ("She opens the fridge. She closes the fridge.", each("fridge")),
    ],
)
def test_one_place(text: str, events: str) -> None:
    assert done_in(f"Ann is situated in the bedroom. {text}") == f"start bedroom, {events}"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("She opens the fridge, closes it, opens the stove, closes it.", ("fridge", "stove")),
        ("She opens and closes the fridge and does the same with the stove.", ("fridge", "stove")),
        (
            "She opens and closes the third cabinet, followed by the stove and the fridge.",
            ("3rd", "stove", "fridge"),
        ),
        (
            "She opens the seventh and fourth cabinets in succession, closing each one after "
            "inspecting its contents.",
            ("7th", "4th"),
        ),
        (
            "She approaches the third, fifth, and eighth cabinets, as well as the stove, opening "
            "and closing each in turn.",
            ("3rd", "5th", "8th", "stove"),
        ),
        ("She walks to the stove and the fridge, opening and closing both.", ("stove", "fridge")),
        (
            "She heads to the stove, which she opens and closes, followed by the fridge, which she "
            "also opens and closes.",
            ("stove", "fridge"),
        ),
        (
            "She opens the fridge and closes it. She continues this pattern with the first and "
            "second cabinets, opening and closing each.",
            ("fridge", "1st", "2nd"),
        ),
        (
            "She opens the fridge and closes it. She repeats this action with the fifth cabinet, "
            "then moves to the stove, where she repeats the same actions.",
            ("fridge", "5th", "stove"),
        ),
        (
            "She opens and closes the sixth cabinet, before doing the same with the fourth.",
            ("6th", "4th"),
        ),
        (
            "She continues her journey by approaching the second cabinet, opens and closes it.",
            ("2nd",),
        ),
        (
            "She nears the third cabinet, opens, closes it; then the fourth, opens and shuts it.",
            ("3rd", "4th"),
        ),
        ("She opens each of the first three cabinets and closes them.", ("1st", "2nd", "3rd")),
        (
            "After opening and closing the fifth cabinet, she does the same with the sixth one.",
            ("5th", "6th"),
        ),
    ],
)
def test_several_places(text: str, names: tuple[str, ...]) -> None:
    assert done_in(f"Ann is in the kitchen. {text}") == f"start kitchen, {each(*names)}"


def test_a_cabinet_is_the_one_of_the_room() -> None:
    text = (
        "Ann is in the kitchen. She walks to the bathroom, opens the cabinet, and closes it. She "
    )
    told = "start kitchen, enter bathroom, " + each("bathroomcabinet")
    assert done_in(f"{text}enters the bedroom and approaches a cabinet.") == (
        f"{told}, enter bedroom, walk cabinet"
    )


def test_a_walk_that_no_word_tells_says_nothing() -> None:
    text = "Ann is in the kitchen. She opens the stove and closes it."
    events = read_actions(text, lexicon(HOME).tokens(text), scene_of(HOUSE))
    assert [event.said for event in events] == [
        "kitchen",
        "",
        "opens the stove",
        "closes it",
    ]


def test_a_place_that_no_room_has_is_an_event_all_the_same() -> None:
    assert done_in("Ann is in the kitchen. She opens the ninth cabinet.") == (
        "start kitchen, walk 9th, open 9th"
    )


def test_nothing_comes_to_the_description() -> None:
    scene, text = scene_of(HOUSE), "Ann is in the kitchen. She opens the ninth cabinet."
    before = scene.furnishings()
    read_actions(text, lexicon(HOME).tokens(text), scene)
    assert scene.furnishings() == before
