"""What a run under masks comes to, on few records."""

import json

import pytest
from tasks.sparsity_samples import BASE, memory, record, text, tom

from tombench.schema import Item, Record
from tombench.stories.asked import StoryQuestion
from tombench.stories.contrast import CELLS, VARIANTS
from tombench.stories.suite import HEADLINE
from tombench.tasks.base import Metrics
from tombench.tasks.sparsity_conditions import Condition
from tombench.tasks.sparsity_metrics import sparsity_metrics
from tombench.writing import pretty

M, LAST = 1e-5, 2e-5


def items() -> dict[str, Item]:
    """Two contents tasks in all their cells."""
    made = [
        Item(
            f"contents-{task:02d}/{cell}.{variant}/{kind}",
            f"contents-{task:02d}",
            StoryQuestion("A bag, a box.", "It is in the", ("box", "bag"), "next_word", ""),
            {
                **{"suite": "false_belief", "paradigm": "contents", "cell": cell},
                **{"variant": variant, "question_type": kind},
            },
            target="box",
            reality="bag" if cell == "false_belief" and kind == "belief" else "box",
        )
        for task in (0, 1)
        for cell in CELLS["contents"]
        for variant in VARIANTS
        for kind in HEADLINE["contents"]
    ]
    return {item.id: item for item in made}


ITEMS = items()


def answered(mask: Condition, belief: float, drawn: int = 0) -> list[Record]:
    """False belief by its margin, all else right; `drawn` right answers of each question."""
    records = [memory(mask, 0, 1.0), memory(mask, 1, 1.0), text(mask, 10.0 - belief, 20.0)]
    for item in ITEMS.values():
        told = {"part": "tasks", **item.condition}
        mistaken = item.reality != item.target
        records.append(record(mask, item.id, told, belief if mistaken else 2.0))
        records += [record(mask, item.id, told, 1.0, number) for number in range(1, drawn + 1)]
    return records


def measured() -> Metrics:
    records = answered(BASE, 1.0, drawn=2) + answered(tom(M), 0.0, drawn=2)
    records += answered(tom(LAST), -1.0, drawn=2) + answered(Condition("general", LAST), 0.5)
    records += answered(Condition("random", LAST, 0), -1.0) + answered(
        Condition("random", LAST, 1), 1.0
    )
    return sparsity_metrics(records[::-1], ITEMS, "tiny", (0.0, M, LAST), (LAST,))


FOUND = measured()


def test_the_metrics_are_of_the_unmasked_model_with_shortcuts_beside():
    metrics = FOUND.metrics
    assert {
        name: metrics[name].value for name in ("false_belief_accuracy", "accuracy", "memory")
    } == {**{"false_belief_accuracy": 1.0, "accuracy": 1.0, "memory": 1.0}}
    assert metrics["baseline/reality/cell_accuracy"].value == 0.75
    assert metrics["first_word/cell_accuracy"].n == 2 * 2 * 8
    assert metrics["perplexity"].value == pytest.approx(2.718281828 ** (29 / 20))
    assert metrics["unparsed"].value == 0


def test_the_headline_stands_among_the_metrics():
    effect = FOUND.metrics["effect/false_belief_accuracy"]
    assert (effect.value, effect.n, effect.clusters) == (-1.0, 4, 2)
    assert FOUND.metrics["effect/selective_margin"].value == -2.0
    harmful = FOUND.metrics["as_harmful/random/false_belief_accuracy"]
    assert (harmful.value, harmful.n) == (0.5, 2)  # seed 0 alone


def test_by_m_ties_count_half():
    by_m = FOUND.groups["m"]
    assert list(by_m) == ["0", "1e-05", "2e-05"]
    assert [by_m[m]["false_belief_accuracy"].value for m in by_m] == [1.0, 0.5, 0.0]
    assert [by_m[m]["cell_accuracy"].value for m in by_m] == [1.0, 0.75, 0.75]
    assert [by_m[m]["true_belief_accuracy"].value for m in by_m] == [1.0, 1.0, 1.0]
    assert {by_m[m]["reality"].n for m in by_m} == {16}
    assert by_m["1e-05"]["first_word/cell_accuracy"].value == 1.0


def test_seeds_of_one_kind_are_stories_apart():
    by_mask = FOUND.groups["mask"]
    assert set(by_mask) == {"none", "tom", "general", "random"}
    assert by_mask["random"]["false_belief_accuracy"].value == 0.5
    assert by_mask["random"]["pair_accuracy"].n == 2 * by_mask["tom"]["pair_accuracy"].n
    assert by_mask["general"]["false_belief_accuracy"].value == 1.0


def test_other_groups_are_of_the_unmasked_model():
    assert FOUND.groups["model"]["tiny"]["accuracy"].value == 1.0
    assert FOUND.groups["cell"]["false_belief"]["accuracy"].n == 2 * 2 * 2
    assert {"paradigm", "question_type", "baseline"} <= set(FOUND.groups)


def test_the_rows_of_tables_can_be_written():
    rows = json.loads(pretty(FOUND.extra))["sparsity"]
    assert (rows["grid"], rows["points"]) == (["0", "1e-05", "2e-05"], ["2e-05"])
    assert [row["m"] for row in rows["study"]] == ["0", "1e-05", "2e-05"]
    assert rows["study"][0]["contents_false_belief_cells"] == 4
    assert {row["mask"] for row in rows["effects"]} == {"tom", "general"}
    assert {row["mask"] for row in rows["null"]} == {"random"}
    assert rows["verdict"][0]["question"].startswith("unmasked")
    (text_row,) = [r for r in rows["headline"] if r["measure"] == "log_perplexity"]
    assert text_row["effect"]["value"] == pytest.approx(2 / 20)


def test_a_further_task_stands_beside_under_its_name():
    told = {"part": "further", "task": "mmtom", "question_type": "1.1"}
    further = [
        record(mask, f"mmtom/episode-{n}/a", told, value)
        for mask, value in ((BASE, 1.0), (tom(M), -1.0))
        for n in range(3)
    ]
    records = answered(BASE, 1.0) + answered(tom(M), 1.0) + further
    found = sparsity_metrics(records, ITEMS, "tiny", (0.0, M), (M,))
    assert found.metrics["further/mmtom"].value == 1.0
    assert found.groups["m"]["1e-05"]["further/mmtom"].value == 0.0
    rows = [row for row in found.extra["sparsity"]["effects"] if row.measure == "further/mmtom"]
    assert [row.value for row in rows if row.scale == "accuracy"] == [-1.0]
    assert found.metrics["effect/false_belief_margin"].value == 0.0  # not among the controls


def test_a_run_without_masks_is_a_run_of_stories():
    found = sparsity_metrics(answered(BASE, 1.0)[:2], ITEMS, "mock", (0.0,), ())
    assert found.metrics["memory"].value == 1.0 and "mask" not in found.groups
    assert found.extra["sparsity"]["effects"] == []
    assert found.extra["sparsity"]["verdict"] == []
