"""The study's columns against cells counted by hand."""

from collections.abc import Callable, Sequence

import pytest
from tasks.sparsity_samples import BASE, question, tom

from tombench.schema import Item, Record, Score
from tombench.stories.contrast import CELLS, VARIANTS
from tombench.tasks.false_belief import OWN, read_tasks
from tombench.tasks.sparsity_study import StudyRow, study_rows

M = 2e-6


def drawn(task: int, right: tuple[int, int], repetition: int, cell: str, m: float = 0.0) -> list:
    """Both prompts of a contents cell."""
    mask = tom(m) if m else BASE
    return [
        question(mask, task, kind, value, cell=cell, repetition=repetition)
        for kind, value in zip(("reality", "belief"), right, strict=True)
    ]


def test_a_cell_is_right_where_both_first_words_are():
    records = [
        *drawn(0, (1, 1), 1, "false_belief"),
        *drawn(1, (1, 0), 1, "false_belief"),
        *drawn(0, (1, 1), 1, "informed"),
        *drawn(1, (1, 1), 1, "informed"),
        *drawn(0, (0, 1), 2, "false_belief"),
        *drawn(1, (0, 0), 2, "false_belief"),
        *drawn(0, (1, 1), 2, "informed"),
        *drawn(1, (1, 0), 2, "informed"),
    ]  # 3 of 4, then 1 of 4
    (row,) = study_rows(records, {"0": 12.5})
    columns = row.columns
    assert (columns["m"], columns["repetitions"], columns["contents_cells"]) == ("0", 2, 4)
    assert (columns["contents_total_mean"], columns["contents_total_var"]) == (2.0, 2.0)
    assert (columns["contents_percent_mean"], columns["contents_percent_var"]) == (50.0, 1250.0)
    assert columns["contents_false_belief_total_mean"] == 0.5
    assert columns["contents_control_percent_mean"] == 75.0
    assert columns["avg_percent_unexpected_transfer"] is None  # there is no transfer
    assert columns["perplexity"] == 12.5


def test_one_repetition_has_no_variance_and_half_a_cell_is_none():
    records = [*drawn(0, (1, 1), 1, "informed"), *drawn(1, (1, 1), 1, "informed")[:1]]
    (row,) = study_rows(records, {})
    assert (row.counts["contents"].cells, row.counts["contents"].total_var) == (1, 0.0)
    assert row.perplexity is None


def test_only_drawn_answers_under_the_sweep_count_and_m_rises():
    records = [
        *drawn(0, (1, 1), 1, "informed", 1e-5),
        *drawn(0, (1, 1), 1, "informed", M),
        *drawn(0, (0, 0), 0, "informed", M),
        *drawn(0, (1, 1), 1, "informed"),
    ]
    assert [row.m for row in study_rows(records, {})] == ["0", "2e-06", "1e-05"]


def test_the_average_is_over_repetitions_that_have_both():
    def transfer(repetition: int, value: int) -> list[Record]:
        return [
            question(
                BASE, 0, kind, value, cell="present", repetition=repetition, paradigm="transfer"
            )
            for kind in ("reality", "action")
        ]

    records = [
        *drawn(0, (1, 1), 1, "informed"),
        *transfer(1, 0),
        *drawn(0, (1, 1), 2, "informed"),  # no transfer in the second
    ]
    (row,) = study_rows(records, {})
    assert row.avg_percent == 50.0


def answered(said: Callable[[Item], str | None]) -> StudyRow:
    """Our own tasks answered once by a rule."""
    records = [
        Record(
            f"base/{item.id}/01",
            f"base/{item.id}",
            1,
            item.cluster,
            {"part": "tasks", **BASE.factors, **item.condition},
            "",
            "",
            item.target,
            Score(float(said(item) == item.target), "", ""),
        )
        for item in read_tasks(OWN)
    ]
    (row,) = study_rows(records, {})
    return row


@pytest.mark.parametrize(
    ("said", "whole", "mistaken", "control"),
    [
        (lambda item: item.target, (160, 160, 24), 40, 120),
        (lambda item: item.reality, (120, 120, 24), 0, 120),
    ],
    ids=["who knows all", "who always says what is so"],
)
def test_three_quarters_of_the_score_need_no_theory_of_mind(
    said: Callable[[Item], str], whole: Sequence[int], mistaken: int, control: int
):
    assert len(CELLS["contents"]) * len(VARIANTS) * 20 == 160
    counts = answered(said).counts
    assert [counts[name].total_mean for name in ("contents", "transfer", "irony")] == [*whole]
    assert [counts[name].cells for name in ("contents", "transfer", "irony")] == [160, 160, 24]
    for paradigm in ("contents", "transfer"):
        apart = [counts[f"{paradigm}_{part}"] for part in ("false_belief", "control")]
        assert [count.total_mean for count in apart] == [mistaken, control]
        assert [count.cells for count in apart] == [40, 120]
