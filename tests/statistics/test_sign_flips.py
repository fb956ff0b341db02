"""Many tests at once come to what each comes to alone."""

from itertools import combinations

import numpy as np
import pytest

from tombench.statistics.paired import sign_flip
from tombench.statistics.sign_flips import sign_flips, sign_flips_of_pairs


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
    assert sign_flips(table).tolist() == [sign_flip(column) for column in table.T]


@pytest.mark.parametrize(("items", "answers"), [(16, 20), (40, 20), (40, 1), (300, 3)])
def test_each_pair_is_tested_as_alone(items, answers):
    """Means of counts, of which some are equal in both; means of one answer; exact and drawn."""
    random = np.random.default_rng(2)
    chance = random.beta(2, 2, (items, 1)) * [0.7, 0.8, 0.9, 1.0]
    scores = random.binomial(answers, chance) / answers
    pairs = list(combinations(range(4), 2))
    alone = [sign_flip(scores[:, a] - scores[:, b]) for a, b in pairs]
    assert sign_flips_of_pairs(scores, pairs).tolist() == alone
    assert min(alone) > 0 and len(set(alone)) > 3


def test_no_columns_no_p():
    assert sign_flips(np.zeros((4, 0))).tolist() == []
