"""Episodes: what an agent does follows from what it has seen, and the tracker reads it back."""

from collections import Counter
from random import Random

import pytest
from household.homes import APARTMENT, CABINET, FRIDGE, SOFA, STOVE, TABLE, agent

from tombench.household.agent import DIVERSE, claims_of, draw_agent
from tombench.household.simulate import MOST_TARGETS, episode_of, simulate
from tombench.household.trace import Trace
from tombench.household.world import draw_apartment
from tombench.planning.beliefs import decisions


def traces(count: int) -> list[Trace]:
    found = []
    for number in range(count):
        rng = Random(f"simulate/{number}")
        apartment = draw_apartment(rng)
        found.append(simulate(rng, apartment, draw_agent(rng, apartment, DIVERSE)))
    return found


TRACES = traces(150)


def told(trace: Trace) -> list[str]:
    """Events in short."""
    return [
        f"{event.kind} {event.room or (event.place and event.place.name)}" for event in trace.events
    ]


def test_the_tracker_reads_the_same_decisions_off_the_events() -> None:
    for trace in TRACES:
        read = decisions(episode_of(trace), trace.agent.goal, claims_of(trace.agent))
        assert read == [choice.decision for choice in trace.choices]


def test_probabilities_are_over_candidates_and_never_zero_for_what_was_done() -> None:
    for trace in TRACES:
        for choice in trace.choices:
            candidates = choice.decision.situation.candidates
            assert len(choice.probabilities) == len(candidates)
            assert sum(choice.probabilities) == pytest.approx(1)
            done = choice.probabilities[candidates.index(choice.decision.action)]
            assert done >= 0.02 / len(candidates)


def test_one_way_to_the_goal() -> None:
    """All but the cabinet is excluded, so there is one target, and the plate in it."""
    excluded = (FRIDGE, STOVE, TABLE, SOFA)
    trace = simulate(Random(0), APARTMENT, agent("plate", *excluded), start="kitchen")
    assert told(trace) == [
        *("start kitchen", "enter livingroom", "walk cabinet", "open cabinet", "grab cabinet"),
    ]
    # 2 m to the door from the middle of the kitchen, 2.5 m from there: 0.8 m at most a step
    assert [step.action for step in trace.steps] == [
        *["walktowards cabinet"] * 3,
        *["walktowards cabinet"] * 4,
        *("open cabinet", "grab plate"),
    ]
    assert [step.room for step in trace.steps] == ["kitchen"] * 3 + ["livingroom"] * 6
    assert [choice.step for choice in trace.choices] == [0, 7, 8]
    assert [step.opened for step in trace.steps[-2:]] == [frozenset(), {CABINET}]
    assert trace.steps[-2].near == ("cabinet",) and trace.steps[-1].near == ("cabinet", "plate")
    assert trace.steps[0].near == ("fridge", "kitchentable", "wineglass")


def test_a_goal_that_comes_into_view_is_gone_for() -> None:
    """Whoever enters the living room for its cabinet sees the book on the sofa."""
    for seed in range(20):
        trace = simulate(Random(seed), APARTMENT, agent("book"), start="kitchen")
        assert told(trace)[-3:] == ["enter livingroom", "walk sofa", "grab sofa"]


def test_a_surface_that_turns_out_empty_is_given_up() -> None:
    """Nobody walks up to a surface in a room where it is in view without the goal."""
    given_up = 0
    for seed in range(60):
        trace = simulate(Random(seed), APARTMENT, agent("salmon"), start="kitchen")
        assert "walk sofa" not in told(trace)
        first = trace.steps[0].action
        given_up += first == "walktowards sofa"
    assert given_up > 5


def test_who_finds_nothing_has_looked_everywhere_it_may_be() -> None:
    trace = simulate(Random(1), APARTMENT, agent("salmon", STOVE), start="kitchen")
    assert {event.place for event in trace.events if event.kind == "open"} == {FRIDGE, CABINET}
    assert trace.events[-1].kind == "close"


def test_what_is_excluded_is_not_looked_into_though_the_goal_be_there() -> None:
    trace = simulate(Random(1), APARTMENT, agent("apple", FRIDGE), start="kitchen")
    assert {event.place for event in trace.events if event.kind == "open"} == {STOVE, CABINET}


def test_who_knows_goes_straight_there() -> None:
    trace = simulate(Random(1), APARTMENT, agent("apple", knows=True), start="livingroom")
    assert told(trace) == [
        *("start livingroom", "enter kitchen", "walk fridge", "open fridge", "grab fridge"),
    ]


def test_slips_go_anywhere_and_open_nothing_excluded() -> None:
    wild = agent("salmon", FRIDGE, slip=0.9)
    visited, opened = Counter(), Counter()
    for seed in range(60):
        for event in simulate(Random(seed), APARTMENT, wild, start="kitchen").events:
            visited[event.place] += event.kind == "walk"
            opened[event.place] += event.kind == "open"
    assert visited[FRIDGE] > 20 and visited[SOFA] > 20
    assert opened[FRIDGE] == 0 and opened[CABINET] > 20


def test_agents_give_up() -> None:
    for trace in TRACES:
        targets = {step.action for step in trace.steps if step.action.startswith("walk")}
        walks = sum(event.kind == "walk" for event in trace.events)
        assert walks <= MOST_TARGETS and bool(targets) == bool(trace.steps)
    ends = Counter(trace.events[-1].kind for trace in TRACES)
    assert ends["grab"] > 100 and len(ends) > 1


def test_steps_tell_where_a_choice_begins() -> None:
    for trace in TRACES:
        for choice in trace.choices:
            assert trace.steps[choice.step].action == choice.decision.action.text


def test_same_seed_gives_the_same_episode() -> None:
    assert traces(5) == TRACES[:5]


def test_an_episode_tells_what_was_near() -> None:
    episode = episode_of(TRACES[0], id="one")
    assert episode.nearby == tuple(step.near for step in TRACES[0].steps)
    assert episode.person == TRACES[0].agent.person and episode.cluster == "one"
