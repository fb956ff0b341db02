"""Held-out rows and weights, counted by hand."""

from collections import Counter

import pytest

from tombench.errors import UserError
from tombench.recipes.data.mixture import divided, weighed
from tombench.recipes.data.rows import Completion, Message, Preference
from tombench.recipes.data.settings import DataSettings
from tombench.recipes.data.sources import read_data

ROWS = [Completion(f"p{n}", f" c{n}") for n in range(10)]


def test_a_whole_weight_repeats_all_rows_in_order():
    assert weighed(ROWS, 1, 0, seed=0) == tuple(ROWS)
    assert weighed(ROWS, 3, 0, seed=0) == (*ROWS, *ROWS, *ROWS)


@pytest.mark.parametrize("weight, once, twice", [(1.4, 6, 4), (0.3, 3, 0), (0.01, 1, 0)])
def test_a_fraction_of_the_rows_is_drawn(weight, once, twice):
    counts = Counter(Counter(weighed(ROWS, weight, 0, seed=0)).values())
    assert counts == Counter({1: once, 2: twice})


def test_a_draw_depends_on_seed_and_data_set_alone():
    draws = {weighed(ROWS, 0.5, number, seed) for number in range(3) for seed in range(3)}
    assert len(draws) > 5
    assert weighed(ROWS, 0.5, 1, seed=2) == weighed(ROWS, 0.5, 1, seed=2)
    drawn = weighed(ROWS, 0.5, 1, seed=2)
    assert list(drawn) == sorted(drawn, key=ROWS.index)
    assert weighed((), 0.5, 0, seed=0) == ()


def test_the_share_is_held_out_of_all_data_sets_together():
    division = divided([ROWS[:8], ROWS[8:]], 0.3, seed=0)
    assert sum(map(len, division.held_out)) == 3
    assert sum(map(len, division.learnt)) == 7
    both = [{*own, *other} for own, other in zip(division.learnt, division.held_out, strict=True)]
    assert both == [set(ROWS[:8]), set(ROWS[8:])]
    assert len({divided([ROWS], 0.3, seed).held_out for seed in range(5)}) > 1
    assert divided([ROWS], 0.3, 1) == divided([ROWS], 0.3, 1)


def test_nothing_is_held_out_unless_asked():
    assert divided([ROWS], 0.0, seed=0).learnt == (tuple(ROWS),)
    assert divided([ROWS], 0.0, seed=0).held_out == ((),)


def test_one_row_is_held_out_of_two_and_none_of_one():
    assert [len(divided([ROWS[:2]], 0.01, seed).held_out[0]) for seed in range(5)] == [1] * 5
    assert [len(divided([ROWS[:2]], 0.5, seed).held_out[0]) for seed in range(5)] == [1] * 5
    assert divided([ROWS[:1]], 0.5, seed=0).held_out == ((),)


@pytest.mark.parametrize("seed", range(5))
def test_one_prompt_is_on_one_side(seed):
    rows = [Completion(f"p{n % 4}", f" c{n}") for n in range(40)]
    division = divided([rows[:20], rows[20:]], 0.25, seed)
    learnt = {row.prompt for own in division.learnt for row in own}
    held_out = {row.prompt for own in division.held_out for row in own}
    assert len(learnt) == 3 and len(held_out) == 1 and not learnt & held_out


def test_a_prompt_with_few_rows_is_held_out_where_none_fits():
    rows = [Completion("often", f" {n}") for n in range(50)]
    rows += [Completion("seldom", f" {n}") for n in range(3)]
    for seed in range(5):
        (held_out,) = divided([rows], 0.01, seed).held_out
        assert [row.prompt for row in held_out] == ["seldom"] * 3


@pytest.mark.parametrize("seed", range(5))
def test_a_conversation_is_on_one_side(seed):
    def conversation(name: str) -> list[Completion]:
        first = (Message("system", "s"), Message("user", name))
        later = (*first, Message("assistant", "a"), Message("user", "same"))
        return [Completion(first, "a"), Completion(later, "b")]

    rows = [row for name in "abcdef" for row in conversation(name)]
    division = divided([rows], 0.34, seed)
    assert len(division.held_out[0]) == 4
    names = [
        {row.prompt[1].content for row in side[0]} for side in (division.held_out, division.learnt)
    ]
    assert not names[0] & names[1]


def test_prose_has_no_prompt_in_common():
    rows = [Completion("", f"text {n % 5}") for n in range(10)]
    (held_out,) = divided([rows], 0.2, seed=0).held_out
    assert len(held_out) == 2 and len({row.completion for row in held_out}) == 1
    pairs = [Preference("", f"good {n}", f"bad {n}") for n in range(10)]
    assert len(divided([pairs], 0.3, seed=0).held_out[0]) == 3


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("prompt,completion\n" + "".join(f"p{n} ,c{n}\n" for n in range(10)))
    return str(path)


def test_rows_are_held_out_before_weights_count(file):
    data = read_data(DataSettings(data=file, weights=2.5, validation=0.2), "completions", seed=0)
    assert len(data.validation) == 2
    assert len(data.rows) == 20  # 8 rows twice, and half of them once more
    assert not {row.prompt for row in data.rows} & {row.prompt for row in data.validation}
    assert sorted(Counter(data.rows).values()) == [2] * 4 + [3] * 4
    assert data.told[0].endswith(
        "10 completions (prompt, completion), each seen 2.5 times an epoch"
    )


def test_one_prompt_alone_is_told(tmp_path):
    (tmp_path / "a.csv").write_text("prompt,completion\np , a\np , b\n")
    settings = DataSettings(data=str(tmp_path / "a.csv"), validation=0.5)
    data = read_data(settings, "completions", seed=0)
    assert len(data.rows) == 2 and data.validation == ()
    assert data.told[-1].startswith("note   recipe.validation: all rows have one prompt")


def test_weights_are_one_for_each_data_set(file):
    with pytest.raises(UserError, match=r"recipe\.weights: 2 for 1 data sets"):
        DataSettings(data=file, weights=(1.0, 2.0))
