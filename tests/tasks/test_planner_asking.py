"""What language models are asked about an episode, and what is made of their answers, by hand."""

import math

import numpy as np
import pytest
from planning.apartments import FRIDGE, STOVE, closes, episode, opens, start, walk
from scipy.special import logsumexp

from tombench.planning.inference import infer, paths
from tombench.planning.policies.language_model import Lm, WeakToStrong
from tombench.planning.policies.observer import Observer
from tombench.planning.prompts import spoken
from tombench.schema import Item, LikelihoodRequest, LikelihoodResponse
from tombench.tasks.planner_asking import requests_of, scores_of
from tombench.tasks.planner_scoring import planner_record

EPISODE = episode(start("kitchen"), walk(FRIDGE), opens(FRIDGE), closes(FRIDGE), walk(STOVE))
CONDITION = {"question_type": "2.2", "question_family": "goal", "theme": "home", "suite": "toy"}
ITEM = Item(EPISODE.id, EPISODE.cluster, EPISODE, CONDITION, "a")
KNOWN = paths(EPISODE)


def answered(requests: list[LikelihoodRequest], value) -> list[LikelihoodResponse]:
    """A model whose log-likelihood of a continuation is `value(role, prompt, continuation)`."""
    return [
        LikelihoodResponse(
            one.context,
            tuple(value(one.role, one.context, text) for text in one.continuations),
            tuple(3 for _ in one.continuations),
        )
        for one in requests
    ]


def scored(policy, value) -> dict[str, np.ndarray]:
    requests = requests_of(policy, ITEM, KNOWN.all)
    return dict(scores_of(policy, ITEM, KNOWN.all, requests, answered(requests, value)))


def by_observer(role: str, prompt: str, text: str) -> float:
    """The observer in a language model's place: finds the situation by its prompt."""
    from tombench.planning.prompts import short_prompt

    (situation,) = {one.situation for one in KNOWN.all if short_prompt(one.situation) == prompt}
    values = Observer().log_probs([situation])[0]
    return float(logsumexp([values[index] for index in spoken(situation.candidates)[text]])) - 7.0


def test_each_distinct_prompt_is_asked_once():
    requests = requests_of(Lm(), ITEM, KNOWN.all)
    assert len({(one.context, one.continuations) for one in requests}) == len(requests) == 8
    assert len(requests_of(Lm(), ITEM, KNOWN.a + KNOWN.a)) == 4
    assert all(" walktowards stove" in one.continuations for one in requests)


def test_a_model_that_scores_as_the_observer_infers_as_the_observer():
    found = scored(Lm(), by_observer)["lm"]
    expected = [
        Observer().log_probs([one.situation])[0][one.situation.candidates.index(one.action)]
        for one in KNOWN.all
    ]
    assert found == pytest.approx(np.array(expected), abs=1e-12)
    record = planner_record(ITEM, KNOWN, Lm(), {"lm": found})
    assert record.log_probs["log_odds/lm"] == pytest.approx(record.log_probs["log_odds/observer"])


def test_token_by_token_the_score_stands_as_it_is():
    found = scored(Lm(over="tokens"), lambda role, prompt, text: -float(len(text)))["lm"]
    assert found[0] == -len(" walktowards fridge")


def test_weak_to_strong_over_candidates_by_hand():
    """Two parts cancel but for what post-training did: log large + alpha (tuned - untuned)."""
    chosen = " walktowards fridge"

    def value(role: str, prompt: str, text: str) -> float:
        raised = {"large": 1.0, "tuned": 2.0, "untuned": 0.5}[role]
        return raised if text == chosen else 0.0

    policy = WeakToStrong(alpha=2.0, sweep=(0.0, 1.0))
    found = scored(policy, value)
    count = len(KNOWN.a[0].situation.candidates)

    def log_p(advantage: float) -> float:
        return advantage - math.log(math.exp(advantage) + count - 1)

    assert found["large"][0] == found["alpha=0"][0] == pytest.approx(log_p(1.0))
    assert found["alpha=1"][0] == pytest.approx(log_p(1.0 + 1.5))
    assert found["weak_to_strong"][0] == found["alpha=2"][0] == pytest.approx(log_p(1.0 + 3.0))
    assert found["naive_sum"][0] == pytest.approx(log_p(3.0))


def test_weak_to_strong_by_token_reads_one_mix_after_the_other():
    policy = WeakToStrong(alpha=1.0, sweep=(0.0, 1.0), over="tokens")
    requests = requests_of(policy, ITEM, KNOWN.all)
    assert {one.role for one in requests} == {"tokens"}
    mixes = (-1.0, -2.0, -3.0, -4.0, -5.0, -6.0)  # alpha 0, 1, naive, large, tuned, untuned
    responses = [LikelihoodResponse(one.context, mixes, (3,)) for one in requests]
    found = scores_of(policy, ITEM, KNOWN.all, requests, responses)
    first = {name: values[0] for name, values in found.items()}
    assert first == {
        "alpha=0": -1.0, "alpha=1": -2.0, "naive_sum": -3.0, "large": -4.0, "tuned": -5.0,
        "untuned": -6.0, "weak_to_strong": -2.0,
    }  # fmt: skip


def test_a_record_tells_each_step():
    found = scored(Lm(), by_observer)
    record = planner_record(ITEM, KNOWN, Lm(), found)
    lines = record.response.splitlines()
    assert len(lines) == len(KNOWN.a)
    assert lines[-1].startswith("walktowards stove: log p ")
    assert math.exp(record.log_probs["a"]) + math.exp(record.log_probs["b"]) == pytest.approx(1)
    inferred = infer(EPISODE, KNOWN, found["lm"].tolist())
    assert record.score.answer == inferred.answer == "b"  # the fridge had the apple, left alone
