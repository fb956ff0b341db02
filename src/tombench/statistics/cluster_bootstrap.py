"""Ratios of sums when only clusters are independent: the cluster bootstrap, many ratios at once.

Davison & Hinkley (1997), Bootstrap Methods and their Application, section 3.8: clusters are drawn
with replacement, each with all that it holds, within strata whose sizes are fixed by design. Ratios
that are drawn by the same weights may be subtracted or averaged draw by draw: their draws are
joint.
"""

import numpy as np

from tombench.statistics.intervals import POINT

DRAWS = 2_000
SEED = 0
FEWEST = 2  # clusters; of one nothing shows how far others would lie from it


def resamples(strata: np.ndarray, draws: int = DRAWS, seed: int = SEED) -> np.ndarray:
    """How often each cluster stands in each resample [draws, clusters].

    A stratum's draws depend on its number and size alone: further strata change nothing.

    Args:
        strata: of each cluster the number of its stratum [clusters].
    """
    weights = np.zeros((draws, len(strata)))
    for number in np.unique(strata):
        own = np.flatnonzero(strata == number)
        random = np.random.Generator(np.random.Philox(key=[seed, int(number)]))
        weights[:, own] = random.multinomial(len(own), np.full(len(own), 1 / len(own)), draws)
    return weights


def ratios(sums: np.ndarray, counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Σ sums / Σ counts of every resample [draws, ratios].

    Args:
        sums: what is added up, by cluster and ratio [clusters, ratios].
        counts: over how much, alike; 0 where a cluster holds nothing of a ratio.
        weights: of `resamples` [draws, clusters].

    Returns:
        NaN where a resample holds nothing of a ratio.
    """
    above, below = weights @ sums, weights @ counts
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def percentile_interval(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 2.5 % and 97.5 % points of each column of draws [draws, …], those that are NaN left out.

    Efron & Tibshirani (1993), An Introduction to the Bootstrap, section 13.3. NaN of a column that
    has no number.
    """
    low, high = np.full(draws.shape[1:], np.nan), np.full(draws.shape[1:], np.nan)
    known = ~np.isnan(draws).all(axis=0)
    if known.any():
        low[known], high[known] = np.nanquantile(draws[:, known], [1 - POINT, POINT], axis=0)
    return low, high
