"""Holm's adjustment against a hand calculation and its definition."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tombench.statistics.multiplicity import holm


def test_by_hand() -> None:
    """.01·4, .02·3, .03·2 raised to .06, .04·1 raised to .06; in the order given."""
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])


def test_ends() -> None:
    assert holm([]) == []
    assert holm([0.3]) == [0.3]
    assert holm([0.6, 0.7]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.001, 0.5))
def test_rejects_what_holm_rejects(p_values: list[float], alpha: float) -> None:
    """Step down: reject the smallest while p ≤ α/(tests left)."""
    rejected, order = set(), sorted(range(len(p_values)), key=lambda i: p_values[i])
    for step, place in enumerate(order):
        if p_values[place] * (len(p_values) - step) > alpha:
            break
        rejected.add(place)
    assert {i for i, p in enumerate(holm(p_values)) if p <= alpha} == rejected


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="1 of 3 p-values are NaN"):
        holm([0.1, math.nan, 0.2])
