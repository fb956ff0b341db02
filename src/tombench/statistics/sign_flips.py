"""The sign-flip test of many mean differences over the same items, at the cost of one."""

import numpy as np

from tombench.statistics.paired import CHUNK, DRAWN, ENUMERATED, SEED, TIE, sign_flip


def sign_flips(differences: np.ndarray) -> np.ndarray:
    """Two-sided p of each column's mean [tests], of differences [items, tests]; NaN counts as 0.

    As `paired.sign_flip` of every column: exact for few items that differ, or that differ by one
    amount, else by the same 99,999 drawn patterns for all (an item that does not differ changes
    no sum, so it may stand among them).
    """
    values = np.nan_to_num(differences)
    sizes = np.abs(values)
    largest = sizes.max(axis=0, initial=0.0)
    values = np.where(sizes > TIE * largest, values, 0.0)
    found = np.ones(values.shape[1])
    drawn = np.array([not _exact(column) for column in values.T], dtype=bool)
    for place in np.flatnonzero(~drawn):
        found[place] = sign_flip(values[:, place])
    if drawn.any():
        found[drawn] = _drawn(values[:, drawn])
    return found


def _exact(values: np.ndarray) -> bool:
    """Does `sign_flip` need no drawn patterns for these?"""
    sizes = np.abs(values[values != 0])
    return len(sizes) <= ENUMERATED or bool(np.ptp(sizes) <= TIE * sizes.max())


def _drawn(values: np.ndarray) -> np.ndarray:
    least = np.abs(values.sum(axis=0)) - TIE * np.abs(values).sum(axis=0)
    extreme = np.zeros(values.shape[1], dtype=int)
    random = np.random.Generator(np.random.Philox(SEED))
    for start in range(0, DRAWN, CHUNK):
        shape = min(CHUNK, DRAWN - start), len(values)
        kept = random.integers(0, 2, shape, dtype=np.int8)
        extreme += np.sum(np.abs((2.0 * kept - 1.0) @ values) >= least, axis=0)
    return (1 + extreme) / (1 + DRAWN)
