"""Effects of masks, their null and what may be said, against hand calculations."""

from dataclasses import replace

import numpy as np
import pytest
from tasks.sparsity_samples import BASE, memory, question, text, tom

from tombench.schema import Metric, Record
from tombench.tasks.sparsity_answers import answers_of, margin, measure_of
from tombench.tasks.sparsity_conditions import Condition
from tombench.tasks.sparsity_effects import Effects, effect_rows, effects_of
from tombench.tasks.sparsity_null import HeadlineRow, beside, headline_rows, null_rows
from tombench.tasks.sparsity_perplexity import windows_of
from tombench.tasks.sparsity_verdict import verdicts

M, LARGER = 0.01, 0.02
MARGINS = {BASE: (1.0, 3.0, 2.0), tom(M): (-1.0, 2.0, 2.0), tom(LARGER): (-3.0, -1.0, 1.0)}
"""False belief in three tasks."""
GENERAL = {BASE: 4.0, tom(M): 3.5, tom(LARGER): 3.0}
"""Every control question."""


def answered(condition: Condition, beliefs: tuple[float, ...], control: float) -> list[Record]:
    records = []
    for task, value in enumerate(beliefs):
        records.append(question(condition, task, "belief", value))
        records.append(question(condition, task, "reality", control))
        records.append(question(condition, task, "belief", control, cell="informed"))
    return [*records, memory(condition, 0, control), memory(condition, 1, control)]


RECORDS = [r for mask in MARGINS for r in answered(mask, MARGINS[mask], GENERAL[mask])]


def effects(records: list[Record] = RECORDS) -> dict[tuple[str, str], Effects]:
    return {(one.measure, one.scale): one for one in effects_of(answers_of(records), {})}


def test_which_question_counts_in_which_measure():
    told = {"part": "tasks", "cell": "informed", "question_type": "action"}
    assert measure_of(told) == "true_belief"
    assert measure_of(told | {"cell": "false_belief"}) == "false_belief"
    assert measure_of(told | {"question_type": "reality"}) == "reality"
    assert measure_of(told | {"question_type": "irony"}) is None
    assert measure_of(told | {"part": "specificity", "question_type": "memory"}) == "memory"
    assert measure_of({"part": "further", "task": "mmtom"}) == "further/mmtom"
    assert measure_of({"part": "perplexity"}) is None


def test_a_margin_is_the_right_option_less_the_best_other():
    asked = question(BASE, 0, "belief", 1.5)
    assert margin(asked) == pytest.approx(1.5)
    more = replace(asked, log_probs={"box": -2.0, "bag": -3.0, "tin": -2.25})
    assert margin(more) == pytest.approx(0.25)
    assert np.isnan(margin(replace(asked, log_probs={})))


def test_effects_by_hand():
    found = effects()
    margins, right = found["false_belief", "margin"], found["false_belief", "accuracy"]
    assert margins.value(tom(M)) == pytest.approx((-2 - 1 + 0) / 3)
    assert margins.value(tom(LARGER)) == pytest.approx((-4 - 4 - 1) / 3)
    assert right.value(tom(M)) == pytest.approx(-1 / 3)
    assert right.value(tom(LARGER)) == pytest.approx(-2 / 3)
    assert found["controls", "margin"].value(tom(M)) == pytest.approx(-0.5)
    assert found["controls", "margin"].items[0] == 3 + 3 + 2  # true belief, reality, memory
    assert found["selective", "margin"].value(tom(M)) == pytest.approx(-1 + 0.5)
    assert found["memory", "accuracy"].value(tom(M)) == 0
    assert margins.value(tom(0.5)) is None


def test_a_difference_of_effects_is_drawn_jointly():
    found = effects()
    both = found["false_belief", "margin"].draws - found["controls", "margin"].draws
    assert np.allclose(found["selective", "margin"].draws, both)
    # controls change alike everywhere: the whole spread is that of false belief
    spread = found["false_belief", "margin"].draws.std(axis=0)
    assert found["selective", "margin"].draws.std(axis=0) == pytest.approx(spread)
    assert spread[0] > 0


def test_rows_hold_p_values_adjusted_over_m():
    rows = effect_rows(list(effects().values()))
    own = [row for row in rows if (row.measure, row.scale) == ("false_belief", "margin")]
    assert [(row.m, row.n, row.clusters) for row in own] == [("0.01", 3, 3), ("0.02", 3, 3)]
    # −2, −1, 0: both signs alike in 2 of 4 patterns; −4, −4, −1: in 2 of 8
    assert [row.p for row in own] == [0.5, 0.25]
    assert [row.p_holm for row in own] == [0.5, 0.5]
    assert all(row.low <= row.value <= row.high for row in own)


def test_an_item_that_could_not_be_asked_is_left_out_of_its_pairs():
    broken = [
        replace(r, error="out of memory", log_probs={})
        if r.id.startswith("tom@0.01/contents-00/f")
        else r
        for r in RECORDS
    ]
    found = effects(broken)["false_belief", "margin"]
    assert found.value(tom(M)) == pytest.approx((-1 + 0) / 2)
    assert found.items.tolist() == [2, 3]


def test_log_perplexity_is_paired_by_window():
    texts = {BASE: text(BASE, 20.0, 30.0), tom(M): text(tom(M), 22.0, 34.0)}
    windows = {mask: windows_of(record) for mask, record in texts.items()}
    (found,) = effects_of(answers_of([]), windows)
    assert (found.measure, found.scale, found.harm) == ("log_perplexity", "nats", 1)
    assert found.value(tom(M)) == pytest.approx(6 / 20)
    assert found.mean_over([tom(M)]).clusters == 2


def test_one_cluster_has_no_interval():
    records = [question(mask, 0, "belief", MARGINS[mask][0]) for mask in MARGINS]
    rows = effect_rows(effects_of(answers_of(records), {}))
    assert {(row.low, row.high, row.clusters) for row in rows} == {(None, None, 1)}
    assert headline_rows(effects_of(answers_of(records), {}), [M]) == []


def test_the_studied_mask_among_its_null():
    null = beside(-0.3, [-0.4, -0.3, -0.1, 0.0], harm=-1)
    assert null.as_harmful.value == 2 / 4 and null.as_harmful.n == 4
    assert null.p == (1 + 2) / (1 + 4)
    assert null.percentile == 100 * 1.5 / 4  # one is lower, one equal
    assert null.mean == pytest.approx(-0.2)
    assert beside(0.3, [0.4, 0.1], harm=1).p == (1 + 1) / (1 + 2)  # of perplexity more is worse


def controlled() -> list[Record]:
    """Random masks: seed 0 as harmful as the studied ones, seed 1 harmless, seed 2 at M alone."""
    seeds = {0: tom, 1: lambda m: BASE}
    records = [*RECORDS]
    for seed, like in seeds.items():
        for m in (M, LARGER):
            mask = like(m)
            records += answered(Condition("random", m, seed), MARGINS[mask], GENERAL[mask])
    return records + answered(Condition("random", M, 2), MARGINS[tom(M)], GENERAL[tom(M)])


def test_nulls_and_the_headline_by_hand():
    found = effects_of(answers_of(controlled()), {})
    at = {(n.m, n.measure, n.scale): n for n in null_rows(found, [M, LARGER])}
    row = at["0.01", "false_belief", "margin"]
    assert row.null.seeds == pytest.approx((-1, 0, -1)) and row.effect == pytest.approx(-1)
    assert row.null.p == (1 + 2) / (1 + 3)
    headline = {(h.measure, h.scale): h for h in headline_rows(found, [M, LARGER])}
    own = headline["false_belief", "margin"]
    assert own.effect.value == pytest.approx((-1 - 3) / 2)
    assert own.nulls["random"].seeds == pytest.approx((-2, 0))  # seed 2 lacks a point
    assert own.nulls["random"].p == (1 + 1) / (1 + 2)
    assert "matched" not in own.nulls and own.general is None
    assert own.points == ("0.01", "0.02")
    assert set(headline) == {
        (measure, scale)
        for measure in ("false_belief", "selective")
        for scale in ("accuracy", "margin")
    }


def test_the_headlines_interval_is_of_the_mean_over_points():
    (margins,) = [
        e
        for e in effects_of(answers_of(RECORDS), {})
        if (e.measure, e.scale) == ("false_belief", "margin")
    ]
    both = margins.mean_over([tom(M), tom(LARGER)])
    low, high = np.quantile(margins.draws.mean(axis=1), [0.025, 0.975])
    assert (both.low, both.high) == pytest.approx((low, high))
    assert both.low == pytest.approx(-3.0)  # the task that loses most, thrice


@pytest.mark.parametrize(
    ("low", "high", "answer"),
    [(-0.4, -0.1, "yes"), (-0.4, 0.1, "undecided"), (0.1, 0.2, "no"), (0.0, 0.0, "undecided")],
)
def test_an_effect_is_judged_by_its_interval(low: float, high: float, answer: str):
    row = HeadlineRow("false_belief", "accuracy", ("0.01",), Metric(low, low, high, 9, 3), None, {})
    (verdict,) = verdicts([row], None)
    assert (verdict.question, verdict.answer) == ("hurts false belief", answer)


@pytest.mark.parametrize(
    ("worse", "answer"), [(0, "yes"), (1, "undecided"), (9, "undecided"), (10, "no")]
)
def test_a_mask_is_judged_by_twenty_others(worse: int, answer: str):
    null = beside(-0.3, [-0.4] * worse + [0.0] * (20 - worse), harm=-1)
    effect = Metric(-0.3, -0.4, -0.2, 9, 3)
    row = HeadlineRow("false_belief", "accuracy", ("0.01",), effect, None, {"random": null})
    found = {verdict.question: verdict for verdict in verdicts([row], None)}
    said = found["hurts false belief, more than random masks do"]
    assert said.answer == answer
    assert f"{worse} of 20 as harmful, p = {(1 + worse) / 21:.3f}" in said.why


@pytest.mark.parametrize(
    ("low", "high", "answer"), [(0.6, 0.9, "yes"), (0.4, 0.9, "undecided"), (0.1, 0.4, "no")]
)
def test_who_knows_nothing_has_nothing_to_lose(low: float, high: float, answer: str):
    row = HeadlineRow("selective", "margin", ("0.01",), Metric(0, -1, 1, 9, 3), None, {})
    first = verdicts([row], Metric((low + high) / 2, low, high, 80, 40))[0]
    assert first.answer == answer and first.question.startswith("unmasked")
    assert verdicts([], Metric(0.5, low, high, 80, 40)) == []
