"""Weak-to-strong over a candidate set: what post-training did to a small model steers a large one.

Each model's scores of all candidates are first normalised over them, so that they are log P(action)
and models need no common vocabulary; then

    log P = log P_large + alpha * (log P_tuned - log P_untuned) + constant,

normalised again: Liu et al. 2024, "Tuning language models by proxy", section 2, with actions in the
place of tokens. Scores are in nats, candidates along the last axis. Once the three parts are known,
any alpha costs a few additions.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from tombench.backends.several.roles import LARGE, TUNED, UNTUNED

Scores = NDArray[np.float64]

NAIVE = "naive_sum"
LEAST = -745.0
"""Nats below the best candidate at which scores are cut off: exp of less is 0 in double precision.

A model can give a candidate no probability at all; differences of such scores stay finite."""


def normalised(scores: Scores) -> Scores:
    """log P of each candidate; where a model gives none any probability, all are alike."""
    best = scores.max(-1, keepdims=True)
    reachable = np.isfinite(best)
    below = np.where(reachable, scores - np.where(reachable, best, 0.0), 0.0)
    cut = np.maximum(below, LEAST)
    return cut - logsumexp(cut, axis=-1, keepdims=True)


def steer(large: Scores, tuned: Scores, untuned: Scores, alpha: float) -> Scores:
    """log P of each candidate under the large model, steered; alpha 0 is the large one alone."""
    shift = normalised(tuned) - normalised(untuned)
    return normalised(normalised(large) + alpha * shift)


def naive_sum(large: Scores, tuned: Scores) -> Scores:
    """log P of each candidate under the product of both models: an ablation of `steer`."""
    return normalised(normalised(large) + normalised(tuned))


def alpha_sweep(parts: Mapping[str, Scores], alphas: Sequence[float]) -> dict[float, Scores]:
    """`steer` at each alpha, from the three models' scores by role."""
    large, tuned, untuned = (parts[role] for role in (LARGE, TUNED, UNTUNED))
    return {alpha: steer(large, tuned, untuned, alpha) for alpha in alphas}


def steered(parts: Mapping[str, Scores], alphas: Sequence[float]) -> dict[str, Scores]:
    """log P of each candidate, by the names of `combinations`."""
    swept = alpha_sweep(parts, alphas)
    return {
        **{alpha_name(alpha): values for alpha, values in swept.items()},
        NAIVE: naive_sum(parts[LARGE], parts[TUNED]),
        **{role: normalised(parts[role]) for role in (LARGE, TUNED, UNTUNED)},
    }


def combinations(alphas: Sequence[float]) -> tuple[str, ...]:
    """All that is told of three models: each alpha, naive addition, each part alone.

    In the order in which a server that combines token by token gives them (`backends.several`).
    """
    return (*map(alpha_name, alphas), NAIVE, LARGE, TUNED, UNTUNED)


def alpha_name(alpha: float) -> str:
    """What an alpha of the sweep is called among scores."""
    return f"alpha={alpha:g}"
