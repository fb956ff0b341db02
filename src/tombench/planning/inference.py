"""From actions to a posterior over two hypotheses: Bayesian inverse planning.

P(h | actions) is proportional to P(h) * product over steps of P(action | goal, belief, state),
where the belief follows from the hypothesis and from what the person has seen (BIP-ALM: Jin et
al. 2024, "MMToM-QA", equation 2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tombench.planning.beliefs import decisions
from tombench.planning.episode import Answer, Claim, Episode, Hypothesis
from tombench.planning.policies.base import DecisionRule
from tombench.planning.settled import settled
from tombench.planning.situations import Decision

TIE = 1e-9
"""Nats; log odds below this are a tie."""
SURE = 20.0
"""Nats for what was seen."""


@dataclass(frozen=True)
class Paths:
    """The same actions as decided under either hypothesis, step by step."""

    a: tuple[Decision, ...]
    b: tuple[Decision, ...]

    @property
    def all(self) -> tuple[Decision, ...]:
        """Of (a), then of (b)."""
        return self.a + self.b


@dataclass(frozen=True)
class StepEvidence:
    """What one action says."""

    event: int  # of the episode
    action: str  # in the study's words
    log_likelihoods: tuple[float, float]  # nats, under (a) and (b)


@dataclass(frozen=True)
class Inference:
    """What was inferred from an episode, and how."""

    prior_a: float
    steps: tuple[StepEvidence, ...]

    @property
    def log_odds(self) -> float:
        """log P(a | actions) - log P(b | actions), in nats."""
        return self.over_time[-1]

    @property
    def over_time(self) -> tuple[float, ...]:
        """Log odds before any action, then after each."""
        gains = [a - b for a, b in (step.log_likelihoods for step in self.steps)]
        prior = float(np.log(self.prior_a) - np.log1p(-self.prior_a))
        return tuple(float(value) for value in prior + np.cumsum([0.0, *gains]))

    @property
    def probability_a(self) -> float:
        """P(a | actions)."""
        return float(sigmoid(self.log_odds))

    @property
    def answer(self) -> Answer | None:
        """The more probable hypothesis; None: a tie."""
        return answer_of(self.log_odds)


def sigmoid(log_odds: float) -> float:
    """Probability of odds, without overflow."""
    return float(1.0 / (1.0 + np.exp(-np.clip(log_odds, -700, 700))))


def answer_of(log_odds: float) -> Answer | None:
    """(a) where the odds are for it, (b) where they are against it, None at a tie."""
    if abs(log_odds) < TIE:
        return None
    return "a" if log_odds > 0 else "b"


def paths(episode: Episode) -> Paths:
    """What was decided, in the light of each option."""
    stated = episode.query.stated
    first, second = (
        tuple(decisions(episode, option.goal, _claims(option, stated)))
        for option in episode.query.options
    )
    return Paths(first, second)


def infer(
    episode: Episode,
    known: Paths,
    log_likelihoods: Sequence[float],
    prior_a: float = 0.5,
    rule: DecisionRule = "posterior",
) -> Inference:
    """The posterior from the log-likelihood of each decision of `known.all`, in nats.

    rule=last_step looks at the last action alone. A belief that sight has settled stands at the
    end, whatever the actions say: `planning.settled`.
    """
    half = len(known.a)
    pairs = zip(known.a, known.b, log_likelihoods[:half], log_likelihoods[half:], strict=True)
    steps = [StepEvidence(one.event, one.action.text, (a, b)) for one, _, a, b in pairs]
    steps = steps[-1:] if rule == "last_step" else steps
    return Inference(prior_a, (*steps, *_in_view(episode)))


def _in_view(episode: Episode) -> tuple[StepEvidence, ...]:
    """What was seen of the place that is asked about."""
    answer = settled(episode)
    if answer is None:
        return ()
    said = (0.0, -SURE) if answer == "a" else (-SURE, 0.0)
    return (StepEvidence(len(episode.events) - 1, "what was in view", said),)


def _claims(option: Hypothesis, stated: Claim | None) -> tuple[Claim, ...]:
    return tuple(claim for claim in (option.belief, stated) if claim is not None)
