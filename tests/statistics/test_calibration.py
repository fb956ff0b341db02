"""Proper scores by hand."""

import math

import pytest

from tombench.statistics.calibration import brier_score, log_score, reliability

P = (0.9, 0.6, 0.2, 0.5)
OUTCOMES = (1, 0, 0, 1)
CLUSTERS = ("a", "a", "b", "c")


def test_brier_by_hand():
    found = brier_score(P, OUTCOMES, CLUSTERS)
    assert found.value == pytest.approx((0.01 + 0.36 + 0.04 + 0.25) / 4)
    assert (found.n, found.clusters) == (4, 3)
    assert found.low < found.value < found.high


def test_log_score_by_hand():
    expected = -(math.log(0.9) + math.log(0.4) + math.log(0.8) + math.log(0.5)) / 4
    assert log_score(P, OUTCOMES, CLUSTERS).value == pytest.approx(expected)


def test_who_says_one_half_gets_log_two():
    assert log_score((0.5, 0.5), (0, 1), ("a", "b")).value == pytest.approx(math.log(2))
    assert brier_score((0.5, 0.5), (0, 1), ("a", "b")).value == 0.25


def test_what_was_held_impossible_and_happened_costs_much_and_not_all():
    found = log_score((0.0, 1.0), (1, 1), ("a", "b")).value
    assert found == pytest.approx(-math.log(1e-12) / 2)


def test_reliability_has_a_row_for_each_bin_that_holds_any():
    rows = reliability((0.05, 0.02, 0.95, 1.0), (0, 1, 1, 1), bins=10)
    assert [(row["low"], row["n"], row["share"]) for row in rows] == [(0.0, 2, 0.5), (0.9, 2, 1.0)]
    assert rows[0]["mean_probability"] == pytest.approx(0.035)
