"""policy.decision=study: questions by the study's own strings, rule and key.

A record's score is the true a/b answer by the same strings; the study's verdict stands beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tombench.errors import UserError
from tombench.planning.policies.base import PolicySettings, Scorer
from tombench.planning.policies.language_model import Lm
from tombench.planning.situations import Decision
from tombench.planning.study.decisions import study_decisions
from tombench.planning.study.prompts import (
    StudyPrompt,
    option_log_odds,
    option_requests,
    study_requests,
    study_verdict,
)
from tombench.planning.study.representations import Representation, represent
from tombench.schema import (
    Item,
    LikelihoodRequest,
    LikelihoodResponse,
    Record,
    Request,
    Response,
)
from tombench.tasks.planner_asking import combined, requests_of, roles_of, scores_of
from tombench.tasks.planner_scoring import posterior_record, taken

STUDY = "study_right"
"""In a record's log_probs: 1 right by the study's key, 0 wrong."""
CHANCE = "study_chance"
"""How often a model without any preference is right by that key."""


def represented(policy: PolicySettings, item: Item) -> Representation:
    """A question in the study's strings.

    Raises:
        UserError: it does not tell where the person is at first, with which they begin.
    """
    try:
        return represent(item.content, policy.belief_writer)
    except ValueError as error:
        raise UserError(
            f"policy.decision=study: {error}, with which the study's form begins; leave the "
            "question out, or give policy.decision=posterior"
        ) from error


def study_lm_requests(policy: Lm, item: Item) -> list[Request]:
    """Distinct prompts of both rules, once for each model that answers.

    With policy.prompt=short the study's lists of beliefs stand in our prompt.
    """
    prompts = _prompts(represented(policy, item))
    if policy.prompt == "short":
        return requests_of(policy, item, _decided(item, prompts))
    distinct = dict.fromkeys((one.prompt, one.continuation) for one in prompts)
    return [
        LikelihoodRequest(item, prompt, (continuation,), role)
        for role in roles_of(policy)
        for prompt, continuation in distinct
    ]


def study_lm_record(
    policy: Lm, item: Item, requests: Sequence[LikelihoodRequest], responses: Sequence[Response]
) -> Record:
    """The record from a language model's scores; of the study's prompts in nats a token."""
    asked = represented(policy, item)
    if policy.prompt == "short":
        decided = _decided(item, _prompts(asked))
        values = scores_of(policy, item, decided, requests, responses)[policy.name]
        known = dict(zip(decided, values.tolist(), strict=True))
        return _record(policy, item, asked, lambda prompts: _by_decision(item, prompts, known))
    found: dict[tuple[str, str], dict[str, NDArray[np.float64]]] = {}
    for request, response in zip(requests, responses, strict=True):
        if isinstance(response, LikelihoodResponse):
            means = np.array(response.log_likelihoods) / response.tokens[0]
            found.setdefault((request.context, request.continuations[0]), {})[request.role] = means

    def scores(prompts: Sequence[StudyPrompt]) -> list[float]:
        parts = (found[one.prompt, one.continuation] for one in prompts)
        return [float(combined(policy, own, 1)[policy.name][0]) for own in parts]

    return _record(policy, item, asked, scores)


def study_record(policy: PolicySettings, item: Item, scorer: Scorer) -> Record:
    """The record of a policy that answers by itself."""
    asked = represented(policy, item)
    decided = _decided(item, _prompts(asked))
    known = dict(zip(decided, taken(scorer, decided).tolist(), strict=True))
    return _record(policy, item, asked, lambda prompts: _by_decision(item, prompts, known))


def _prompts(asked: Representation) -> list[StudyPrompt]:
    """Of the study's rule, and of the question itself."""
    return [*study_requests(asked), *option_requests(asked)]


def _decided(item: Item, prompts: Sequence[StudyPrompt]) -> list[Decision]:
    """Distinct decisions that the prompts are about."""
    found = study_decisions(item.content, prompts)
    return list(dict.fromkeys(one for one in found if one is not None))


def _by_decision(
    item: Item, prompts: Sequence[StudyPrompt], known: Mapping[Decision, float]
) -> list[float]:
    """A score for each prompt; 0 where the action decides nothing, and so under every belief."""
    found = study_decisions(item.content, prompts)
    return [0.0 if one is None else known[one] for one in found]


def _record(
    policy: PolicySettings,
    item: Item,
    asked: Representation,
    scores: Callable[[Sequence[StudyPrompt]], list[float]],
) -> Record:
    verdict = study_verdict(asked, scores(study_requests(asked)))
    odds = option_log_odds(asked, scores(option_requests(asked)))
    told = f"the study's rule picks ({verdict.picked}) of {verdict.choices}; its key: {verdict.key}"
    beside = {} if verdict.right is None else {STUDY: float(verdict.right)}
    beside |= {} if verdict.chance is None else {CHANCE: verdict.chance}
    record = posterior_record(item, odds, {policy.name: odds})
    return replace(record, response=told, log_probs=record.log_probs | beside)
