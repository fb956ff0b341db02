"""Which runs are compared, with what numbers; and why others are not."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tombench.cli import run
from tombench.schema import Record, Score
from tombench.statistics.multiplicity import holm
from tombench.summary.answers import item_scores
from tombench.summary.collect import EvaluatedRun
from tombench.summary.comparisons import Entry, Inference, infer
from tombench.summary.significance import (
    bias_grid,
    comparison_rows,
    difference_text,
    model_grid,
    p_text,
    prompting_grid,
)

COUNTS = {  # right answers of ten, by item; yes is right for the first four
    "base": [9, 8, 10, 7, 1, 0, 2, 1],
    "sbs": [7, 8, 9, 3, 2, 0, 1, 4],
    "cot": [5, 5, 6, 5, 4, 6, 5, 9],
}


def records(counts: list[int], answers: int = 10) -> list[Record]:
    return [
        Record(
            f"{item}/{n}", item, n, item, {}, "", "", answer, Score(float(n < right), answer, "")
        )
        for place, right in enumerate(counts)
        for item, answer in [(f"i{place}", "yes" if place < 4 else "no")]
        for n in range(answers)
    ]


def entry(
    model: str, prompting: str, own: list[Record], asked: str = "same", put: str = "family=a"
) -> Entry:
    where = Path("v0001"), "t", model, prompting
    run = EvaluatedRun(*where, "data=own", asked, put, None, "", "", {})
    return Entry(model, run, item_scores(own))


@pytest.fixture
def tests() -> Inference:
    return infer([entry("m", name, records(counts)) for name, counts in COUNTS.items()])


def test_each_prompting_against_base(tests) -> None:
    assert [(row.first, row.second) for row in tests.promptings] == [
        ("sbs", "base"),
        ("cot", "base"),
    ]
    for row in tests.promptings:
        first, second = np.array(COUNTS[row.first]) / 10, np.array(COUNTS["base"]) / 10
        expected = stats.ttest_rel(first, second)
        assert row.found.p == pytest.approx(expected.pvalue, rel=1e-9)
        assert row.found.difference == pytest.approx((first - second).mean())
        flipped = stats.permutation_test(
            (first - second,), np.mean, permutation_type="samples", n_resamples=np.inf
        )
        assert row.p_permutation == pytest.approx(flipped.pvalue)
        assert row.family == 2
    assert [row.holm for row in tests.promptings] == holm([r.found.p for r in tests.promptings])
    assert tests.models == () and tests.notes == ()


def test_what_other_rules_read_is_not_compared() -> None:
    base, sbs = (entry("m", name, records(COUNTS[name])) for name in ("base", "sbs"))
    other = replace(sbs, run=replace(sbs.run, rules="new"))
    found = infer([base, other])
    assert found.promptings == ()
    assert "m: sbs and base were scored by unlike rules" in found.notes[-1]
    second = entry("n", "base", records(COUNTS["cot"]))
    second = replace(second, run=replace(second.run, rules="new"))
    found = infer([base, second])
    assert found.models == () and "scoring rules differ: m with n" in found.notes[-1]


def test_bias_of_each_run(tests) -> None:
    base = tests.biases[0]
    shares = np.array(COUNTS["base"]) / 10
    expected = stats.ttest_ind(shares[:4], shares[4:])
    assert (base.found.t, base.found.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert len(tests.biases) == 3


def test_models_under_the_same_prompting() -> None:
    found = infer(
        [entry(model, name, records(COUNTS[name])) for model in "abc" for name in ("base", "sbs")]
    )
    pairs = [(row.within, row.first, row.second, row.family) for row in found.models]
    assert pairs[:3] == [("base", "a", "b", 3), ("base", "a", "c", 3), ("base", "b", "c", 3)]
    assert len(pairs) == 6
    assert all(row.found.constant and row.detectable is None for row in found.models)


@pytest.mark.parametrize(
    "other",
    [records(COUNTS["sbs"][:6]), records(COUNTS["sbs"], answers=9), records([*COUNTS["sbs"], 3])],
)
def test_runs_on_other_items_or_repetitions_are_not_compared(other) -> None:
    found = infer([entry("m", "base", records(COUNTS["base"])), entry("m", "sbs", other)])
    assert found.promptings == ()
    assert found.notes == (
        "m: sbs and base do not hold the same items and repetitions, so they are not compared.",
    )


def test_one_answer_changed_its_right_one() -> None:
    changed = [replace(r, target="no") if r.item == "i0" else r for r in records(COUNTS["sbs"])]
    found = infer([entry("m", "base", records(COUNTS["base"])), entry("m", "sbs", changed)])
    assert found.promptings == () and "not compared" in found.notes[0]


def test_models_that_were_asked_otherwise_are_not_compared() -> None:
    own = records(COUNTS["base"])
    found = infer([entry("a", "base", own), entry("b", "base", own, asked="other sampling")])
    assert found.models == ()
    assert "Not compared, since" in found.notes[-1] and "a with b." in found.notes[-1]


def test_models_that_were_put_otherwise_are_compared_and_told() -> None:
    own = records(COUNTS["base"])
    found = infer([entry(m, "base", own, put=f"family={m}") for m in "abc"])
    assert len(found.models) == 3
    assert "(family=a against family=b): a with b." in found.notes[-3]


def test_no_base_is_told() -> None:
    found = infer([entry("m", "cot", records(COUNTS["cot"]))])
    assert found.promptings == ()
    assert found.notes == ("m: no run under base, so its promptings are not compared.",)


def test_what_base_alone_could_find_is_told() -> None:
    (note,) = infer([entry("m", "base", records(COUNTS["base"]))]).notes
    sd = np.std(np.array(COUNTS["base"]) / 10, ddof=1)
    assert f"sd {sd:.2f}" in note and "Over its 8 items" in note


def test_items_of_a_cluster_count_once() -> None:
    """Two wordings of each item: means over both, as many degrees of freedom as items."""
    twice = {
        name: [
            replace(r, id=f"{r.id}~{n}", item=f"{r.item}~{n}")
            for n in range(2)
            for r in records(counts)
        ]
        for name, counts in COUNTS.items()
    }
    found = infer([entry("m", name, own) for name, own in twice.items()])
    assert [row.found.df for row in found.promptings] == [7, 7]


def test_a_cluster_with_both_answers_has_no_bias_test() -> None:
    own = [replace(r, cluster=f"c{int(r.item[1]) % 4}") for r in records(COUNTS["base"])]
    assert infer([entry("m", "base", own)]).biases == ()


def test_all_items_alike_is_told() -> None:
    found = infer([entry("m", "base", records([2] * 8)), entry("m", "cot", records([5] * 8))])
    grid = prompting_grid("t", found)
    assert grid.rows[0][3:] == ("inf", "7", "<.0001", "<.0001", ".0078", ".0078", "–")
    assert any("No spread" in note for note in grid.notes)


def test_how_numbers_are_shown(tests) -> None:
    assert [p_text(p) for p in (0.0442, 1e-5, 0.0001, 1.0)] == [
        ".0442",
        "<.0001",
        ".0001",
        "1.0000",
    ]
    assert difference_text(-0.19, -0.392, 0.01) == "−0.19 [−0.39, +0.01]"
    grid = prompting_grid("t", tests)
    assert grid.rows[0][:2] == ("m", "SbS − Base")
    assert len(grid.header) == len(grid.rows[0])
    assert "the promptings of one model" in grid.notes[0]
    own = [entry("m", name, records(counts)) for name, counts in COUNTS.items()]
    bias = bias_grid("t", tests.biases, own)
    assert len(bias.rows[0]) == len(bias.header)
    assert bias.behind[0, 2].only == {"target": ("yes",)}
    assert bias.behind[0, 3].only == {"target": ("no",)}
    assert model_grid("t", tests).rows == ()
    assert len(comparison_rows(tests)) == 2


def test_by_command(tmp_path, capsys) -> None:
    """right against reality_biased: 4 of 16 scenes are as the facts are."""
    words = ["--multirun", "backend=mock", "backend.mind=right,reality_biased"]
    assert run([*words, "prompting=base,cot", f"output_root={tmp_path}"]) == 0
    assert run(["stage=summarize", f"output_root={tmp_path}"]) == 0
    out = capsys.readouterr().out
    assert "promptings against base" in out and "yes/no bias" in out
    tables = tmp_path / "summarize" / "v0001" / "tables"
    rows = list(csv.DictReader((tables / "tests_vignettes.csv").open(encoding="utf-8")))
    model = next(row for row in rows if row["compared"] == "models" and row["within"] == "base")
    assert (model["first"], model["second"]) == ("mock:reality_biased", "mock:right")
    assert float(model["difference"]) == -0.75
    expected = stats.ttest_rel([0] * 12 + [1] * 4, [1] * 16)
    assert float(model["p"]) == pytest.approx(expected.pvalue, rel=1e-9)
    assert float(model["p_permutation"]) == 2 / 2**12
    assert (tables / "tests_vignettes.md").exists() and (tables / "tests_vignettes.tex").exists()
    bias = list(csv.DictReader((tables / "bias_vignettes.csv").open(encoding="utf-8")))
    assert [float(row["p"]) for row in bias] == [1, 1, 1, 1]


def test_a_run_with_a_limit_is_not_compared_with_a_whole_one(tmp_path, capsys) -> None:
    assert run(["backend=mock", f"output_root={tmp_path}"]) == 0
    assert run(["backend=mock", "prompting=cot", "limit=4", f"output_root={tmp_path}"]) == 0
    assert run(["stage=summarize", f"output_root={tmp_path}"]) == 0
    out = capsys.readouterr().out
    assert "(first 4 items): no run under base, so its promptings are not compared." in out
    table = tmp_path / "summarize" / "v0001" / "tables" / "tests_vignettes.csv"
    assert table.read_text().strip() == ""
