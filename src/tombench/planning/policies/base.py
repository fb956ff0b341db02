"""What a policy is: log-probabilities of candidate actions, given goal, state and belief."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Annotated, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.errors import UserError
from tombench.planning.situations import Situation
from tombench.schema import STRICT

DecisionRule = Literal["posterior", "last_step", "study"]
"""posterior: all steps and a prior; last_step: the last decision alone; study: the study's rule,
whose key and belief strings are its own (`planning.study`)."""

BeliefWriter = Literal["tracker", "study", "comma", "joined", "normalised"]
"""tracker: places still possible, as the structured tracker has them; the others write the study's
strings: with all their faults (study), and with one fault after the other mended."""


@dataclass(frozen=True)
class Labelled:
    """A situation and how probable each candidate is to the agent that it is of."""

    situation: Situation
    probabilities: tuple[float, ...]


Training = Callable[[Random], Iterator[Labelled]]
"""Situations of simulated agents without end; a function of the random stream alone."""


class Scorer(Protocol):
    """A policy that answers by itself."""

    def log_probs(self, situations: Sequence[Situation]) -> list[NDArray[np.float64]]:
        """log p(candidate | situation) in nats: one array a situation, over its candidates."""
        ...


@checked(frozen=True, config=STRICT)
class PolicySettings:
    """The keys that every file under `configs/policy/` has."""

    name: ClassVar[str]
    asks_model: ClassVar[bool]  # False: it answers by itself, and no weights are loaded

    decision: DecisionRule = "posterior"
    belief_writer: BeliefWriter = "tracker"
    prior_a: Annotated[float, Field(gt=0, lt=1)] = 0.5  # of option (a), before anything is seen

    def __post_init__(self) -> None:
        if self.decision == "study":
            if self.belief_writer == "tracker":
                object.__setattr__(self, "belief_writer", "study")
        elif self.belief_writer != "tracker":
            raise UserError(
                f"policy.belief_writer={self.belief_writer}: the study's strings are read by its "
                "own rule; give policy.decision=study"
            )
        if self.decision == "study" and self.prior_a != 0.5:
            raise UserError(
                f"policy.prior_a={self.prior_a:g}: the study's rule has no prior; leave it out, or "
                "give policy.decision=posterior"
            )

    def fitted_to(self, training: Training) -> str | None:
        """A digest of what a policy is fitted to, for a run's identity; None: to nothing."""
        return None
