"""The published table of MMToM-QA: every row says how it was averaged, and the sums agree."""

import pytest

from tombench.summary.grid import latex, markdown
from tombench.summary.planner_published import (
    TYPES,
    published_csv,
    published_grids,
    published_table,
)

TABLE = published_table()
WHOLE = [row for row in TABLE.rows if row.computed]


def test_both_averages_by_hand():
    row = next(r for r in TABLE.rows if r.size == "Llama 2 7B" and r.modality == "multimodal")
    belief, goal = (88 + 68 + 85) / 3, (62.7 + 77.3 + 72 + 80) / 4
    assert row.computed["all"] == pytest.approx((belief + goal) / 2)
    assert row.computed["macro"] == pytest.approx((3 * belief + 4 * goal) / 7)
    assert (row.averaged, row.text("all"), row.text("macro")) == ("micro", "76.7", "76.1*")
    planner = TABLE.row("scaled planner", "multimodal")
    assert (planner.averaged, planner.text("all"), planner.text("macro")) == (
        *("macro", "82.0*", "81.3"),
    )


@pytest.mark.parametrize("row", WHOLE, ids=lambda row: row.name)
def test_what_is_printed_follows_from_the_types(row):
    """GPT-4V's printed total is one point below the mean of its types."""
    mean = row.computed["macro" if row.averaged == "macro" else "all"]
    assert row.printed == pytest.approx(mean, abs=1.05 if row.method == "GPT-4V" else 0.3)


def test_every_row_says_whence_it_is_and_how_it_was_averaged():
    rows = (*TABLE.rows, *TABLE.scaling, *TABLE.worlds)
    assert {row.source for row in rows} == set(TABLE.sources)
    assert {row.averaged for row in rows} == set(TABLE.averaging)
    assert {row.modality for row in rows} == {"text", "video", "multimodal"}
    assert {row.averaged for row in (*TABLE.scaling, *TABLE.worlds)} == {"macro"}


def test_no_row_is_told_twice():
    rows = (*TABLE.rows, *TABLE.scaling, *TABLE.worlds)
    assert len({(r.method, r.size, r.modality, r.theme) for r in rows}) == len(rows)


def test_what_is_not_told_is_not_computed():
    row = next(row for row in TABLE.rows if row.method == "AutoToM")
    assert [row.text(name) for name in (*TYPES, "belief", "all", "macro")] == [
        *["–"] * 8, "83.0", "–"
    ]  # fmt: skip
    with pytest.raises(KeyError):
        TABLE.row("AutoToM", "multimodal")


def test_the_whole_table_as_files():
    grids = published_grids()
    assert [len(grid.rows) for grid in grids] == [
        *map(len, (TABLE.rows, TABLE.scaling, TABLE.worlds)),
    ]
    assert "| 81.95 |" in markdown(*grids) and "81.95" in latex(*grids)
    told = {(r["method"], r["modality"], r["questions"]): r["percent"] for r in published_csv()}
    assert told["GPT-4V", "multimodal", "2.3"] == 4.0
    assert ("AutoToM", "multimodal", "2.3") not in told
