"""mechanism.json as it is shown, against a file of simple numbers."""

import numpy as np
from summary.sparsity_toy import measured

from tombench.summary.sparsity_mechanism import Mechanism, mechanism_of


def shown() -> Mechanism:
    found = mechanism_of(measured())
    assert found is not None
    return found


def test_it_is_of_the_largest_mask():
    assert shown().m == "0.02"
    assert mechanism_of(measured() | {"masked": {}}) is None


def test_matrices_stand_in_the_order_in_which_a_token_meets_them():
    found = shown()
    assert found.weights.columns == ("q_proj", "down_proj") and found.weights.layers == (0, 1)
    assert (found.weights.values == 0.08).all()
    assert [kind.kind for kind in found.kinds] == ["q_proj", "down_proj"]
    assert [(kind.rank, kind.bound) for kind in found.kinds] == [(3.0, 5.0), (None, None)]


def test_shares_are_of_a_heads_or_a_frequencys_own_entries():
    found = shown()
    assert found.heads["query"].values.tolist() == [[6 / 50, 2 / 50]] * 2
    assert found.frequencies["query"].values.tolist() == [[1 / 50, 7 / 50]]
    assert found.frequencies["query"].layers == (0,)


def test_norms_are_means_over_heads_of_layers_that_rotate():
    before, after = shown().norms["query"]
    assert (before.layers, before.columns) == ((0,), ("0", "1"))
    assert before.values.tolist() == [[4.0, 4.0]] and after.values.tolist() == [[2.0, 2.0]]


def test_what_could_not_be_had_is_no_number():
    before, _ = shown().angles["after"]
    assert before.values[0, 0] == 90 and np.isnan(before.values[0, 1])


def test_sinks_dominance_and_stability():
    found = shown()
    assert [(s.sinks, s.shifted, s.before) for s in found.shifts] == [(10, 4, 0.5), (0, 0, 0.5)]
    (dominance,) = found.dominance
    assert (dominance.count, dominance.of, dominance.expected) == (6, 8, 0.5)
    assert [(s.m, s.jaccard) for s in found.stability] == [("0.01", 0.25), ("0.02", 0.5)]
