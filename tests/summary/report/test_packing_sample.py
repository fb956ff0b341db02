"""Which items are told first."""

import numpy as np

from tombench.summary.report.rows import Levels, Rows
from tombench.summary.report.sample import first_items, in_order, item_order


def levels(values) -> Levels:
    known = tuple(dict.fromkeys(values))
    return Levels(known, np.array([known.index(value) for value in values], dtype=np.int64))


def rows(items, scores, **condition) -> Rows:
    """A run's records; all answers are yes, unless the score is -1: unparsed."""
    answers = ["unparsed" if score < 0 else "yes" for score in scores]
    shared = {"item": levels(items), "answer": levels(answers)}
    score = np.array(scores, dtype=float).clip(0)
    numbers = np.zeros(len(items), dtype=np.int64)
    return Rows(shared, {k: levels(v) for k, v in condition.items()}, numbers > 0, numbers, score,
                None)  # fmt: skip


def first(order, number: int) -> set:
    return {item for item, place in order.items() if place < number}


ITEMS = [f"i{n:02d}" for n in range(40)]


def test_verdicts() -> None:
    assert rows("abcd", [1, 0, 0.5, -1]).verdict.tolist() == [0, 1, 2, 3]


def test_rare_verdicts_and_levels_come_first() -> None:
    """One item is wrong in one run, one unparsed in the other, one has a level of its own."""
    own = rows(ITEMS, [float(n != 7) for n in range(40)], cell=["a"] * 39 + ["b"])
    other = rows(ITEMS, [-1.0 if n == 23 else 1.0 for n in range(40)], cell=["a"] * 39 + ["b"])
    order = item_order([own, other])
    assert sorted(order.values()) == list(range(40))
    assert {"i07", "i23", "i39"} < first(order, 4)


def test_every_level_has_some_before_any_has_more() -> None:
    cells = [f"c{n * n % 7}" for n in range(40)]
    order = item_order([rows(ITEMS, [1.0] * 40, cell=cells)])
    number = len(set(cells))
    assert {cells[ITEMS.index(item)] for item in first(order, number)} == set(cells)


def test_a_factor_with_a_level_an_item_does_not_hide_others() -> None:
    cells = ["a"] * 39 + ["b"]
    own = rows(ITEMS, [1.0] * 40, cell=cells, name=ITEMS)
    assert "i39" in first(item_order([own]), 2)


def test_the_order_is_that_of_the_ids_alone() -> None:
    """Whatever order records stand in."""
    back = rows(ITEMS[::-1], [1.0] * 40)
    assert item_order([rows(ITEMS, [1.0] * 40)]) == item_order([back])
    assert list(item_order([back])) != ITEMS


def test_whole_items() -> None:
    own = rows(["a", "b", "a", "b", "c", "c"], [1.0] * 6)
    ordered = in_order(own, {"b": 0, "c": 1, "a": 2})
    assert ordered.tolist() == [1, 3, 4, 5, 0, 2]
    assert [first_items(own, ordered, most).tolist() for most in (0, 1, 2, 3, 4, 5, 6)] == [
        [], [1], [1, 3], [1, 3], [1, 3, 4, 5], [1, 3, 4, 5], [0, 1, 2, 3, 4, 5],
    ]  # fmt: skip
