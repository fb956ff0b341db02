"""Soft labels: twins differ by one place, and their labels follow from it."""

from itertools import islice, pairwise
from random import Random

import numpy as np
import pytest
from household.homes import CABINET, FRIDGE, SOFA, STOVE, TABLE, situation

from tombench.household.agent import ALIKE, DIVERSE, expected_probabilities
from tombench.household.labelled import Labelling, draw_twin, situations_with_labels
from tombench.planning.situations import Situation


def drawn(count: int, labelling: Labelling | None = None, seed: int = 0) -> list:
    return list(islice(situations_with_labels(Random(seed), labelling), count))


def test_labels_are_expected_probabilities_of_the_situation_alone() -> None:
    for one in drawn(400):
        expected = expected_probabilities(one.situation, DIVERSE)
        assert one.probabilities == pytest.approx(expected.tolist())
        assert sum(one.probabilities) == pytest.approx(1)


def test_twins_follow_and_differ_by_one_place() -> None:
    found, twins = drawn(600), 0
    for one, other in pairwise(found):
        a, b = one.situation, other.situation
        if (a.at, a.room, a.is_open, a.goal) != (b.at, b.room, b.is_open, b.goal):
            continue
        if a.places == b.places and len(set(a.possible) ^ set(b.possible)) == 1:
            twins += 1
            assert a.candidates == b.candidates
    assert twins > 150


def test_a_twin_changes_one_place_out_of_view() -> None:
    here = situation(FRIDGE, STOVE, at=FRIDGE, is_open=True)
    changed = set()
    for seed in range(200):
        twin = draw_twin(Random(seed), here)
        changed |= set(twin.possible) ^ {FRIDGE, STOVE}
        assert twin.places == here.places and list(twin.possible) == [
            place for place in here.places if place in twin.possible
        ]
    assert changed == {STOVE, SOFA, CABINET}  # not the open fridge, nor the table in view


def test_the_last_possible_place_stays() -> None:
    for seed in range(50):
        assert CABINET in draw_twin(Random(seed), situation(CABINET)).possible


def test_half_the_twins_at_a_closed_container_are_about_it() -> None:
    here = situation(FRIDGE, STOVE, SOFA, at=STOVE)
    about = sum(STOVE not in draw_twin(Random(seed), here).possible for seed in range(400))
    assert 200 < about < 300  # 1/2 + 1/2 * 1/4


def test_what_was_seen_has_no_twin() -> None:
    assert draw_twin(Random(0), situation(TABLE, seen=TABLE)) is None


def grabs_another(situation: Situation) -> bool:
    """Is a thing that is not the goal at hand?"""
    grabs = [action for action in situation.candidates if action.kind == "grab"]
    return any(action.thing != situation.goal for action in grabs)


def test_other_goals_are_met_too() -> None:
    """A person who has seen the goal and does not take it is somebody else's hypothesis."""
    own = drawn(600, Labelling(twins=False, other_goal=0))
    mixed = drawn(600, Labelling(twins=False, other_goal=1))
    passed = [sum(one.situation.seen is not None for one in some) for some in (own, mixed)]
    grabs = [sum(grabs_another(one.situation) for one in some) for some in (own, mixed)]
    assert passed[1] > 1.5 * passed[0] and grabs[0] == 0 < grabs[1]


def test_labels_of_the_agents_themselves() -> None:
    alike = drawn(200, Labelling(diversity=ALIKE, twins=False, expected=False, other_goal=0))
    for one in alike:
        sensible = [share for share in one.probabilities if share > 0]
        assert sensible == pytest.approx([1 / len(sensible)] * len(sensible))
    varied = drawn(200, Labelling(twins=False, expected=False))
    means = [expected_probabilities(one.situation, DIVERSE) for one in varied]
    assert any(
        np.abs(mean - one.probabilities).max() > 0.1
        for mean, one in zip(means, varied, strict=True)
    )


def test_same_stream_gives_the_same_labels() -> None:
    assert drawn(100) == drawn(100)
    assert drawn(100) != drawn(100, seed=1)
