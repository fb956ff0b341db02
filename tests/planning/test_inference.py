"""The posterior against sums that are written out."""

import math
from itertools import product

import numpy as np
import pytest
from planning.apartments import (
    CABINET,
    FRIDGE,
    STOVE,
    belief_query,
    closes,
    episode,
    opens,
    start,
    walk,
)

from tombench.planning.episode import Claim, Event, Hypothesis, Query
from tombench.planning.inference import infer, paths
from tombench.planning.policies.observer import Observer


def posterior(*events: Event, query: Query | None = None, prior_a: float = 0.5, slip: float = 0.02):
    asked = episode(*events, query=query)
    known = paths(asked)
    scored = Observer(slip=slip).log_probs([one.situation for one in known.all])
    taken = [
        values[one.situation.candidates.index(one.action)]
        for one, values in zip(known.all, scored, strict=True)
    ]
    return infer(asked, known, taken, prior_a)


def test_a_walk_to_a_place_that_only_one_belief_holds_possible():
    """Kitchen table seen: of fridge, stove, sofa, cabinet the fridge is asked for."""
    found = posterior(start("kitchen"), walk(FRIDGE), query=belief_query("plate", FRIDGE))
    inside = 0.98 / 4 + 0.02 / 5
    outside = 0.02 / 5
    assert found.probability_a == pytest.approx(inside / (inside + outside), abs=1e-12)
    assert found.answer == "a"


def test_a_walk_elsewhere_speaks_against_by_one_place_in_four():
    found = posterior(start("kitchen"), walk(STOVE), query=belief_query("plate", FRIDGE))
    with_fridge, without = 0.98 / 4 + 0.02 / 5, 0.98 / 3 + 0.02 / 5
    assert found.log_odds == pytest.approx(math.log(with_fridge / without), abs=1e-12)
    assert found.answer == "b"


def test_who_closes_what_holds_the_goal_did_not_want_it():
    """Fridge opened and closed: it holds the apple (a), and no plate (b)."""
    found = posterior(start("kitchen"), walk(FRIDGE), opens(FRIDGE), closes(FRIDGE))
    candidates = 6  # four other places, close, grab
    if_apple = 0.02 / candidates
    if_plate = 0.98 + 0.02 / (candidates - 1)
    assert found.steps[-1].log_likelihoods == pytest.approx(
        (math.log(if_apple), math.log(if_plate))
    )


def test_equal_evidence_is_a_tie_and_a_prior_breaks_it():
    assert posterior(start("kitchen"), walk(CABINET)).answer is None
    assert posterior(start("kitchen"), walk(CABINET), prior_a=0.6).answer == "a"


def test_a_stated_belief_is_true_of_the_goal_that_it_names():
    stated = Claim("apple", FRIDGE, inside=False)
    query = Query("2.1", (Hypothesis("apple"), Hypothesis("plate")), stated)
    assert posterior(start("kitchen"), walk(FRIDGE), query=query).answer == "b"


def test_over_time_adds_up_step_by_step():
    found = posterior(start("kitchen"), walk(FRIDGE), opens(FRIDGE), closes(FRIDGE), prior_a=0.7)
    gains = [a - b for a, b in (step.log_likelihoods for step in found.steps)]
    assert found.over_time == pytest.approx(math.log(0.7 / 0.3) + np.cumsum([0, *gains]))


def test_the_last_step_alone():
    asked = episode(start("kitchen"), walk(FRIDGE), opens(FRIDGE), closes(FRIDGE))
    known = paths(asked)
    found = infer(asked, known, [-1, -2, -3, -1, -2, -9], rule="last_step")
    assert found.log_odds == 6


def test_the_posterior_agrees_with_brute_force_over_all_action_sequences():
    """Every sequence of two walks: joint probabilities of goal and walks, added up and divided."""
    places = [one.place for one in episode().furnishings]
    total = {"a": 0.0, "b": 0.0}
    for first, second in product(places, repeat=2):
        if first == second or first.name == "kitchentable":
            continue
        asked = episode(start("kitchen"), walk(first), walk(second))
        known = paths(asked)
        observer = Observer(slip=0.1)
        joint = {"a": 0.3, "b": 0.7}
        for name, path in (("a", known.a), ("b", known.b)):
            for one in path:
                values = np.exp(observer.log_probs([one.situation])[0])
                assert values.sum() == pytest.approx(1, abs=1e-12)
                joint[name] *= values[one.situation.candidates.index(one.action)]
            total[name] += joint[name]
        found = posterior(*asked.events, prior_a=0.3, slip=0.1)
        assert found.probability_a == pytest.approx(
            joint["a"] / (joint["a"] + joint["b"]), abs=1e-9
        )
    assert 0 < total["a"] < 0.3
