"""policy=log_linear: p(action) = softmax(w . features), fitted to agents of our simulator.

Seventeen weights, maximum likelihood with soft labels (the agents' own action probabilities) and a
small Gaussian prior; convex, so the weights do not depend on where the fit begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass as checked
from scipy.optimize import minimize
from scipy.special import logsumexp

from tombench.config import identity_hash
from tombench.planning.policies.base import Labelled, PolicySettings, Scorer, Training
from tombench.planning.situations import Action, Situation
from tombench.schema import STRICT

FEATURES = (
    *("walk", "walk possible", "walk in room", "walk possible in room"),
    *("walk seen", "walk seen in room", "walk while open", "walk from possible"),
    *("open", "open possible", "open seen", "close", "close with goal", "close possible"),
    *("grab goal", "grab goal seen", "grab other"),
)
"""What each weight is of."""

DIGESTED = 300
"""Situations that stand for the simulator in a run's identity."""


@checked(frozen=True, config=STRICT)
class LogLinear(PolicySettings):
    """The settings of `configs/policy/log_linear.yaml`."""

    name: ClassVar[str] = "log_linear"
    asks_model: ClassVar[bool] = False

    situations: Annotated[int, Field(ge=100)] = 6000  # of simulated agents, that it is fitted to
    prior_scale: Annotated[float, Field(gt=0)] = 10.0  # standard deviation of a weight
    fit_seed: Annotated[int, Field(ge=0)] = 0

    def scorer(self, training: Training) -> Scorer:
        """Fit the weights to the simulator's agents; a few seconds."""
        examples = list(islice(training(self._stream()), self.situations))
        return Fitted(fit(examples, self.prior_scale))

    def fitted_to(self, training: Training) -> str:
        """Of the first situations, which tell one state of the simulator from another."""
        first = list(islice(training(self._stream()), min(DIGESTED, self.situations)))
        return identity_hash({"situations": first})

    def _stream(self) -> Random:
        return Random(f"log_linear/{self.fit_seed}")


@dataclass(frozen=True, eq=False)
class Fitted:
    """Weights, in the order of FEATURES."""

    weights: NDArray[np.float64]  # (features,)

    def log_probs(self, situations: Sequence[Situation]) -> list[NDArray[np.float64]]:
        """log p(candidate | situation) in nats; each array's probabilities add up to 1."""
        scores = (features(situation) @ self.weights for situation in situations)
        return [own - logsumexp(own) for own in scores]


def features(situation: Situation) -> NDArray[np.float64]:
    """Of each candidate, (candidates, features), zeros and ones."""
    return np.array([_features(situation, action) for action in situation.candidates], float)


def _features(situation: Situation, action: Action) -> list[bool]:
    possible, seen = action.place in situation.possible, action.place == situation.seen
    in_room = action.place.room == situation.room
    kind, goal = action.kind, action.thing == situation.goal
    walk = kind == "walk"
    return [
        *(walk, walk and possible, walk and in_room, walk and possible and in_room),
        *(walk and seen, walk and seen and in_room, walk and situation.is_open),
        walk and situation.at in situation.possible,
        *(kind == "open", kind == "open" and possible, kind == "open" and seen),
        *(kind == "close", kind == "close" and seen, kind == "close" and possible),
        *(kind == "grab" and goal, kind == "grab" and goal and seen, kind == "grab" and not goal),
    ]


def fit(examples: Sequence[Labelled], prior_scale: float) -> NDArray[np.float64]:
    """Weights (features,) that make the labels most probable, under N(0, prior_scale) each."""
    rows = np.concatenate([features(example.situation) for example in examples])
    labels = np.concatenate([np.array(example.probabilities) for example in examples])
    sizes = [len(example.probabilities) for example in examples]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owner = np.repeat(np.arange(len(sizes)), sizes)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = rows @ weights
        highest = np.maximum.reduceat(scores, starts)
        unnormalised = np.exp(scores - highest[owner])
        totals = np.add.reduceat(unnormalised, starts)
        log_probs = scores - highest[owner] - np.log(totals)[owner]
        error = unnormalised / totals[owner] - labels
        penalty = weights / prior_scale**2 / len(sizes)
        value = -(labels * log_probs).sum() / len(sizes) + 0.5 * float(penalty @ weights)
        return value, rows.T @ error / len(sizes) + penalty

    start = np.zeros(rows.shape[1])
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
