"""All pairs of runs on the same items: by hand and by scipy, families, and what is left out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tombench.schema import Record, Score
from tombench.statistics.multiplicity import holm
from tombench.statistics.paired import sign_flip
from tombench.statistics.power import minimum_detectable_difference
from tombench.summary.answers import ItemScores, item_scores
from tombench.summary.collect import EvaluatedRun
from tombench.summary.report import pairs as module
from tombench.summary.report.pairs import pairs

ASKED = {"generation": {"temperature": 0}, "seed": 0, "data": "d"}


def run(model: str, task: str = "t", prompting: str = "base", **asked: object) -> EvaluatedRun:
    told = json.dumps(ASKED | asked)
    return EvaluatedRun(
        Path(model) / "v0001", task, model, prompting, "v", told, "", None, "", "", {}
    )


def scores(values: Mapping[str, Sequence[float]]) -> ItemScores:
    """Of clusters their items' values; of an item given as a list, its repetitions'."""
    records = []
    for cluster, items in values.items():
        for place, value in enumerate(items):
            item = f"{cluster}{place}"
            score = Score(value, "yes", "")
            records.append(Record(item, item, 0, cluster, {}, "", "", "yes", score))
    return item_scores(records)


def single(values: Sequence[float]) -> ItemScores:
    """An item a cluster."""
    return scores({f"c{place:03}": [value] for place, value in enumerate(values)})


def test_a_pair_by_hand() -> None:
    """Six clusters of one item: 3 both, 2 only first, 0 only second, 1 neither."""
    found = pairs([run("m"), run("n")], [single([1, 1, 1, 1, 1, 0]), single([1, 1, 1, 0, 0, 0])])
    (pair,) = found.found
    assert (pair.first, pair.second, pair.items, pair.clusters, pair.family) == (0, 1, 6, 6, 1)
    assert (pair.both, pair.only_first, pair.only_second, pair.neither) == (3, 2, 0, 1)
    assert pair.p_mcnemar == 2 / 2**2 == pair.p_permutation == pair.holm
    differences = np.array([0, 0, 0, 1, 1, 0])
    sd = differences.std(ddof=1)
    reach = stats.t.ppf(0.975, 5) * sd / np.sqrt(6)
    assert (pair.difference, pair.low, pair.high) == pytest.approx(
        (1 / 3, 1 / 3 - reach, 1 / 3 + reach), abs=1e-12
    )
    assert pair.dz == pytest.approx(1 / 3 / sd, abs=1e-12)
    assert pair.detectable == pytest.approx(minimum_detectable_difference(sd, 6), rel=1e-12)
    assert len(found.notes) == 1 and found.notes[0].startswith("Difference: of mean scores")


def test_clusters_of_several_items() -> None:
    """Means of clusters are compared; McNemar counts items, and a note says what that takes."""
    first = {"a": [1, 1, 0], "b": [1, 0], "c": [0, 0, 0, 1]}
    second = {"a": [0, 1, 0], "b": [1, 0], "c": [1, 1, 0, 1]}
    found = pairs([run("m"), run("n")], [scores(first), scores(second)])
    (pair,) = found.found
    assert (pair.items, pair.clusters) == (9, 3)
    assert pair.difference == pytest.approx((1 / 3 + 0 - 1 / 2) / 3, abs=1e-12)
    assert (pair.both, pair.only_first, pair.only_second, pair.neither) == (3, 1, 2, 3)
    assert pair.p_mcnemar == stats.binomtest(1, 3).pvalue == 1.0
    assert pair.p_permutation == 1.0  # of ±1/3 ±1/2 all four patterns reach 1/6
    assert "in t clusters hold several" in found.notes[-1]


@pytest.mark.parametrize("values", [[1, 0.5, 0, 1], [1, 0.2, 0, 1]])
def test_scores_that_are_no_0_or_1_have_no_fourfold_table(values) -> None:
    (pair,) = pairs([run("m"), run("n")], [single(values), single([1, 1, 0, 0])]).found
    assert (pair.p_mcnemar, pair.both, pair.only_first) == (None, None, None)
    assert pair.difference == pytest.approx((sum(values) - 2) / 4)


def test_several_answers_an_item_have_no_fourfold_table() -> None:
    """Even where all of them are alike."""
    twice = [
        Record(f"c{n}/{r}", f"c{n}", r, f"c{n}", {}, "", "", "yes", Score(float(n % 2), "yes", ""))
        for n in range(4)
        for r in range(2)
    ]
    own = item_scores(twice)
    (pair,) = pairs([run("m"), run("n")], [own, own]).found
    assert pair.p_mcnemar is None and pair.p_permutation == 1
    assert (pair.dz, pair.detectable, pair.low, pair.high) == (None, None, None, None)


def test_a_family_is_all_pairs_on_one_set_of_items() -> None:
    random = np.random.default_rng(0)
    own = [single(random.integers(0, 2, 30) * w) for w in (1, 0.9, 0.8, 1)]
    other = single(random.integers(0, 2, 12))
    runs = [run("a"), run("b"), run("c"), run("d", data="e"), run("e", data="e")]
    found = pairs(runs, [*own[:3], other, other]).found
    assert [(pair.first, pair.second) for pair in found] == [(0, 1), (0, 2), (1, 2), (3, 4)]
    assert [pair.family for pair in found] == [3, 3, 3, 1]
    assert [p.holm for p in found[:3]] == holm([p.p_permutation for p in found[:3]])
    assert found[3].holm == found[3].p_permutation == 1


def test_many_pairs_get_the_p_of_each_alone() -> None:
    """12 runs of 60 clusters with equal values among them: drawn and exact p to the last digit."""
    random = np.random.default_rng(3)
    chances = random.beta(2, 2, 60)
    values = [random.binomial(k, chances) / k for k in (1, 2, 5, 10) * 3]
    found = pairs([run(f"m{n}") for n in range(12)], [single(one) for one in values]).found
    assert len(found) == 66
    for pair, (a, b) in zip(found, combinations(range(12), 2), strict=True):
        assert pair.p_permutation == sign_flip(values[a] - values[b])
        expected = stats.ttest_rel(values[a], values[b]).confidence_interval()
        assert (pair.low, pair.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (run("n", data="e"), "differ in data."),
        (run("n", seed=1), "differ in seed."),
        (run("n", generation={}), "differ in sampling."),
        (replace(run("n"), rules="new"), "differ in scoring rules."),
    ],
)
def test_runs_that_were_asked_otherwise(other, why) -> None:
    own = single([1, 0, 1])
    found = pairs([run("m"), other], [own, own])
    assert found.found == [] and len(found.notes) == 1
    assert found.notes[0].startswith(
        "t: 1 pair is not compared; m, base (v0001) and n, base (v0001)"
    )
    assert found.notes[0].endswith(why)


def test_other_items_other_tasks_and_runs_without_scores() -> None:
    runs = [run("m"), run("n"), run("o", task="u"), run("p", task="g"), run("q", task="g")]
    own = [single([1, 0, 1]), single([1, 0]), single([1, 0, 1]), None, None]
    found = pairs(runs, own)
    assert found.found == []
    assert found.notes == [
        "g: 2 runs are not compared here, since no score by item was read of them.",
        "t: 1 pair is not compared; m, base (v0001) and n, base (v0001), for one, differ in items "
        "or repetitions.",
    ]


def test_one_cluster_is_told() -> None:
    own = scores({"a": [1, 0]})
    found = pairs([run("m"), run("n")], [own, own])
    assert found.found == []
    assert found.notes == [
        "t: m, base (v0001), n, base (v0001) share one cluster, and a test needs two."
    ]


def test_runs_that_were_put_otherwise_are_compared_and_told() -> None:
    one, other = replace(run("m"), put="family=a x=1"), replace(run("n"), put="family=b x=1")
    found = pairs([one, other], [single([1, 0, 1])] * 2)
    assert len(found.found) == 1
    assert found.notes[-1].endswith("put differently, though compared (family=a; family=b).")


def test_of_too_many_pairs_those_that_differ_in_one_thing(monkeypatch) -> None:
    """3 models × 2 promptings are 15 pairs: 6 of models under one prompting, 3 of promptings."""
    monkeypatch.setattr(module, "MOST", 14)
    runs = [run(m, prompting=p) for m in "abc" for p in ("base", "cot")]
    found = pairs(runs, [single([1, 0, 1, 1])] * 6)
    assert len(found.found) == 9 and {pair.family for pair in found.found} == {9}
    for pair in found.found:
        first, second = runs[pair.first], runs[pair.second]
        assert (first.model == second.model) != (first.prompting == second.prompting)
    assert found.notes[1].startswith("15 pairs of runs share their items")
