"""policy.decision=study by policies of every sort, with the study's rule and key by hand."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from planning.study.flat import EPISODE, goal_query
from scipy.special import logsumexp

from tombench.errors import UserError
from tombench.planning.episode import Query
from tombench.planning.policies.language_model import Lm, WeakToStrong
from tombench.planning.policies.log_linear import FEATURES, Fitted
from tombench.planning.policies.observer import Observer
from tombench.planning.prompts import short_prompt, spoken
from tombench.planning.situations import Situation
from tombench.schema import Item, LikelihoodRequest, LikelihoodResponse, Record
from tombench.tasks.planner_study import (
    CHANCE,
    STUDY,
    study_lm_record,
    study_lm_requests,
    study_record,
)

SLIP = 0.02 / 13
"""Of the flat's 13 places one is where the person stands: 12 walks, and a door to open or close."""
OBSERVER = Observer(decision="study", belief_writer="study")
STUDY_PROMPT = Lm(decision="study", prompt="study")
SHORT_PROMPT = Lm(decision="study", prompt="short")
Value = Callable[[str, str, str], float]


def item(query: Query | None = None) -> Item:
    """Ann looked into the fridge (a dish bowl) and is about to open the third cabinet."""
    episode = EPISODE if query is None else replace(EPISODE, query=query)
    asked = episode.query
    condition = {"question_type": asked.question_type, "question_family": asked.family}
    return Item(episode.id, episode.cluster, episode, condition, asked.key)


BELIEF = item()
GOAL = item(goal_query())  # plate (a) or dish bowl (b), which is the key


def odds(record: Record) -> float:
    return record.log_probs["a"] - record.log_probs["b"]


def answered(
    requests: Sequence[LikelihoodRequest], value: Value, tokens: int = 4
) -> list[LikelihoodResponse]:
    return [
        LikelihoodResponse(
            one.context,
            tuple(value(one.role, one.context, text) for text in one.continuations),
            tuple(tokens for _ in one.continuations),
        )
        for one in requests
    ]


def by_lm(policy: Lm, one: Item, value: Value, tokens: int = 4) -> Record:
    requests = study_lm_requests(policy, one)
    return study_lm_record(policy, one, requests, answered(requests, value, tokens))


def test_a_belief_question_by_the_observer() -> None:
    """The study's list has eight places. Without the third cabinet the walk there is a slip, with
    it one of eight; with another one taken off, one of seven."""
    record = study_record(OBSERVER, BELIEF, OBSERVER)
    assert odds(record) == pytest.approx(math.log(0.98 / 8 + SLIP) - math.log(SLIP))
    assert record.response == "the study's rule picks (a) of 8; its key: a"
    assert (record.log_probs[STUDY], record.log_probs[CHANCE]) == (1.0, 1 / 8)
    assert (record.score.value, record.score.answer) == (1.0, "a")
    assert record.log_probs["log_odds/observer"] == pytest.approx(odds(record))


def test_without_a_start_a_question_has_no_such_form() -> None:
    lost = replace(BELIEF, content=replace(EPISODE, events=EPISODE.events[1:]))
    with pytest.raises(UserError, match=r"7-1.1-0-6: no event tells where Ann is at first"):
        study_record(OBSERVER, lost, OBSERVER)


def test_the_studys_key_is_not_the_questions() -> None:
    """Type 1.3, whose true answer here is (a): the study's key is (b)."""
    record = study_record(OBSERVER, item(replace(EPISODE.query, question_type="1.3")), OBSERVER)
    assert (record.log_probs[STUDY], record.log_probs[CHANCE]) == (0.0, 7 / 8)
    assert record.score.value == 1.0


@pytest.mark.parametrize(("writer", "names"), [("comma", 9), ("joined", 10), ("normalised", 11)])
def test_mended_writers_have_more_places_on_the_list(writer: str, names: int) -> None:
    """The desk (the kitchen table was in view, without a plate); then the coffee table; then the
    first of "first and fourth"."""
    policy = Observer(decision="study", belief_writer=writer)
    record = study_record(policy, BELIEF, policy)
    assert odds(record) == pytest.approx(math.log(0.98 / names + SLIP) - math.log(SLIP))
    assert f"of {names};" in record.response


def test_a_goal_question_by_the_observer() -> None:
    """Into the kitchen, twice to the fridge, to open it: alike. Then the bowl is seen: who wants it
    would grab it, and to close and to walk twice are slips, of 14 actions. The plate may be in 11
    places."""
    policy = Observer(decision="study", belief_writer="normalised")
    record = study_record(policy, GOAL, policy)
    plate = math.log(0.98 + SLIP) + 2 * math.log(0.98 / 11 + SLIP)
    assert odds(record) == pytest.approx(plate - 3 * math.log(0.02 / 14))
    assert record.response == "the study's rule picks (a) of 2; its key: b"
    assert (record.log_probs[STUDY], record.log_probs[CHANCE]) == (0.0, 0.5)
    assert record.score.value == 0.0


def test_the_studys_strings_leave_the_goals_alike_and_a_tie_is_a() -> None:
    """Nobody has seen a "dishbowl" where a "dish bowl" is told, and neither goal is likelier: the
    study's rule then takes (a), the question's own is a tie."""
    record = study_record(OBSERVER, GOAL, OBSERVER)
    assert odds(record) == pytest.approx(0.0, abs=1e-9)
    assert (record.score.answer, record.score.value) == ("tie", 0.5)
    assert record.response.startswith("the study's rule picks (a) of 2")


def test_a_belief_question_by_log_linear_weights() -> None:
    """Two nats for a walk to a possible place; of 13 actions eight (or seven) have them."""
    weights = np.zeros(len(FEATURES))
    weights[FEATURES.index("walk possible")] = 2.0
    record = study_record(OBSERVER, BELIEF, Fitted(weights))
    there = 2.0 - math.log(8 * math.exp(2.0) + 5)
    away = 0.0 - math.log(7 * math.exp(2.0) + 6)
    assert odds(record) == pytest.approx(there - away)
    assert record.log_probs[STUDY] == 1.0


def test_prompts_are_asked_once_each() -> None:
    """Hypothesis and seven alternatives; the options' own lists: one new, one the hypothesis'."""
    requests = study_lm_requests(STUDY_PROMPT, BELIEF)
    assert len({one.context for one in requests}) == len(requests) == 9
    assert {one.continuations for one in requests} == {(" walktowards 3rd kitchencabinet",)}
    assert {one.role for one in requests} == {""}
    short = study_lm_requests(SHORT_PROMPT, BELIEF)
    assert len(short) == 9 and all(len(one.continuations) == 13 for one in short)


def test_scores_of_the_studys_prompts_are_nats_a_token() -> None:
    """-12 nats without the third cabinet, else -8; each in four tokens."""

    def value(role: str, prompt: str, text: str) -> float:
        return -8.0 if ", 3rd kitchencabinet" in prompt.split("belief")[1] else -12.0

    record = by_lm(STUDY_PROMPT, BELIEF, value)
    assert odds(record) == pytest.approx(-8 / 4 + 12 / 4)
    assert (record.log_probs[STUDY], record.score.value) == (1.0, 1.0)
    turned = by_lm(STUDY_PROMPT, BELIEF, lambda *told: -20.0 - value(*told))
    assert odds(turned) == pytest.approx(-1.0)
    assert (turned.log_probs[STUDY], turned.score.value) == (0.0, 0.0)


def test_a_goal_question_sums_the_steps() -> None:
    """Walks to the cabinet count 2 nats more under the plate: two of seven steps, of two tokens."""

    def value(role: str, prompt: str, text: str) -> float:
        return -1.0 if "goal: plate" in prompt and "3rd" in text else -3.0

    assert odds(by_lm(STUDY_PROMPT, GOAL, value, tokens=2)) == pytest.approx(2 * 2.0 / 2)


def by_observer(role: str, prompt: str, text: str) -> float:
    """The observer in a language model's place: finds the situation by its prompt."""
    from tombench.planning.study.decisions import study_decisions
    from tombench.planning.study.prompts import option_requests, study_requests
    from tombench.planning.study.representations import represent

    found: set[Situation] = set()
    for one in (BELIEF, GOAL):
        asked = represent(one.content, "study")
        prompts = [*study_requests(asked), *option_requests(asked)]
        found |= {d.situation for d in study_decisions(one.content, prompts) if d is not None}
    (situation,) = {one for one in found if short_prompt(one) == prompt}
    values = Observer().log_probs([situation])[0]
    return float(logsumexp([values[index] for index in spoken(situation.candidates)[text]])) - 3.0


@pytest.mark.parametrize("one", [BELIEF, GOAL], ids=["belief", "goal"])
def test_in_the_short_prompt_a_model_that_scores_as_the_observer_decides_as_it(one: Item) -> None:
    record, expected = by_lm(SHORT_PROMPT, one, by_observer), study_record(OBSERVER, one, OBSERVER)
    assert odds(record) == pytest.approx(odds(expected), abs=1e-9)
    assert record.response == expected.response
    assert record.log_probs[STUDY] == expected.log_probs[STUDY]


def test_weak_to_strong_over_the_short_prompts_candidates() -> None:
    """The large model has no opinion; what post-training added to the small one decides."""
    walk = " walktowards 3rd kitchencabinet"

    def value(role: str, prompt: str, text: str) -> float:
        possible = " 3rd kitchencabinet " in prompt
        return 1.5 if role == "tuned" and text == walk and possible else 0.0

    policy = WeakToStrong(decision="study", prompt="short", alpha=2.0, sweep=(1.0,))
    record = by_lm(policy, BELIEF, value)
    assert odds(record) == pytest.approx(3.0 - math.log(math.exp(3.0) + 12) + math.log(13))


def test_weak_to_strong_in_the_studys_prompts_is_combined_by_the_server() -> None:
    """It answers with all mixes in turn: alpha 0, alpha 1 (the policy's), naive, three parts."""
    policy = WeakToStrong(decision="study", prompt="study", alpha=1.0, sweep=(0.0,))
    requests = study_lm_requests(policy, BELIEF)
    assert {one.role for one in requests} == {"tokens"} and len(requests) == 9
    responses = [
        LikelihoodResponse(one.context, (-1.0, -8.0 if there else -12.0, -1, -1, -1, -1), (4,))
        for one in requests
        for there in [", 3rd kitchencabinet" in one.context.split("belief")[1]]
    ]
    assert odds(study_lm_record(policy, BELIEF, requests, responses)) == pytest.approx(1.0)
