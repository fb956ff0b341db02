"""policy=observer: a person does what is sensible, and now and then anything. Nothing is fitted.

With probability 1 - slip one of the sensible actions, all alike; else any candidate. Sensible is:
to grab the goal where it is seen at hand; to close an open container without it; to open a closed
one that may hold it; else to walk to where it may be. Compare the noisily rational agents of
inverse planning (Baker, Saxe & Tenenbaum 2009, "Action understanding as inverse planning").
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.planning.policies.base import PolicySettings, Scorer, Training
from tombench.planning.situations import Action, Situation
from tombench.schema import STRICT


@checked(frozen=True, config=STRICT)
class Observer(PolicySettings):
    """The settings of `configs/policy/observer.yaml`."""

    name: ClassVar[str] = "observer"
    asks_model: ClassVar[bool] = False

    slip: Annotated[float, Field(gt=0, lt=1)] = 0.02

    def scorer(self, training: Training) -> Scorer:
        """The observer itself: it needs no training."""
        return self

    def log_probs(self, situations: Sequence[Situation]) -> list[NDArray[np.float64]]:
        """log p(candidate | situation) in nats; each array's probabilities add up to 1."""
        return [np.log(self._probabilities(situation)) for situation in situations]

    def _probabilities(self, situation: Situation) -> NDArray[np.float64]:
        wanted = sensible(situation)
        found = np.array([action in wanted for action in situation.candidates], float)
        slip = self.slip if found.any() else 1.0
        share = found / max(found.sum(), 1.0)
        return (1 - slip) * share + slip / len(situation.candidates)


def sensible(situation: Situation) -> set[Action]:
    """What somebody does who knows what they want; may be empty where nothing is possible."""
    here, possible = situation.at, set(situation.possible)
    at_hand = {action.kind: action for action in situation.candidates if action.kind != "walk"}
    grab = at_hand.get("grab")
    if here is not None and situation.seen == here and grab and grab.thing == situation.goal:
        return {grab}
    if situation.is_open and "close" in at_hand:
        return {at_hand["close"]}
    if here in possible and "open" in at_hand:
        return {at_hand["open"]}
    return {action for action in situation.candidates if action.place in possible}
