"""Scene graphs to furnishings and events; fused with a text; files that must be refused."""

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from planning.apartments import (
    CABINET,
    FRIDGE,
    SOFA,
    STOVE,
    TABLE,
    closes,
    enter,
    opens,
    start,
    walk,
)
from planning.apartments import episode as episode_of

from tombench.errors import UserError
from tombench.planning.episode import Event, Fault, Furnishing, Place
from tombench.planning.reading.fusion import fused
from tombench.planning.reading.scene import undescribed
from tombench.planning.reading.scene_graph import Seen, read_scene_graphs

NAMES = ("kitchen", "livingroom", "character", "fridge", "kitchencabinet", "kitchencabinet")
NAMES += ("sofa", "plate", "apple", "lamp")
ROOM = {"fridge": 0, "kitchencabinet": 0, "sofa": 1, "plate": 0, "apple": 1, "lamp": 1}


def graph(person: int, opened: tuple[int, ...] = (), edges: tuple[Any, ...] = ()) -> dict[str, Any]:
    """A plate (7) in the cabinet at the left (5), an apple (8) on the sofa (6)."""
    nodes = [
        {
            "id": at,
            "class_name": name,
            "states": ["OPEN" if at in opened else "CLOSED"],
            "bounding_box": {"center": [10.0 - at, 0.0, 0.0]},
        }
        for at, name in enumerate(NAMES)
    ]
    inside = [(at, "INSIDE", ROOM[name]) for at, name in enumerate(NAMES) if name in ROOM]
    told = [*inside, (2, "INSIDE", person), (7, "INSIDE", 5), (8, "ON", 6), *edges]
    keys = ("from_id", "relation_type", "to_id")
    return {"nodes": nodes, "edges": [dict(zip(keys, edge, strict=True)) for edge in told]}


STEPS = [
    graph(1),
    graph(0, edges=((2, "CLOSE", 3), (9, "CLOSE", 2), (7, "CLOSE", 2))),
    graph(0, opened=(5,)),
    graph(0, opened=(5,), edges=((2, "HOLDS_RH", 7),)),
    graph(0),
]
LEFT, RIGHT = Place("kitchen", "1st kitchencabinet"), Place("kitchen", "2nd kitchencabinet")


def seen_in(folder: Path, value: Any) -> Seen:
    path = folder / "graphs.json"
    path.write_text(json.dumps(value))
    return read_scene_graphs(path)


def test_what_graphs_show(tmp_path: Path) -> None:
    shown = seen_in(tmp_path, STEPS)
    assert shown.rooms == ("kitchen", "livingroom")
    assert shown.furnishings == (
        Furnishing(Place("kitchen", "fridge"), "container", (), "scene_graph"),
        Furnishing(LEFT, "container", ("plate",), "scene_graph"),
        Furnishing(RIGHT, "container", (), "scene_graph"),
        Furnishing(Place("livingroom", "sofa"), "surface", ("apple",), "scene_graph"),
    )
    assert shown.whereabouts == ("livingroom", "kitchen", "kitchen", "kitchen", "kitchen")
    assert shown.nearby == ((), ("fridge", "plate"), (), (), ())
    assert shown.opened == (
        frozenset(),
        frozenset(),
        frozenset({LEFT}),
        frozenset({LEFT}),
        frozenset(),
    )
    assert [(one.kind, one.room, one.place, one.thing, one.said) for one in shown.events] == [
        ("start", "livingroom", None, None, "step 0"),
        ("enter", "kitchen", None, None, "step 1"),
        ("walk", None, LEFT, None, "step 2"),
        ("open", None, LEFT, None, "step 2"),
        ("grab", None, LEFT, "plate", "step 3"),
        ("close", None, LEFT, None, "step 4"),
    ]
    assert {one.source for one in shown.events} == {"scene_graph"}


def test_forms_of_files(tmp_path: Path) -> None:
    expected = seen_in(tmp_path, STEPS)
    numbered = {str(at): STEPS[at] for at in (4, 3, 2, 1, 0)}
    assert seen_in(tmp_path, numbered) == expected == seen_in(tmp_path, {"graphs": STEPS})
    assert seen_in(tmp_path, STEPS[0]) == seen_in(tmp_path, STEPS[:1])
    pickled = tmp_path / "graphs.pik"
    pickled.write_bytes(pickle.dumps(STEPS))
    assert read_scene_graphs(pickled) == expected


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({}, "no scene graphs"),
        ([], "no scene graphs"),
        ([3], "step 0: 3 is no graph"),
        ([{"nodes": []}], "field 'edges' is missing"),
        ([{"nodes": [{}], "edges": []}], "step 0, node 0: field 'id' is missing"),
        ([{"nodes": [{"id": 1, "class_name": 2}], "edges": []}], "field 'class_name' is 2"),
        (
            [{"nodes": [{"id": 1, "class_name": "sofa"}], "edges": []}],
            "no node of class 'character'",
        ),
        (
            [{"nodes": [], "edges": [{"from_id": 1, "to_id": "x", "relation_type": "ON"}]}],
            "'to_id'",
        ),
        ([{"nodes": [], "edges": [7]}], "edges 0 is 7"),
    ],
)
def test_malformed_graphs(tmp_path: Path, value: Any, problem: str) -> None:
    with pytest.raises(UserError) as caught:
        seen_in(tmp_path, value)
    assert problem in str(caught.value) and "graphs.json" in str(caught.value)


class Planted:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_pickle_that_names_anything_is_refused(tmp_path: Path, protocol: int) -> None:
    planted, path = tmp_path / "planted", tmp_path / "graphs.pik"
    path.write_bytes(pickle.dumps([Planted(planted)], protocol))
    with pytest.raises(UserError, match="refused"):
        read_scene_graphs(path)
    assert not planted.exists()
    path.write_bytes(pickle.dumps(STEPS)[:-9])
    with pytest.raises(UserError, match="refused"):
        read_scene_graphs(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.json"):
        with pytest.raises(UserError, match=path.name):
            read_scene_graphs(path)
    broken = tmp_path / "broken.json"
    broken.write_text('[{"nodes": [')
    with pytest.raises(UserError, match="line 1: not JSON"):
        read_scene_graphs(broken)


SOURCE = "scene_graph"
TOLD = episode_of(
    start("livingroom"), enter("kitchen"), walk(FRIDGE), opens(FRIDGE), closes(FRIDGE)
)


def sight(*furnishings: Furnishing, events: tuple[Event, ...] = TOLD.events) -> Seen:
    return Seen(("kitchen", "livingroom"), furnishings, events, ("livingroom",), (("sofa",),), ())


def as_seen(**held: tuple[str, ...]) -> list[Furnishing]:
    """The text's apartment as graphs show it, with other contents where given by name."""
    return [
        Furnishing(one.place, one.kind, held.get(one.place.name, one.contents), "scene_graph")
        for one in TOLD.furnishings
    ]


def test_sight_that_agrees_brings_closeness_alone() -> None:
    found = fused(TOLD, sight(*as_seen()))
    assert found.faults == () and found.nearby == (("sofa",),)
    assert found.furnishings == TOLD.furnishings and found.events == TOLD.events


def test_what_the_text_leaves_open_is_filled_in() -> None:
    desk = Furnishing(Place("livingroom", "desk"), "surface", ("plate",), "scene_graph")
    found = fused(TOLD, sight(*as_seen(sofa=("book",)), desk))
    assert found.furnishing(SOFA) == Furnishing(SOFA, "surface", ("book",), "scene_graph")
    assert found.furnishings[-1] == desk
    assert [fault.check for fault in found.faults] == ["seen_places"]  # the desk


def test_an_undescribed_container_is_filled_in() -> None:
    bare = tuple(
        Furnishing(one.place, one.kind) if one.place == STOVE else one for one in TOLD.furnishings
    )
    told = replace(TOLD, furnishings=bare, faults=(undescribed(STOVE),))
    assert fused(told, sight(*as_seen())).furnishing(STOVE).contents == ("plate",)
    empty = fused(replace(told, faults=()), sight(*as_seen()))
    assert empty.furnishing(STOVE).contents == ()
    assert [fault.check for fault in empty.faults] == ["seen_contents"]


def test_where_they_disagree_the_text_stays() -> None:
    other = (start("kitchen"), walk(STOVE), opens(STOVE))
    found = fused(TOLD, sight(*as_seen(fridge=("book",))[:4], events=other))
    assert found.furnishing(FRIDGE).contents == ("apple",) and found.events == TOLD.events
    assert (
        Fault(
            "seen_contents",
            "the fridge of the kitchen holds apple in the text, and is seen with book",
        )
        in found.faults
    )
    assert [fault.check for fault in found.faults] == [
        "seen_contents",
        "seen_places",
        "seen_events",
    ]
    assert {CABINET, TABLE} <= set(found.places)


def test_closeness_alone() -> None:
    found = fused(TOLD, ((), ("fridge",)))
    assert found.nearby == ((), ("fridge",)) and found.faults == TOLD.faults


def test_numbers_from_the_other_side() -> None:
    """The text counts its cabinets from the right of the graphs' axis."""
    told = replace(
        TOLD,
        furnishings=(
            Furnishing(LEFT, "container", ("plate",)),
            Furnishing(RIGHT, "container", ("apple",)),
        ),
    )
    turned = [
        Furnishing(LEFT, "container", ("apple",), "scene_graph"),
        Furnishing(RIGHT, "container", ("plate",), "scene_graph"),
    ]
    found = fused(told, sight(*turned))
    assert [fault.check for fault in found.faults] == []
