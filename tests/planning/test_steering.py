"""Combining three models over a candidate set: by hand, with probabilities that are easy to see."""

import numpy as np
import pytest

from tombench.planning.steering import (
    alpha_name,
    alpha_sweep,
    combinations,
    naive_sum,
    normalised,
    steer,
    steered,
)

LARGE = np.log([0.5, 0.25, 0.25])
TUNED = np.log([0.2, 0.6, 0.2])
UNTUNED = np.log([0.4, 0.3, 0.3])
PARTS = {"large": LARGE, "tuned": TUNED, "untuned": UNTUNED}


def probabilities(scores):
    return pytest.approx(np.exp(scores))


def test_scores_are_normalised_over_the_candidates():
    assert normalised(np.array([-3.0, -3.0 - np.log(3)])) == pytest.approx(np.log([0.75, 0.25]))
    table = normalised(np.array([[0.0, 0.0], [-900.0, -900.0]]))
    assert table == pytest.approx(np.full((2, 2), np.log(0.5)))


def test_steered_by_hand():
    # L * E / N: .5 * .5, .25 * 2, .25 * 2/3 = 3/12, 6/12, 2/12 of 11/12
    assert probabilities(steer(LARGE, TUNED, UNTUNED, 1.0)) == [3 / 11, 6 / 11, 2 / 11]
    # squared: .5 * 1/4, .25 * 4, .25 * 4/9 = 9/72, 72/72, 8/72
    assert probabilities(steer(LARGE, TUNED, UNTUNED, 2.0)) == [9 / 89, 72 / 89, 8 / 89]
    assert probabilities(steer(LARGE, TUNED, UNTUNED, 0.0)) == [0.5, 0.25, 0.25]


def test_each_part_is_normalised_first():
    moved = steer(LARGE - 40.0, TUNED + 3.0, UNTUNED - 7.0, 1.0)
    assert moved == pytest.approx(steer(LARGE, TUNED, UNTUNED, 1.0))


def test_naive_addition_by_hand():
    # .5 * .2, .25 * .6, .25 * .2 = 2, 3, 1 of 6
    assert probabilities(naive_sum(LARGE, TUNED)) == [2 / 6, 3 / 6, 1 / 6]


def test_a_tuned_model_that_did_not_move_changes_nothing():
    for values in alpha_sweep({**PARTS, "tuned": UNTUNED}, [-1.0, 0.5, 3.0]).values():
        assert values == pytest.approx(LARGE)


def test_a_candidate_without_any_probability_stays_finite():
    never = np.array([0.0, -np.inf])
    even = np.log([0.5, 0.5])
    assert np.exp(steer(even, never, even, 1.0)) == pytest.approx([1.0, 0.0])
    assert steer(even, never, never, 1.0) == pytest.approx(even)
    assert normalised(np.array([-np.inf, -np.inf])) == pytest.approx(even)
    assert np.isfinite(steer(never, even, never, 1.0)).all()


def test_all_that_is_told_of_three_models():
    found = steered(PARTS, [0.0, 0.25, 1.0])
    assert tuple(found) == combinations([0.0, 0.25, 1.0])
    assert tuple(found)[:3] == ("alpha=0", "alpha=0.25", "alpha=1")
    assert tuple(found)[3:] == ("naive_sum", "large", "tuned", "untuned")
    assert found["alpha=0"] == pytest.approx(LARGE)
    assert found["large"] == pytest.approx(LARGE)
    assert found["alpha=1"] == pytest.approx(steer(LARGE, TUNED, UNTUNED, 1.0))
    assert found["untuned"] == pytest.approx(UNTUNED)
    for values in found.values():
        assert np.exp(values).sum() == pytest.approx(1.0)


def test_many_situations_at_once():
    several = {role: np.stack([own, own[::-1]]) for role, own in PARTS.items()}
    for name, values in steered(several, [0.5]).items():
        alone = steered(PARTS, [0.5])[name]
        assert values == pytest.approx(np.stack([alone, alone[::-1]])), name


def test_an_alpha_is_named_briefly():
    assert [alpha_name(alpha) for alpha in (1.0, 0.25, 2)] == ["alpha=1", "alpha=0.25", "alpha=2"]
