"""Players whose choices follow a law: teachers to learn from, and null models to compare with.

A chooser tells the probability with which a row player takes the first action of a game in a
context. Only a `ContextBiased` one looks at the context.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from scipy.special import expit, logit

from tombench.errors import UserError
from tombench.strategy.contexts import Context
from tombench.strategy.level_k import cognitive_hierarchy, level_k
from tombench.strategy.payoffs import Game
from tombench.strategy.quantal_response import noisy_log_odds, response_log_odds


class Chooser(Protocol):
    """What all of them can do."""

    def probability(self, game: Game, context: Context) -> float:
        """Of the row player's first action, 0 to 1."""


def _check_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise UserError(f"{name} {value:g}: a share is between 0 and 1")


@dataclass(frozen=True)
class Constant:
    """The same whatever the game: 1 always cooperates, 0 never, 0.5 is a coin."""

    share: float

    def __post_init__(self) -> None:
        _check_share("share", self.share)

    def probability(self, game: Game, context: Context) -> float:
        return self.share


ALWAYS_FIRST, ALWAYS_SECOND, COIN = Constant(1.0), Constant(0.0), Constant(0.5)


@dataclass(frozen=True)
class QuantalResponse:
    """Logit equilibrium on the principal branch (`quantal_response`)."""

    rate: float  # lambda, 1/points

    def probability(self, game: Game, context: Context) -> float:
        return float(expit(response_log_odds(game, self.rate)[0]))


@dataclass(frozen=True)
class NoisyResponse:
    """Quantal response to a coplayer who plays at random."""

    rate: float  # lambda, 1/points

    def probability(self, game: Game, context: Context) -> float:
        return float(expit(noisy_log_odds(game, self.rate)))


@dataclass(frozen=True)
class LevelK:
    """Level k, but for a share of choices at random."""

    level: int
    noise: float = 0.0

    def __post_init__(self) -> None:
        _check_share("noise", self.noise)

    def probability(self, game: Game, context: Context) -> float:
        return (1 - self.noise) * level_k(game, self.level) + self.noise / 2


@dataclass(frozen=True)
class CognitiveHierarchy:
    """A population with a mean of `tau` steps, but for a share of choices at random."""

    tau: float
    noise: float = 0.0

    def __post_init__(self) -> None:
        _check_share("noise", self.noise)

    def probability(self, game: Game, context: Context) -> float:
        return (1 - self.noise) * cognitive_hierarchy(game, self.tau) + self.noise / 2


@dataclass(frozen=True)
class ContextBiased:
    """Another chooser whose log odds a context shifts, by the context's name; 0 where not named.

    A chooser that is certain (0 or 1) is moved by no finite shift.
    """

    base: Chooser
    shifts: Mapping[str, float] = field(default_factory=dict)  # nats

    def probability(self, game: Game, context: Context) -> float:
        base = self.base.probability(game, context)
        return float(expit(logit(base) + self.shifts.get(context.name, 0.0)))
