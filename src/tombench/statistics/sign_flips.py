"""The sign-flip test of many mean differences over the same items, at the cost of one."""

from collections.abc import Sequence

import numpy as np

from tombench.statistics.paired import drawn_sign_flips, exact_sign_flip


def sign_flips(differences: np.ndarray) -> np.ndarray:
    """Two-sided p of each column's mean [tests], of differences [items, tests]; NaN counts as 0.

    As `paired.sign_flip` of every column, to the last digit: exact for few items that differ, or
    that differ by one amount, else by the same 99,999 drawn patterns for all.
    """
    values = np.nan_to_num(differences)
    return sign_flips_of_pairs(values, [(place, None) for place in range(values.shape[1])])


def sign_flips_of_pairs(scores: np.ndarray, pairs: Sequence[tuple[int, int | None]]) -> np.ndarray:
    """Two-sided p of the mean difference of each pair of conditions over the same items [pairs].

    Args:
        scores: of each condition [items, conditions], none of them NaN.
        pairs: places of two conditions; None in place of the second: nothing is taken off.
    """
    known = [
        exact_sign_flip(
            scores[:, first] if second is None else scores[:, first] - scores[:, second]
        )
        for first, second in pairs
    ]
    drawn = [place for place, p in enumerate(known) if p is None]
    found = np.array([np.nan if p is None else p for p in known])
    if drawn:
        found[drawn] = drawn_sign_flips(scores, [pairs[place] for place in drawn])
    return found
