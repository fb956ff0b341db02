"""How close a student is to its teacher, measured while it learns, on cells kept for that.

- distance: mean |p - teacher's p| of the first action, p being of the two actions alone.
- right side: share of cells in which both are on one side of 1/2; a student's tie counts half.
- coin: the distance of one who always says 1/2.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from tombench.schema import Item, LikelihoodRequest

BATCH_TOKENS = 16_384
NOBODY = Item("probe", "probe", None)


@dataclass(frozen=True)
class Asked:
    """A question about a cell, and what the teacher does there."""

    group: str  # what it is averaged with
    prompt: str
    labels: tuple[str, str]
    first: float  # the teacher's probability of the first action


def probe_of(asked: Sequence[Asked]) -> Callable[[Any, Any], Mapping[str, float]]:
    """What measures a model and its tokenizer on these cells."""

    def probe(model: Any, tokenizer: Any) -> Mapping[str, float]:
        from tombench.backends.hf.server import HfServer
        from tombench.models.encoding import Encoding
        from tombench.models.load import Loaded

        server = HfServer(Loaded(model, Encoding(tokenizer, None)), BATCH_TOKENS)
        requests = [
            LikelihoodRequest(NOBODY, one.prompt, tuple(f" {label}" for label in one.labels))
            for one in asked
        ]
        odds = [
            response.log_likelihoods[0] - response.log_likelihoods[1]
            for response in server.loglikelihood(requests)
        ]
        return measured(asked, expit(np.array(odds)))

    return probe


def measured(asked: Sequence[Asked], firsts: np.ndarray) -> dict[str, float]:
    """From a student's probabilities of the first action [cells]."""
    teacher = np.array([one.first for one in asked])
    distances = np.abs(firsts - teacher)
    sides = (np.sign(firsts - 0.5) * np.sign(teacher - 0.5) + 1) / 2
    groups = np.array([one.group for one in asked])
    found: dict[str, float] = {}
    for group in dict.fromkeys(groups.tolist()):
        own = groups == group
        found |= {
            f"{group}/distance": float(distances[own].mean()),
            f"{group}/right side": float(sides[own].mean()),
            f"{group}/coin": float(np.abs(teacher[own] - 0.5).mean()),
        }
    return found
