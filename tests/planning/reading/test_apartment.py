"""Descriptions of apartments to places and contents, in many wordings."""

import pytest
from planning.reading.worlds import KITCHEN, contents_of, in_kitchen, scene_of

from tombench.planning.episode import Place
from tombench.planning.reading.language import Language


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("The fridge contains an apple and two plates.", {"fridge": "apple plate plate"}),
        ("Inside the fridge, there are two bottles of wine.", {"fridge": "wine wine"}),
        ("A bag of chips rests on the sofa.", {"sofa": "chips"}),
        ("A bottle of wine and a plate adorn the table.", {"kitchentable": "wine plate"}),
        ("The third cabinet from the left holds a book.", {"3rd": "book"}),
        ("The second and fourth cabinets each hold a plate.", {"2nd": "plate", "4th": "plate"}),
        ("The first to third cabinets hold a book.", {"1st": "book", "2nd": "book", "3rd": "book"}),
        ("2nd kitchencabinet contains a wineglass.", {"2nd": "wineglass"}),
        ("The stove has a salmon in it.", {"stove": "salmon"}),
        ("The stove has a piece of salmon inside.", {"stove": "salmon"}),
        ("The stove holds a salmon. It also contains a plate.", {"stove": "salmon plate"}),
        (
            "In the stove there is a plate, and in the fridge, there is an apple.",
            {"stove": "plate", "fridge": "apple"},
        ),
    ],
)
def test_one_place(text: str, held: dict[str, str]) -> None:
    assert in_kitchen(text) == held


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (
            "The stove holds a salmon, and a plate is in the fridge.",
            {"stove": "salmon", "fridge": "plate"},
        ),
        (
            "The stove holds a salmon and a book, and a plate lies on the sofa.",
            {"stove": "salmon book", "sofa": "plate"},
        ),
        (
            "The stove holds a salmon, and there is also a salmon and a plate in the fridge.",
            {"stove": "salmon", "fridge": "salmon plate"},
        ),
        (
            "A plate is in the fridge, another plate, along with a book, is in the stove.",
            {"fridge": "plate", "stove": "plate book"},
        ),
        ("A plate and a book are in the fridge, and the stove is empty.", {"fridge": "plate book"}),
        (
            "The first cabinet houses a book, the second a plate, and the fourth two apples.",
            {"1st": "book", "2nd": "plate", "4th": "apple apple"},
        ),
        (
            "The stove contains a salmon and the microwave a cupcake.",
            {"stove": "salmon", "microwave": "cupcake"},
        ),
        (
            "The fridge holds an apple, with a plate and a book found in the microwave.",
            {"fridge": "apple", "microwave": "plate book"},
        ),
        (
            "There is a plate on the table and a book on the sofa.",
            {"kitchentable": "plate", "sofa": "book"},
        ),
        (
            "The microwave and the stove hold a plate and a salmon, respectively.",
            {"microwave": "plate", "stove": "salmon"},
        ),
        (
            "The third cabinet is empty, the second one holds a book, and the first one a plate.",
            {"2nd": "book", "1st": "plate"},
        ),
        ("The fridge, which is near the stove, contains an apple.", {"fridge": "apple"}),
        (
            "The fridge harbours an apple, whereas a plate languishes in the stove.",
            {"fridge": "apple", "stove": "plate"},
        ),
    ],
)
def test_several_places(text: str, held: dict[str, str]) -> None:
    """The last of them has verbs that no list of words knows."""
    assert in_kitchen(text) == held


@pytest.mark.parametrize(
    ("text", "empty", "held"),
    [
        ("The second and third cabinets, from left to right, are empty.", "2nd 3rd", {}),
        ("The first through fourth cabinets are all empty.", "1st 2nd 3rd 4th", {}),
        ("The first cabinet is empty, as are the second and the fourth.", "1st 2nd 4th", {}),
        (
            "The cabinets are mostly empty, with the exception of the third, which holds a book.",
            "1st 2nd 4th",
            {"3rd": "book"},
        ),
        (
            "All cabinets are empty except for the second one, which holds a salmon, and the "
            "fourth, which has two plates.",
            "1st 3rd",
            {"2nd": "salmon", "4th": "plate plate"},
        ),
        (
            "Except for the third cabinet, which contains a plate, all cabinets are empty.",
            "1st 2nd 4th",
            {"3rd": "plate"},
        ),
        (
            "The first and second cabinets are also empty, except for an apple in the second.",
            "1st",
            {"2nd": "apple"},
        ),
        (
            "The first cabinet has a plate inside it, whereas the other three cabinets are empty.",
            "2nd 3rd 4th",
            {"1st": "plate"},
        ),
        ("The second cabinet has a plate; the rest are empty.", "1st 3rd 4th", {"2nd": "plate"}),
        ("There is nothing in the stove. The fridge contains nothing.", "stove fridge", {}),
        ("There are no items in the dishwasher.", "dishwasher", {}),
    ],
)
def test_emptiness(text: str, empty: str, held: dict[str, str]) -> None:
    """Places that are told to be empty; the others of the kitchen are told to be undescribed."""
    scene = scene_of(KITCHEN + text)
    told = {spot.place.name.split()[0] for spot in scene.spots.values() if spot.empty}
    assert told == set(empty.split())
    assert in_kitchen(text) == held
    silent = {fault.what for fault in scene.faults if fault.check == "undescribed_place"}
    assert len(silent) == 8 - len(told) - len(held)


def test_lists_of_rooms() -> None:
    scene = scene_of(
        "The apartment consists of a bedroom, a kitchen, a living room and a bathroom. In the "
        "bedroom, there is a sofa with a book on it and a cabinet housing two apples. The living "
        "room features a desk, two coffee tables and a sofa, the latter of which has a plate on "
        "it. One of the coffee tables holds a remote control, while a book is on the other. The "
        "kitchen is equipped with a stove, table, and fridge. The bathroom has a single cabinet, "
        "which is currently empty."
    )
    assert scene.rooms == ["bedroom", "kitchen", "livingroom", "bathroom"]
    assert [(one.place.room, one.place.name, one.kind) for one in scene.furnishings()] == [
        ("bedroom", "sofa", "surface"),
        ("bedroom", "cabinet", "container"),
        ("kitchen", "stove", "container"),
        ("kitchen", "kitchentable", "surface"),
        ("kitchen", "fridge", "container"),
        ("livingroom", "desk", "surface"),
        ("livingroom", "coffeetable", "surface"),
        ("livingroom", "sofa", "surface"),
        ("bathroom", "bathroomcabinet", "container"),
    ]
    assert contents_of(scene) == {
        "bedroom sofa": "book",
        "bedroom cabinet": "apple apple",
        "livingroom sofa": "plate",
        "livingroom coffeetable": "remotecontrol book",
    }


def test_the_same_word_means_another_place_in_each_room() -> None:
    scene = scene_of(
        "The kitchen has two cabinets and a table. The living room has a cabinet and a table. "
        "There is an empty cabinet in the bathroom. The living room cabinet holds a book. The "
        "second kitchen cabinet holds a plate."
    )
    assert [one.name for one in scene.spots] == [
        *("1st kitchencabinet", "2nd kitchencabinet", "kitchentable"),
        *("cabinet", "coffeetable", "bathroomcabinet"),
    ]
    assert scene.spots[Place("bathroom", "bathroomcabinet")].empty
    assert contents_of(scene) == {
        "kitchen 2nd kitchencabinet": "plate",
        "livingroom cabinet": "book",
    }


@pytest.mark.parametrize(
    ("text", "check", "words"),
    [
        ("The fifth cabinet holds a plate.", "count", "4 kitchencabinet"),
        ("The desk holds a plate.", "unlisted_place", "desk"),
        ("There is also a plate.", "thing_without_place", "plate"),
        ("It has three rooms: a bedroom and a bathroom.", "rooms", "3 rooms"),
    ],
)
def test_faults(text: str, check: str, words: str) -> None:
    found = {fault.check: fault.what for fault in scene_of(f"{KITCHEN}{text}").faults}
    assert words in found[check]


def test_another_language() -> None:
    """The grammar holds no noun: with other words, others are read and home's are not."""
    ship = Language(
        theme="ship",
        rooms={"bridge": ("command bridge",), "galley": ("ship's galley",)},
        containers={"hold": ("cargo hold",), "locker": ("locker",)},
        surfaces={"berth": ("berth",)},
        things={"loaf": ("loaf of bread",), "map": ("star map",)},
        numbered=frozenset({"locker"}),
        plurals={"loaf": "loaves"},
    )
    scene = scene_of(
        "The vessel has a command bridge and a ship's galley. The ship's galley has two lockers "
        "and a berth with two star maps on it. The first locker holds two loaves of bread, and a "
        "starmap is in the second. The command bridge has a cargo hold, which is empty, and the "
        "fridge.",
        ship,
    )
    assert contents_of(scene) == {
        "galley berth": "map map",
        "galley 1st locker": "loaf loaf",
        "galley 2nd locker": "map",
    }
    assert scene.spots[Place("bridge", "hold")].empty
