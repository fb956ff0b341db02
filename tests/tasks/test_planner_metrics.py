"""Verdicts, accuracies, calibration and all that stands beside them, worked out by hand."""

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from planning.apartments import (
    FRIDGE,
    STOVE,
    belief_query,
    closes,
    episode,
    opens,
    start,
    walk,
)

from tombench.planning.episode import Hypothesis, Query
from tombench.planning.inference import Paths, infer, paths
from tombench.planning.policies.observer import Observer
from tombench.schema import Item, Record
from tombench.tasks.planner_metrics import alpha_sweep, grouped, macro, measure, reliability_table
from tombench.tasks.planner_scoring import (
    failed_record,
    judged,
    planner_record,
    posterior_record,
    taken,
    told,
)
from tombench.tasks.planner_study import CHANCE, STUDY

PATH = (start("kitchen"), walk(FRIDGE), opens(FRIDGE), closes(FRIDGE), walk(STOVE))
SLIP = 0.02

Z = NormalDist().inv_cdf(0.975)


def item(name: str, kind: str = "2.2", key: str = "a", cluster: str = "", **query: object) -> Item:
    """A question about somebody who looks into the fridge (an apple) and goes to the stove (a
    plate): apple (a) or plate (b); of a belief question, is a book thought to be in the stove?"""
    asked = Query(kind, (Hypothesis("apple"), Hypothesis("plate")))
    if kind.startswith("1"):
        asked = belief_query("book", STOVE)
    asked = replace(asked, question_type=kind, key=key, **query)
    family = "belief" if kind.startswith("1") else "goal"
    condition = {
        "question_type": kind,
        "question_family": family,
        "theme": "home",
        "suite": "toy",
    }
    return Item(
        name, cluster or name, replace(episode(*PATH, query=asked), id=name), condition, key
    )


def record(of: Item, odds: float, **beside: float) -> Record:
    return posterior_record(of, odds, beside)


def measured(*pairs: tuple[Item, Record]) -> dict[str, float]:
    items = {one.id: one for one, _ in pairs}
    return {name: m.value for name, m in measure([own for _, own in pairs], items).items()}


UNEQUAL = [
    (item("1", "2.2", "a"), 2.0),
    (item("2", "2.2", "b"), -2.0),
    (item("3", "2.2", "b"), 2.0),
    (item("4", "1.1", "b"), -0.5),
]
"""Right, right, wrong of one type and right of the other."""


def test_an_answer_by_its_odds() -> None:
    assert (judged(1.0, "a").value, judged(1.0, "a").answer) == (1.0, "a")
    assert (judged(-1.0, "a").value, judged(-1.0, "a").answer) == (0.0, "b")
    assert (judged(0.0, "a").value, judged(0.0, "b").answer) == (0.5, "tie")
    assert judged(1e-10, "b").answer == "tie" and judged(1e-8, "b").answer == "a"
    assert judged(math.log(3), "a").reason == "the posterior of (a) is 0.750"


def test_both_probabilities_are_kept_in_logarithms() -> None:
    found = record(item("1"), math.log(3), observer=0.5).log_probs
    assert found == pytest.approx(
        {"a": math.log(0.75), "b": math.log(0.25), "log_odds/observer": 0.5}
    )
    assert math.isfinite(record(item("1"), -1e4).log_probs["a"])


def test_a_question_that_was_not_answered_is_wrong_and_unparsed() -> None:
    failed = failed_record(item("2"), "the server is gone")
    assert (failed.score.value, failed.score.answer) == (0.0, "unparsed")
    assert failed.error == "the server is gone" and failed.log_probs == {}
    found = measured((item("1"), record(item("1"), 1.0)), (item("2"), failed))
    assert (found["accuracy"], found["unparsed"], found["errors"]) == (0.5, 0.5, 0.5)
    assert found["brier"] == pytest.approx((1 - 1 / (1 + math.exp(-1))) ** 2)  # of the other alone


def test_a_tie_is_half_a_point_and_counted() -> None:
    found = measured((item("1"), record(item("1"), 0.0)), (item("2"), record(item("2"), 1.0)))
    assert (found["accuracy"], found["accuracy_strict"], found["ties"]) == (0.75, 0.5, 0.5)
    assert found["unparsed"] == found["errors"] == 0.0


def test_micro_and_macro_of_unequal_types() -> None:
    found = measured(*((one, record(one, odds)) for one, odds in UNEQUAL))
    assert found["accuracy"] == 3 / 4
    assert found["accuracy_macro"] == pytest.approx((2 / 3 + 1) / 2)
    assert (found["belief_accuracy"], found["goal_accuracy"]) == (1.0, pytest.approx(2 / 3))


def test_the_interval_of_the_macro_average() -> None:
    """Residuals 1/3, 1/3, -2/3, 0, the first three times 4 / (2 * 3); variance 4/3 * sum / 16."""
    found = macro([record(one, odds) for one, odds in UNEQUAL])
    spread = Z * math.sqrt(4 / 3 * (4 + 4 + 16) / 81 / 16)
    assert (found.n, found.clusters) == (4, 4)
    assert found.low == pytest.approx(5 / 6 - spread) and found.high == 1.0


def test_questions_of_one_episode_are_not_independent() -> None:
    """Two clusters, residuals (2/9 + 2/9) and (-4/9 + 0): variance 2 * 2 (4/9)² / 16."""
    pairs = [(replace(one, cluster=c), o) for (one, o), c in zip(UNEQUAL, "xxyy", strict=True)]
    found = macro([record(one, odds) for one, odds in pairs])
    assert found.low == pytest.approx(5 / 6 - Z * math.sqrt(4 * (4 / 9) ** 2 / 16))
    alone = macro([record(replace(one, cluster="x"), odds) for one, odds in UNEQUAL])
    assert (alone.low, alone.high, alone.clusters) == (0.0, 1.0, 1)


def test_right_throughout_still_has_an_interval() -> None:
    ones = [item(str(number)) for number in range(4)]
    found = macro([record(one, 1.0) for one in ones])
    assert found.value == 1.0 and 0.3 < found.low < 0.9


def test_calibration_by_hand() -> None:
    first, second = item("1", key="a"), item("2", key="b")
    found = measured((first, record(first, math.log(3))), (second, record(second, math.log(3))))
    assert found["brier"] == pytest.approx((0.25**2 + 0.75**2) / 2)
    assert found["log_score"] == pytest.approx(-(math.log(0.75) + math.log(0.25)) / 2)
    rows = reliability_table([record(first, math.log(3)), record(second, math.log(3))])
    assert [(row["low"], row["n"], row["share"]) for row in rows] == [(0.7, 2, 0.5)]
    assert rows[0]["mean_probability"] == pytest.approx(0.75)


def test_questions_without_a_key_say_nothing_about_calibration() -> None:
    without = replace(item("1"), target=None)
    assert reliability_table([record(item("2"), 0.1)])[0]["n"] == 1
    assert len(reliability_table([record(item("2"), 0.1), record(without, 3.0)])) == 1
    assert "brier" not in measured((without, record(without, 1.0)))


def test_whoever_scored_stands_beside() -> None:
    first, second = item("1", key="a"), item("2", key="a")
    found = measured(
        (first, record(first, 1.0, observer=-2.0)), (second, record(second, 1.0, observer=0.0))
    )
    assert (found["accuracy"], found["observer/accuracy"], found["observer/ties"]) == (1, 0.25, 0.5)
    expected = (math.log1p(math.exp(2)) + math.log(2)) / 2
    assert found["observer/log_score"] == pytest.approx(expected)


def test_the_studys_verdict_and_its_chance() -> None:
    first, second = item("1", "1.1"), item("2", "1.3")
    own = [record(first, 1.0), record(second, 1.0)]
    own[0] = replace(own[0], log_probs=own[0].log_probs | {STUDY: 1.0, CHANCE: 1 / 8})
    own[1] = replace(own[1], log_probs=own[1].log_probs | {STUDY: 0.0, CHANCE: 7 / 8})
    found = measured((first, own[0]), (second, own[1]))
    assert (found["study_accuracy"], found["study_chance"], found["accuracy"]) == (0.5, 0.5, 1.0)
    assert "study_accuracy" not in measured((first, record(first, 1.0)))


def test_shortcuts_on_the_same_questions() -> None:
    """At the stove is a plate: (b) of the goal question, and where a book is thought to be: (a)."""
    goal, belief = item("1", "2.2", "a"), item("2", "1.1", "a")
    found = measured((goal, record(goal, 1.0)), (belief, record(belief, 1.0)))
    baselines = {
        name.removeprefix("baseline/"): value
        for name, value in found.items()
        if name.startswith("baseline/")
    }
    assert baselines == {
        "last_target": 0.5,  # wrong, right
        "negation": 0.25,  # it chooses nothing, wrong
        "first_mentioned": 0.75,  # the apple comes before the plate; one thing alone is asked about
        "last_mentioned": 0.25,
        "always_a": 1.0,
    }


def test_what_can_be_known_stands_beside_questions_of_our_own() -> None:
    sure, half = item("1", key="a", posterior=0.8), item("2", key="b", posterior=0.5)
    wrong = item("3", key="b", posterior=0.9)
    found = measured(*((one, record(one, 1.0)) for one in (sure, half, wrong)))
    assert found["exact/accuracy"] == pytest.approx((1 + 0.5 + 0) / 3)
    almost = item("2", key="b", posterior=0.5 + 1e-16)  # a half, but for rounding
    assert measured((almost, record(almost, 1.0)))["exact/accuracy"] == 0.5
    assert found["exact/log_score"] == pytest.approx(-math.log(0.8 * 0.5 * 0.1) / 3)
    assert "exact/accuracy" not in measured((item("4"), record(item("4"), 1.0)))


def test_the_sweep_over_alpha_is_read_from_records() -> None:
    keys = {"alpha=0": -1.0, "alpha=0.5": 0.0, "alpha=2": 1.0, "alpha=10": 1.0, "naive_sum": 1.0}
    first, second = item("1", key="a"), item("2", key="b")
    rows = alpha_sweep([record(first, 1.0, **keys), record(second, 1.0, **keys | {"alpha=2": -3})])
    assert [row["alpha"] for row in rows] == [0.0, 0.5, 2.0, 10.0]
    assert [row["accuracy"] for row in rows] == [0.5, 0.5, 1.0, 0.5]
    assert rows[1]["log_score"] == pytest.approx(math.log(2))
    assert all(row["low"] <= row["accuracy"] <= row["high"] for row in rows)
    assert alpha_sweep([record(first, 1.0)]) == []


def test_groups_are_those_of_the_conditions() -> None:
    pairs = [(one, record(one, odds)) for one, odds in UNEQUAL]
    found = grouped([own for _, own in pairs], {one.id: one for one, _ in pairs})
    assert {factor: sorted(levels) for factor, levels in found.items()} == {
        "question_type": ["1.1", "2.2"],
        "question_family": ["belief", "goal"],
        "theme": ["home"],
        "suite": ["toy"],
    }
    assert found["question_type"]["2.2"]["accuracy"].value == pytest.approx(2 / 3)
    assert found["question_type"]["2.2"]["accuracy"].n == 3


def test_a_record_by_the_observer_step_by_step() -> None:
    """Who wants the apple would grab it, not close the fridge and go: two slips, of six actions."""
    one = item("1", key="b")
    known = paths(one.content)
    scores = {"observer": taken(Observer(slip=SLIP), known.all)}
    found = planner_record(one, known, Observer(), scores)
    fifth, sixth = SLIP / 5, SLIP / 6  # of five actions; of six where the apple can be grabbed
    both = [0.98 / 4 + fifth, 0.98 + fifth]  # four places are possible: all but the kitchen's table
    apple, plate = [sixth, sixth], [0.98 + fifth, 0.98 / 3 + fifth]  # stove, sofa, cabinet are left
    expected = np.log([*both, *apple]).sum() - np.log([*both, *plate]).sum()
    assert found.log_probs["log_odds/observer"] == pytest.approx(expected)
    assert found.score.answer == "b" and found.score.value == 1.0
    lines = found.response.splitlines()
    assert len(lines) == 4
    assert lines[1] == "open fridge: log p -0.016 if (a), -0.016 if (b); P(a) 0.500"
    assert told(infer(replace(one.content, events=PATH[:1]), Paths((), ()), [])) == (
        "no action decides anything"
    )
