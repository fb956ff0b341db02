"""From an episode to what language models are asked about it, and from their answers to evidence.

Decisions that read alike are asked once. Over the candidate set a model scores every action that
the person could take; token by token the one that was taken alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tombench.backends.several.roles import TOKENS
from tombench.planning.episode import Episode
from tombench.planning.policies.language_model import Lm, WeakToStrong, alphas_of
from tombench.planning.prompts import continuation, short_prompt, spoken
from tombench.planning.situations import Decision
from tombench.planning.steering import alpha_name, combinations, normalised, steered
from tombench.planning.study.prompts import situation_prompt
from tombench.schema import Item, LikelihoodRequest, LikelihoodResponse, Request, Response

Scores = Mapping[str, NDArray[np.float64]]
"""By who scored (role, or a combination's name): log-likelihoods of decisions, in their order."""


@dataclass(frozen=True)
class Asked:
    """One prompt with what may follow it."""

    prompt: str
    continuations: tuple[str, ...]


def asked_of(policy: Lm, episode: Episode, decision: Decision) -> Asked:
    """What one decision is to a language model."""
    situation = decision.situation
    if policy.prompt == "short":
        prompt = short_prompt(situation)
    else:
        prompt = situation_prompt(episode, situation)
    if policy.over == "tokens":
        return Asked(prompt, (continuation(decision.action),))
    return Asked(prompt, tuple(spoken(situation.candidates)))


def requests_of(policy: Lm, item: Item, decisions: Sequence[Decision]) -> list[Request]:
    """Distinct prompts of decisions, once for each model that answers."""
    distinct = dict.fromkeys(asked_of(policy, item.content, decision) for decision in decisions)
    return [
        LikelihoodRequest(item, asked.prompt, asked.continuations, role)
        for role in roles_of(policy)
        for asked in distinct
    ]


def scores_of(
    policy: Lm,
    item: Item,
    decisions: Sequence[Decision],
    requests: Sequence[LikelihoodRequest],
    responses: Sequence[Response],
) -> Scores:
    """Log-likelihood of each decision, under each model and combination.

    The policy's own is under its name; of weak-to-strong also "alpha=…", "naive_sum", each part.
    """
    answers = {
        (request.role, request.context, request.continuations): response
        for request, response in zip(requests, responses, strict=True)
        if isinstance(response, LikelihoodResponse)
    }
    found: dict[str, list[float]] = {}
    for decision in decisions:
        asked = asked_of(policy, item.content, decision)
        parts = {
            role: np.array(answers[role, asked.prompt, asked.continuations].log_likelihoods)
            for role in roles_of(policy)
        }
        chosen = asked.continuations.index(continuation(decision.action))
        for name, values in combined(policy, parts, len(asked.continuations)).items():
            found.setdefault(name, []).append(float(values[chosen]))
    return {name: np.array(values) for name, values in found.items()}


def roles_of(policy: Lm) -> tuple[str, ...]:
    """Which models answer each request; under TOKENS one server combines all."""
    return (TOKENS,) if _by_token(policy) else policy.roles


def _by_token(policy: Lm) -> bool:
    return isinstance(policy, WeakToStrong) and policy.over == "tokens"


def combined(
    policy: Lm, parts: Mapping[str, NDArray[np.float64]], count: int
) -> dict[str, NDArray[np.float64]]:
    """log p of each continuation, by name."""
    if not isinstance(policy, WeakToStrong):
        (values,) = parts.values()
        return {policy.name: values if policy.over == "tokens" else normalised(values)}
    alphas = alphas_of(policy)
    if _by_token(policy):  # one mix after the other
        table = parts[TOKENS].reshape(-1, count)
        found = dict(zip(combinations(alphas), table, strict=True))
    else:
        found = steered(parts, alphas)
    return found | {policy.name: found[alpha_name(policy.alpha)]}
