"""Apartments: what may be drawn is drawn, and what a layout's name tells is so."""

import itertools
from collections import Counter
from math import hypot
from random import Random

import pytest
from household.homes import APARTMENT, CABINET, FRIDGE

from tombench.household.floorplan import SIDE, FloorPlan, Leg, Point
from tombench.household.layouts import CONTAINERS, ROOMS, SURFACES, layout_name, split_of
from tombench.household.trace import Apartment
from tombench.household.world import THINGS, class_of, draw_apartment, kind_of
from tombench.planning.episode import Place


def apartments(count: int) -> list[Apartment]:
    return [draw_apartment(Random(f"world/{number}")) for number in range(count)]


def test_every_apartment_has_four_rooms_and_one_of_three_kitchens() -> None:
    counts = Counter()
    for apartment in apartments(300):
        assert sorted(apartment.rooms) == sorted(ROOMS)
        assert {one.place.room for one in apartment.furnishings} == set(ROOMS)
        places = [one.place for one in apartment.furnishings]
        assert len(set(places)) == len(places)
        counts[sum(class_of(place) == "kitchencabinet" for place in places)] += 1
    assert set(counts) == {0, 4, 8} and min(counts.values()) > 60


def test_all_classes_occur_and_no_others() -> None:
    drawn = apartments(300)
    classes = {class_of(one.place) for apartment in drawn for one in apartment.furnishings}
    things = {thing for apt in drawn for one in apt.furnishings for thing in one.contents}
    assert classes == {*CONTAINERS, *SURFACES}
    assert things == set(THINGS)
    for apartment in drawn:
        for one in apartment.furnishings:
            assert one.kind == kind_of(one.place)


def test_layouts_and_contents_are_many() -> None:
    drawn = apartments(300)
    assert len({apartment.layout for apartment in drawn}) > 120
    assert len({str(apartment.furnishings) for apartment in drawn}) == 300
    missing = [sum("dishwasher" not in apartment.layout for apartment in drawn)]
    assert 60 < missing[0] < 180


def test_cabinets_as_asked_for() -> None:
    for number in (0, 4, 8):
        apartment = draw_apartment(Random(number), number)
        found = [one.place.name for one in apartment.furnishings if " " in one.place.name]
        assert found == [f"{nth} kitchencabinet" for nth in _ORDINALS[:number]]


_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th")


def test_a_layout_belongs_to_one_split_by_its_name_alone() -> None:
    drawn = {split: set() for split in ("train", "dev", "test")}
    for number in range(60):
        for split, layouts in drawn.items():
            apartment = draw_apartment(Random(number), split=split)
            assert split_of(apartment.layout) == split
            layouts.add(apartment.layout)
    assert not drawn["train"] & drawn["test"] and not drawn["train"] & drawn["dev"]
    assert min(map(len, drawn.values())) > 20


def test_the_name_of_a_layout_leaves_out_the_order() -> None:
    places = (
        *(Place("kitchen", "2nd kitchencabinet"), Place("kitchen", "1st kitchencabinet")),
        *(Place("bedroom", "desk"), Place("kitchen", "fridge")),
    )
    assert layout_name(places) == "bedroom: desk; kitchen: fridge, 2 kitchencabinets"
    assert layout_name(places[::-1]) == layout_name(places)


def test_same_seed_gives_the_same_apartment() -> None:
    assert draw_apartment(Random(3)) == draw_apartment(Random(3))
    assert draw_apartment(Random(3)) != draw_apartment(Random(4))


def test_places_stand_apart_and_rooms_do_not_overlap() -> None:
    for apartment in apartments(60):
        plan = FloorPlan(apartment)
        assert len(set(plan.squares.values())) == 4
        for spot in apartment.spots:
            x, y = plan.squares[spot.place.room]
            assert x * SIDE < spot.x < (x + 1) * SIDE and y * SIDE < spot.y < (y + 1) * SIDE
        points = [(spot.x, spot.y) for spot in apartment.spots]
        gaps = [hypot(a - c, b - d) for a, b in points for c, d in points if (a, b) != (c, d)]
        assert min(gaps) > 0.5 and len(set(points)) == len(points)


def test_numbered_cabinets_stand_side_by_side() -> None:
    apartment = draw_apartment(Random(1), 8)
    row = sorted((s for s in apartment.spots if " " in s.place.name), key=lambda s: s.place)
    steps = [hypot(a.x - b.x, a.y - b.y) for a, b in itertools.pairwise(row)]
    assert max(steps) < 1.2


def test_the_way_leads_through_doors() -> None:
    plan = FloorPlan(APARTMENT)
    assert plan.way("kitchen", FRIDGE) == [Leg(Point(2.0, 1.0), None)]
    door = Leg(Point(4.0, 2.0), "livingroom")
    assert plan.way("kitchen", CABINET) == [door, Leg(Point(6.0, 3.5), None)]


def test_every_room_is_reached_from_every_other_and_seldom_through_a_bathroom() -> None:
    through = 0
    for apartment in apartments(60):
        plan = FloorPlan(apartment)
        for start in apartment.rooms:
            for spot in apartment.spots:
                rooms = [leg.room for leg in plan.way(start, spot.place)[:-1]]
                assert (rooms[-1:] or [start]) == [spot.place.room]
                through += "bathroom" in rooms[:-1]
    assert through < 60 * 4  # of 60 * 4 * about 14 ways


def test_a_room_without_places_is_nowhere() -> None:
    bare = Apartment(("attic", *APARTMENT.rooms), APARTMENT.furnishings, APARTMENT.spots, "bare")
    with pytest.raises(ValueError, match="no place stands in the attic"):
        FloorPlan(bare)
