"""Several tests of one family: p-values that allow for their number."""

from collections.abc import Sequence

import numpy as np

from tombench.statistics.intervals import numbers


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted by the step-down method of Holm (1979), in the order given.

    The k-th smallest of m becomes max over j ≤ k of (m − j + 1)·p_(j), at most 1: to reject those
    below α errs anywhere in the family with probability α at most, however the tests depend on
    each other.

    Raises:
        ValueError: a p-value is NaN.
    """
    values = numbers(p_values, "p-values")
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted.tolist()
