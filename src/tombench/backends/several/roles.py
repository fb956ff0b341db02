"""Which of several models a request is for, and how their parts are weighed."""

from collections.abc import Sequence
from dataclasses import dataclass

LARGE, TUNED, UNTUNED = "large", "tuned", "untuned"
ROLES = (LARGE, TUNED, UNTUNED)
"""Of weak-to-strong: the large model; the small one post-trained, and as it was before."""

TOKENS = "tokens"
"""The role of requests that all three answer together, combined token by token."""

GROUPS = {TUNED: "model", LARGE: "large", UNTUNED: "untuned"}
"""The configuration group that a role's model comes from."""


@dataclass(frozen=True)
class Mix:
    """Weights of the three models' logits: log p = log_softmax(their weighted sum)."""

    large: float
    tuned: float
    untuned: float

    @property
    def weights(self) -> dict[str, float]:
        """By role, parts that do not count left out."""
        own = {LARGE: self.large, TUNED: self.tuned, UNTUNED: self.untuned}
        return {role: weight for role, weight in own.items() if weight}

    @property
    def name(self) -> str:
        """The part that a cache keeps it under."""
        return f"{self.large!r} {self.tuned!r} {self.untuned!r}"


ABLATIONS = (Mix(1.0, 1.0, 0.0), Mix(1.0, 0.0, 0.0), Mix(0.0, 1.0, 0.0), Mix(0.0, 0.0, 1.0))
"""Naive addition, and each part alone."""


def mixes_of(alphas: Sequence[float]) -> tuple[Mix, ...]:
    """large + alpha * (tuned - untuned) for each alpha, then the ablations.

    Liu et al. 2024, "Tuning language models by proxy", section 2.
    """
    steered = (Mix(1.0, float(alpha), 0.0 - alpha) for alpha in alphas)  # no -0.0
    return (*steered, *ABLATIONS)
