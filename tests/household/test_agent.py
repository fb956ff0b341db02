"""The law by which agents act, against probabilities worked out by hand."""

from dataclasses import replace
from math import exp
from random import Random

import numpy as np
import pytest
from household.homes import APARTMENT, CABINET, FRIDGE, SOFA, STOVE, TABLE, agent, situation

from tombench.household.agent import (
    ALIKE,
    DIVERSE,
    Diversity,
    Habits,
    action_probabilities,
    at_hand,
    claims_of,
    draw_agent,
    expected_probabilities,
    habits_of,
)
from tombench.household.world import draw_apartment
from tombench.planning.episode import Claim, Place
from tombench.planning.situations import Action

WALKS = tuple(Action("walk", place) for place in (FRIDGE, STOVE, TABLE, SOFA, CABINET))
FROM_FRIDGE = (*WALKS[1:], Action("open", FRIDGE))


def test_targets_are_alike_without_nearness() -> None:
    here = situation(FRIDGE, SOFA, CABINET, candidates=WALKS)
    found = action_probabilities(here, Habits(slip=0.1))
    assert found == pytest.approx([0.32, 0.02, 0.02, 0.32, 0.32])  # 0.9 / 3 + 0.1 / 5


def test_another_room_costs_nearness() -> None:
    here = situation(FRIDGE, SOFA, candidates=WALKS)
    share = 1 / (1 + exp(-1.2))
    found = action_probabilities(here, Habits(nearness=1.2, slip=0))
    assert found == pytest.approx([share, 0, 0, 1 - share, 0])


def test_weights_are_of_places() -> None:
    here = situation(FRIDGE, STOVE, candidates=WALKS)
    found = action_probabilities(here, Habits(slip=0, weights={FRIDGE: 3.0, STOVE: 1.0}))
    assert found == pytest.approx([0.75, 0.25, 0, 0, 0])
    weighted = replace(agent("plate"), weights=(3.0, 1.0, 2.0, 2.0, 2.0))
    assert habits_of(weighted, APARTMENT).weights[FRIDGE] == 3.0


def test_who_knows_goes_there_unless_it_is_not_there() -> None:
    known = Habits(slip=0, known=frozenset({CABINET}))
    here = situation(FRIDGE, SOFA, CABINET, candidates=WALKS)
    assert action_probabilities(here, known) == pytest.approx([0, 0, 0, 0, 1])
    looked = situation(FRIDGE, SOFA, candidates=WALKS)
    assert action_probabilities(looked, known) == pytest.approx([0.5, 0, 0, 0.5, 0])
    assert habits_of(agent("plate", knows=True), APARTMENT).known == {FRIDGE, CABINET}
    assert habits_of(agent("plate"), APARTMENT).known == frozenset()


def test_a_closed_container_is_opened_if_it_may_hold_the_goal() -> None:
    here = situation(FRIDGE, SOFA, at=FRIDGE, candidates=FROM_FRIDGE)
    assert action_probabilities(here, Habits(slip=0)) == pytest.approx([0, 0, 0, 0, 1])
    excluded = situation(SOFA, at=FRIDGE, candidates=FROM_FRIDGE)
    assert action_probabilities(excluded, Habits(slip=0)) == pytest.approx([0, 0, 1, 0, 0])


def test_an_open_container_is_closed_without_the_goal_and_the_goal_grabbed() -> None:
    assert at_hand(situation(SOFA, at=FRIDGE, is_open=True)) == Action("close", FRIDGE)
    inside = situation(FRIDGE, at=FRIDGE, is_open=True, seen=FRIDGE)
    assert at_hand(inside) == Action("grab", FRIDGE, "plate")
    assert at_hand(situation(TABLE, at=TABLE, seen=TABLE)) == Action("grab", TABLE, "plate")


def test_what_was_seen_in_a_container_that_is_closed_again_is_behind_its_door() -> None:
    assert at_hand(situation(FRIDGE, at=FRIDGE, seen=FRIDGE)) == Action("open", FRIDGE)


def test_a_surface_is_never_opened() -> None:
    assert at_hand(situation(TABLE, SOFA, at=TABLE)) is None


def test_where_nothing_is_possible_all_is_alike() -> None:
    found = action_probabilities(situation(candidates=WALKS), Habits())
    assert found == pytest.approx([0.2] * 5)


def test_expected_probabilities_are_the_mean_over_agents() -> None:
    """Against a fine grid of nearness; and one place of many for those who know."""
    here = situation(FRIDGE, STOVE, SOFA, candidates=WALKS)
    diversity = Diversity(knowledge=0.3, slip=0.05, nearness=1.5)
    grid = (np.arange(4000) + 0.5) / 4000 * 1.5
    unknowing = np.mean([action_probabilities(here, Habits(near, 0.05)) for near in grid], axis=0)
    knowing = np.mean(
        [
            action_probabilities(here, Habits(1.0, 0.05, frozenset({place})))
            for place in (FRIDGE, STOVE, SOFA)
        ],
        axis=0,
    )
    expected = 0.7 * unknowing + 0.3 * knowing
    assert expected_probabilities(here, diversity) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("possible", [(FRIDGE, STOVE), (SOFA,), (), (SOFA, FRIDGE)])
def test_expected_probabilities_add_up(possible: tuple[Place, ...]) -> None:
    for diversity in (DIVERSE, ALIKE):
        found = expected_probabilities(situation(*possible, candidates=WALKS), diversity)
        assert found.sum() == pytest.approx(1)
    alike = Diversity(nearness=0, knowledge=0, slip=0)
    if possible:
        share = [walk.place in possible for walk in WALKS]
        found = expected_probabilities(situation(*possible, candidates=WALKS), alike)
        assert found == pytest.approx(np.array(share) / len(possible))


def test_agents_differ_as_diversity_says() -> None:
    drawn = []
    for number in range(600):
        rng = Random(number)
        apartment = draw_apartment(rng)
        drawn.append((apartment, draw_agent(rng, apartment, DIVERSE)))
    places = sum(len(apartment.furnishings) for apartment, one in drawn if not one.knows)
    excluded = sum(len(one.excluded) for _, one in drawn if not one.knows)
    assert excluded / places == pytest.approx(0.25, abs=0.03)
    assert sum(one.knows for _, one in drawn) / 600 == pytest.approx(0.1, abs=0.04)
    assert np.mean([one.nearness for _, one in drawn]) == pytest.approx(0.75, abs=0.06)
    present = [
        any(one.goal in furnishing.contents for furnishing in apartment.furnishings)
        for apartment, one in drawn
    ]
    assert 0.85 < np.mean(present) < 0.99
    for apartment, one in drawn:
        assert len(one.excluded) < len(apartment.furnishings)
        if one.knows:
            known = habits_of(one, apartment).known
            assert known and not known & one.excluded


def test_alike_agents_exclude_and_know_nothing() -> None:
    for number in range(50):
        rng = Random(number)
        one = draw_agent(rng, draw_apartment(rng), ALIKE)
        assert not one.excluded and not one.knows and one.nearness == 0 and one.slip == 0


def test_exclusions_are_claims_about_the_goal() -> None:
    assert claims_of(agent("plate", SOFA, FRIDGE)) == (
        Claim("plate", FRIDGE, inside=False),
        Claim("plate", SOFA, inside=False),
    )
