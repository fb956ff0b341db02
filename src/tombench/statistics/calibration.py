"""How far probabilities can be trusted: proper scores and the reliability curve."""

from collections.abc import Hashable, Sequence

import numpy as np
from scipy.special import ndtri

from tombench.schema import Metric
from tombench.statistics.intervals import POINT, clustered_variance, numbers

LEAST = 1e-12
"""A probability of nothing would make the log score infinite."""


def brier_score(
    probabilities: Sequence[float], outcomes: Sequence[float], clusters: Sequence[Hashable]
) -> Metric:
    """Mean of (p - outcome)²; 0 best, 0.25 for who always says one half (Brier 1950).

    Args:
        probabilities: of outcome 1, [n].
        outcomes: 0 or 1, [n].
        clusters: the independent unit of each, [n].
    """
    p, o = numbers(probabilities, "probabilities"), numbers(outcomes, "outcomes")
    return _mean((p - o) ** 2, clusters)


def log_score(
    probabilities: Sequence[float], outcomes: Sequence[float], clusters: Sequence[Hashable]
) -> Metric:
    """Mean of -log p(outcome), in nats; 0 best, 0.693 for who always says one half (Good 1952)."""
    p, o = numbers(probabilities, "probabilities"), numbers(outcomes, "outcomes")
    return _mean(-np.log(np.clip(np.where(o == 1, p, 1 - p), LEAST, 1.0)), clusters)


def reliability(
    probabilities: Sequence[float], outcomes: Sequence[float], bins: int = 10
) -> list[dict[str, float]]:
    """Equal bins of p: how many, mean p, share of outcome 1 (Murphy & Winkler 1977)."""
    p, o = numbers(probabilities, "probabilities"), numbers(outcomes, "outcomes")
    number = np.minimum((p * bins).astype(int), bins - 1)
    return [
        {
            "low": one / bins,
            "high": (one + 1) / bins,
            "n": int((number == one).sum()),
            "mean_probability": float(p[number == one].mean()),
            "share": float(o[number == one].mean()),
        }
        for one in range(bins)
        if (number == one).any()
    ]


def _mean(values: np.ndarray, clusters: Sequence[Hashable]) -> Metric:
    """A mean with its 95 % interval, clusters independent; normal approximation."""
    count = len({str(cluster) for cluster in clusters})
    mean = float(values.mean())
    if count < 2:
        return Metric(mean, 0.0, float(values.max()), len(values), count)
    spread = float(ndtri(POINT)) * float(np.sqrt(clustered_variance(values, clusters)))
    return Metric(mean, max(0.0, mean - spread), mean + spread, len(values), count)
