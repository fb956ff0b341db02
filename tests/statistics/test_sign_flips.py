"""Many tests at once come to what each comes to alone."""

import numpy as np
import pytest

from tombench.statistics.paired import sign_flip
from tombench.statistics.sign_flips import sign_flips


def test_by_hand():
    columns = np.array([[1.0, 1.0, 0.0], [2.0, -2.0, 0.0], [4.0, np.nan, 0.0]])
    # all of one sign: 2 of 8 patterns; 1 − 2: all 4 patterns of two reach |−1|; nothing differs
    assert sign_flips(columns).tolist() == [2 / 8, 1.0, 1.0]


def test_each_column_is_tested_as_alone():
    random = np.random.default_rng(1)
    few = np.where(random.random((30, 2)) < 0.5, 0.0, random.normal(0.3, 1, (30, 2)))
    alike = random.choice([-1.0, 0.0, 1.0], (30, 1), p=[0.1, 0.1, 0.8])  # McNemar's, exact
    many = random.normal(0.35, 1, (30, 2))  # patterns are drawn
    table = np.hstack([few, alike, many])
    alone = [sign_flip(column) for column in table.T]
    assert sign_flips(table)[:3].tolist() == alone[:3]
    assert sign_flips(table)[3:] == pytest.approx(alone[3:], abs=0.005)
    assert sign_flips(many[:, :1]) == pytest.approx(alone[3], abs=1e-12)


def test_no_columns_no_p():
    assert sign_flips(np.zeros((4, 0))).tolist() == []
