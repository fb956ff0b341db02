"""Distances of a student from its teacher, by hand."""

import numpy as np
import pytest

from tombench.tasks.games_probe import Asked, measured


def test_distance_and_side_by_group() -> None:
    asked = [
        Asked("plain", "", ("C", "D"), 0.9),
        Asked("plain", "", ("C", "D"), 0.3),
        Asked("in context", "", ("D", "C"), 0.2),
    ]
    found = measured(asked, np.array([0.7, 0.6, 0.5]))
    assert found == {
        "plain/distance": pytest.approx((0.2 + 0.3) / 2),
        "plain/right side": 0.5,
        "plain/coin": pytest.approx((0.4 + 0.2) / 2),
        "in context/distance": pytest.approx(0.3),
        "in context/right side": 0.5,
        "in context/coin": pytest.approx(0.3),
    }
