"""Pairs in the study's form, one of them worked out by hand."""

import itertools
from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from household.homes import APARTMENT, FRIDGE, SOFA, STOVE, TABLE, agent

from tombench.errors import UserError
from tombench.household.layouts import split_of
from tombench.household.pairs import draw_pairs, draw_success, pairs_of
from tombench.household.simulate import simulate
from tombench.household.trace import Trace
from tombench.household.world import THINGS
from tombench.planning.study.pairs import parse_pair

GRAPH = (
    "There is a kitchen and a livingroom. \n"
    "a fridge and a stove and a kitchentable are in the kitchen. "
    "an apple and a plate are inside the fridge. There is nothing inside the stove. "
    "a wineglass is on the kitchentable. \n"
    "a sofa and a cabinet are in the livingroom. "
    "2 books are on the sofa. a plate is inside the cabinet. "
)


def test_a_pair_to_the_letter() -> None:
    trace = simulate(Random(0), APARTMENT, agent("plate", FRIDGE, STOVE, TABLE, SOFA), "kitchen")
    pairs = list(pairs_of(trace, Random(0)))
    assert pairs[-1].prompt.text == (
        "goal: plate \n"
        f"What's inside the apartment: {GRAPH}"
        "\nThe person is inside the livingroom. The person is close to the cabinet. "
        "The person is close to the plate. "
        "\nThe fridge is closed. The stove is closed. The cabinet is open.  \n"
        "belief (possible locations the person suspects the plate could be): cabinet \n"
        "action: "
    )
    # the input of "open cabinet" is that of the last step towards it, so that it is dropped
    assert [pair.action for pair in pairs[-2:]] == ["walktowards cabinet", "grab plate"]


def test_consecutive_inputs_differ() -> None:
    """One possible place cannot be shuffled: steps where nothing comes near are one pair."""
    trace = simulate(Random(0), APARTMENT, agent("plate", FRIDGE, STOVE, TABLE, SOFA), "kitchen")
    inputs = [pair.prompt.text for pair in pairs_of(trace, Random(0))]
    assert len(inputs) < len(trace.steps)
    assert all(one != other for one, other in itertools.pairwise(inputs))


def test_pairs_are_read_back_and_tell_what_the_agent_held_possible() -> None:
    """Where an input is of a choice, its list is the choice's; several steps may have one input."""
    compared = 0
    for seed in range(20):
        rng = Random(seed)
        trace = draw_success(rng)
        pairs = list(pairs_of(trace, rng))
        for pair in pairs:
            assert parse_pair(pair.prompt.text) == pair.prompt
            assert pair.prompt.goal == trace.agent.goal
        opened = [pair for pair in pairs if pair.action.startswith("open")]
        chosen = [one.decision for one in trace.choices if one.decision.action.kind == "open"]
        if len(opened) == len(chosen):
            for pair, decision in zip(opened, chosen, strict=True):
                names = {place.name for place in decision.situation.possible}
                assert set(pair.prompt.believed) == names
                compared += 1
    assert compared > 20


def test_the_list_is_shuffled() -> None:
    trace = simulate(Random(0), APARTMENT, agent("plate"), "kitchen")
    firsts = {pair.prompt.believed[0] for pair in pairs_of(trace, Random(0))}
    assert len(firsts) > 1


def test_pairs_are_sampled_without_replacement_and_by_the_seed() -> None:
    pairs = draw_pairs("one", episodes=20, count=150)
    assert len(pairs) == 150 and pairs == draw_pairs("one", episodes=20, count=150)
    assert pairs != draw_pairs("two", episodes=20, count=150)
    assert {pair.prompt.goal for pair in pairs} <= set(THINGS)
    verbs = Counter(pair.action.split()[0] for pair in pairs)
    assert set(verbs) <= {"walktowards", "open", "close", "grab"} and verbs["grab"] <= 20


def test_too_few_episodes_are_told() -> None:
    with pytest.raises(UserError, match=r"1 episodes give .* and 20000 are asked for"):
        draw_pairs("one", episodes=1)


def test_episodes_end_with_the_goal_and_belong_to_training() -> None:
    for seed in range(20):
        trace = draw_success(Random(seed))
        assert trace.steps[-1].action == f"grab {trace.agent.goal}"
        assert split_of(trace.apartment.layout) == "train"


def test_another_theme_is_renamed_in_the_record() -> None:
    def renamed(trace: Trace) -> Trace:
        rooms = tuple(room.upper() for room in trace.apartment.rooms)
        return replace(trace, apartment=replace(trace.apartment, rooms=rooms))

    (home,), (other,) = draw_pairs("one", 1, 1), draw_pairs("one", 1, 1, renamed)
    assert "KITCHEN" in other.prompt.state and other.action == home.action
