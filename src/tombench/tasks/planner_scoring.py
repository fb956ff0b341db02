"""From log-likelihoods of actions to a record: posterior, answer, and all that stands beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tombench.planning.episode import Episode
from tombench.planning.inference import Inference, Paths, answer_of, infer, sigmoid
from tombench.planning.policies.base import PolicySettings, Scorer
from tombench.planning.policies.observer import Observer
from tombench.planning.situations import Decision
from tombench.schema import Item, Record, Score
from tombench.scorers.yes_no import UNPARSED

TIE = "tie"
ODDS = "log_odds/"
"""Under ODDS + who scored: log P(a) - log P(b), nats, by every policy that was computed."""
LEAST = 1e-300
"""A probability of nothing has no logarithm."""
OBSERVER = Observer()
"""Costs milliseconds, so its score stands beside every other policy's."""


def taken(scorer: Scorer, decisions: Sequence[Decision]) -> NDArray[np.float64]:
    """log p, in nats, of what was done in each decision, by a policy that answers by itself."""
    scored = scorer.log_probs([decision.situation for decision in decisions])
    return np.array(
        [
            values[decision.situation.candidates.index(decision.action)]
            for decision, values in zip(decisions, scored, strict=True)
        ]
    )


def beside_observer(record: Record, episode: Episode, known: Paths) -> Record:
    """A record of another rule with the observer's posterior, by the tracker, beside it."""
    found = infer(episode, known, taken(OBSERVER, known.all).tolist())
    return replace(record, log_probs={f"{ODDS}{OBSERVER.name}": found.log_odds, **record.log_probs})


def planner_record(
    item: Item, known: Paths, policy: PolicySettings, scores: Mapping[str, NDArray[np.float64]]
) -> Record:
    """What one question comes to.

    Args:
        scores: by who scored, the log-likelihood of each decision of `known.all`; the policy's own
            under its name.
    """
    episode: Episode = item.content
    beside = {**scores, OBSERVER.name: taken(OBSERVER, known.all)}
    inferred = {
        name: infer(episode, known, values.tolist(), policy.prior_a, policy.decision)
        for name, values in beside.items()
    }
    own = inferred[policy.name]
    odds = {name: one.log_odds for name, one in inferred.items()}
    return replace(posterior_record(item, own.log_odds, odds), response=told(own))


def posterior_record(item: Item, log_odds: float, beside: Mapping[str, float]) -> Record:
    """A record by the posterior's log odds of (a); `beside` has those of whoever else scored."""
    return Record(
        id=item.id,
        item=item.id,
        repetition=0,
        cluster=item.cluster,
        condition=item.condition,
        prompt=item.content.question_text,
        response="",
        target=item.target,
        score=judged(log_odds, item.target),
        log_probs={
            "a": float(np.log(max(sigmoid(log_odds), LEAST))),
            "b": float(np.log(max(sigmoid(-log_odds), LEAST))),
            **{f"{ODDS}{name}": value for name, value in beside.items()},
        },
    )


def failed_record(item: Item, error: str) -> Record:
    """A question that could not be put to a model: wrong, and counted as unparsed."""
    score = Score(0.0, UNPARSED, "the model could not be asked", category="error")
    return Record(
        item.id, item.id, 0, item.cluster, item.condition, item.content.question_text, "",
        item.target, score, error=error,
    )  # fmt: skip


def judged(log_odds: float, target: str | None) -> Score:
    """The verdict on an answer by its odds; a tie is half a point."""
    answer = answer_of(log_odds)
    probability = max(sigmoid(log_odds), sigmoid(-log_odds))
    if answer is None:
        return Score(0.5, TIE, "both options are equally probable")
    value = float(answer == target)
    return Score(value, answer, f"the posterior of ({answer}) is {probability:.3f}")


def told(inferred: Inference) -> str:
    """Step by step in words: what was done, how probable it was, and what it says."""
    lines = []
    for step, odds in zip(inferred.steps, inferred.over_time[1:], strict=True):
        a, b = step.log_likelihoods
        lines.append(
            f"{step.action}: log p {a:.3f} if (a), {b:.3f} if (b); P(a) {sigmoid(odds):.3f}"
        )
    return "\n".join(lines) or "no action decides anything"
