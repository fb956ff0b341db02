"""policy=forgetful: an observer who supposes that the person remembers nothing.

Until the goal is in sight it may be anywhere. What this policy gets right needs no memory, so it is
a control for questions about belief.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass as checked

from tombench.planning.policies.observer import Observer
from tombench.planning.situations import Situation
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Forgetful(Observer):
    """The observer's keys: slip, prior_a, decision, belief_writer."""

    name: ClassVar[str] = "forgetful"

    def log_probs(self, situations: Sequence[Situation]) -> list[NDArray[np.float64]]:
        """log p(candidate | situation) in nats: one array a situation."""
        return super().log_probs([_forgotten(situation) for situation in situations])


def _forgotten(situation: Situation) -> Situation:
    """The same moment with every place still possible."""
    return situation if situation.seen else replace(situation, possible=situation.places)
