"""What the study asks and how it decides, with scores by hand."""

from dataclasses import replace

import pytest
from planning.study.flat import CABINETS, EPISODE, FRIDGE, belief_query, goal_query

from tombench.planning.beliefs import decisions
from tombench.planning.episode import Claim, Place
from tombench.planning.study.pairs import parse_pair
from tombench.planning.study.prompts import (
    option_log_odds,
    option_requests,
    situation_prompt,
    study_requests,
    study_verdict,
)
from tombench.planning.study.representations import represent
from tombench.planning.study.wording import graph_words

BELIEF = represent(EPISODE)
GOAL = represent(replace(EPISODE, query=goal_query()))
LEFT = ("2nd kitchencabinet", "4th kitchencabinet", "cabinet", "bathroomcabinet")
REST = ("microwave", "stove", "sofa")


def test_a_belief_question_takes_one_place_off_the_list_in_turn() -> None:
    first, *others = study_requests(BELIEF)
    assert first.role == "hypothesis"
    assert first.believed == (*LEFT, *REST)
    assert [one.role for one in others] == ["alternative"] * 7
    assert others[0].believed == (
        "3rd kitchencabinet",
        "4th kitchencabinet",
        *("cabinet", "bathroomcabinet", *REST),
    )
    assert {one.step for one in (first, *others)} == {7}
    assert first.prompt == (
        f"goal: plate \nstate: {BELIEF.states[7]} \nbelief (possible locations the person suspects "
        "the plate could be): 2nd kitchencabinet, 4th kitchencabinet, cabinet, bathroomcabinet, "
        "microwave, stove, sofa \naction: "
    )
    assert first.continuation == " walktowards 3rd kitchencabinet"  # about to open, at the end


def test_a_place_that_is_not_on_the_list_takes_nothing_off() -> None:
    asked = represent(replace(EPISODE, query=belief_query(CABINETS[0])))
    first, *others = study_requests(asked)
    assert len(others) == len(first.believed) == 8


def test_a_list_without_any_name_leaves_one_choice() -> None:
    goal = replace(BELIEF.goals[0], beliefs=((),) * 7)
    asked = replace(BELIEF, goals=(goal,))
    (only,) = study_requests(asked)
    assert only.believed == ()
    assert study_verdict(asked, [-1.0]).picked == "a"


@pytest.mark.parametrize(
    ("kind", "lowest", "picked", "key", "right"),
    [
        ("1.1", 0, "a", "a", True),
        ("1.2", 3, "b", "a", False),
        ("1.3", 0, "a", "b", False),
        ("1.3", 7, "b", "b", True),
    ],
)
def test_the_studys_rule_and_key(
    kind: str, lowest: int, picked: str, key: str, right: bool
) -> None:
    scores = [-1.0] * 8
    scores[lowest] = -2.0
    verdict = study_verdict(replace(BELIEF, question_type=kind, answer="b"), scores)
    assert (verdict.picked, verdict.key, verdict.right) == (picked, key, right)
    assert verdict.chance == (1 / 8 if key == "a" else 7 / 8)


def test_a_goal_question_asks_for_each_step_under_either_goal() -> None:
    asked = study_requests(GOAL)
    assert [(one.role, one.step, one.goal) for one in asked] == [
        *(("a", step, "plate") for step in range(1, 8)),
        *(("b", step, "dishbowl") for step in range(1, 8)),
    ]
    assert asked[0].continuation == " walktowards kitchen"
    assert asked[6].continuation == " walktowards 3rd kitchencabinet"


def test_goals_are_compared_by_sums_and_a_tie_is_a() -> None:
    ahead = [-1.0] * 6 + [-1.1] + [-1.0] * 7
    assert study_verdict(GOAL, ahead).picked == "b"
    assert study_verdict(GOAL, ahead).right is True
    assert study_verdict(GOAL, [-1.0] * 14).picked == "a"
    assert study_verdict(GOAL, [-1.0] * 14).chance == 0.5
    assert option_log_odds(GOAL, ahead) == pytest.approx(-0.1)


def test_a_stated_belief_takes_its_place_off_that_goals_lists() -> None:
    query = goal_query(stated=Claim("plate", CABINETS[1], False))
    asked = represent(replace(EPISODE, query=query))
    plates, bowls = study_requests(asked)[:7], study_requests(asked)[7:]
    assert not any("2nd kitchencabinet" in one.believed for one in plates)
    assert all("2nd kitchencabinet" in one.believed for one in bowls)


def test_the_two_options_themselves() -> None:
    a, b = option_requests(BELIEF)
    assert (a.role, b.role) == ("a", "b")
    assert set(a.believed) - set(b.believed) == {"3rd kitchencabinet"}
    assert option_log_odds(BELIEF, [-1.0, -3.0]) == 2.0
    away, there = option_requests(replace(BELIEF, inside="b"))
    assert (away.believed, there.believed) == (b.believed, a.believed)


def test_a_place_off_the_list_is_put_on_it_for_the_option_that_says_so() -> None:
    query = belief_query(Place("kitchen", "kitchentable"))
    a, b = option_requests(represent(replace(EPISODE, query=query)))
    assert a.believed == (*b.believed, "kitchentable")
    fridge = represent(replace(EPISODE, query=belief_query(FRIDGE)))
    assert option_requests(fridge)[0].believed[-1] == "fridge"


def test_options_that_tell_nothing_cannot_be_asked() -> None:
    with pytest.raises(ValueError, match="do not tell"):
        option_requests(replace(BELIEF, inside=None))


def test_a_score_for_each_request_is_needed() -> None:
    with pytest.raises(ValueError, match="3 scores, and 8 were asked for"):
        study_verdict(BELIEF, [0.0] * 3)


def test_a_situation_in_the_form_of_training() -> None:
    walking, opening, closing, *_ = decisions(EPISODE, "plate")
    prompt = parse_pair(situation_prompt(EPISODE, closing.situation))
    doors = "".join(
        f"The {name} is closed. " for name in ("microwave", "stove", "cabinet", "bathroomcabinet")
    )
    cabinets = "".join(f"The {place.name} is closed. " for place in CABINETS)
    assert prompt.state == (
        graph_words(EPISODE)
        + "\nThe person is inside the kitchen. The person is close to the fridge. "
        + f"\n{cabinets}The fridge is open. {doors}"
    )
    assert prompt.header == "What's inside the apartment:"
    assert prompt.goal == "plate"
    assert prompt.believed == tuple(place.name for place in closing.situation.possible)
    assert "fridge is closed" in situation_prompt(EPISODE, opening.situation)
    assert "close to" not in situation_prompt(EPISODE, walking.situation)
