"""Grids of shares and the conditions that follow from them."""

import numpy as np
import pytest

from tombench.errors import UserError
from tombench.tasks.sparsity_conditions import Condition, Grid, conditions, level, points_of


def test_the_grid_ends_where_it_says() -> None:
    shares = Grid(0.0, 5e-5, 2e-6).shares
    assert len(shares) == 26
    assert shares[0] == 0.0
    assert shares[1] == 2e-6
    assert shares[5] == 1e-5
    assert shares[-1] == 5e-5
    assert len(np.arange(0, 5e-5 + 2e-6, 2e-6)) == 27  # what steps of floats come to


def test_levels_are_written_short() -> None:
    assert [level(share) for share in Grid(0.0, 5e-5, 2e-6).shares[:6]] == [
        *("0", "2e-06", "4e-06", "6e-06", "8e-06", "1e-05")
    ]
    assert [level(share) for share in Grid(0.01, 0.05, 0.02).shares] == ["0.01", "0.03", "0.05"]


@pytest.mark.parametrize(
    ("grid", "what"),
    [
        (Grid(0.0, 5e-5, 3e-6), "give task.m_end=5.1e-05, or another task.m_step"),
        (Grid(0.2, 0.1, 0.1), "task.m_end=0.1: it is below task.m_start=0.2"),
    ],
)
def test_a_grid_that_does_not_end_there_is_refused(grid: Grid, what: str) -> None:
    with pytest.raises(UserError, match=what):
        grid.check()


@pytest.mark.parametrize(
    ("smallest", "grid"),
    [
        (4096 * 1024, Grid(0.0, 5e-5, 2e-6)),  # key and value of Llama-3-8B
        (128 * 128, Grid(0.0, 0.05, 0.002)),
        (256 * 256, Grid(0.0, 0.01, 0.0004)),
        (16, Grid(0.0, 0.05, 0.002)),
    ],
)
def test_a_small_model_gets_as_many_entries(smallest: int, grid: Grid) -> None:
    assert Grid.fitting(smallest) == grid
    assert len(grid.shares) == 26


def test_points_are_spread_and_the_last_is_among_them() -> None:
    assert points_of(Grid(0.0, 5e-5, 2e-6).shares, 5) == (1e-5, 2e-5, 3e-5, 4e-5, 5e-5)
    assert points_of((0.0, 0.1, 0.2, 0.3), 2) == (0.2, 0.3)
    assert points_of((0.0, 0.1), 5) == (0.1,)
    assert points_of((0.0,), 5) == ()


def test_conditions_and_their_roles() -> None:
    found = conditions((0.0, 0.1, 0.2), (0.2,), ("random", "general"), seeds=2)
    assert [one.role for one in found] == [
        *("", "tom@0.1", "tom@0.2", "general@0.1", "general@0.2", "random.0@0.2", "random.1@0.2")
    ]
    assert [one.sweep for one in found] == [True, True, True, False, False, False, False]
    assert found[0].prefix == "base"
    assert Condition("random", 0.2, 1).factors == {"mask": "random", "m": "0.2", "mask_seed": "1"}
