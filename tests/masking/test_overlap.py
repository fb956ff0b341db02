"""What two masks have in common, by hand."""

import pytest
import torch

from tombench.masking.masks import Mask
from tombench.masking.overlap import overlap


def mask(a: list[int], b: list[int], size: int = 10) -> Mask:
    entries = {"a": torch.tensor(a, dtype=torch.int64), "b": torch.tensor(b, dtype=torch.int64)}
    return Mask(entries, {"a": size, "b": 4})


def test_by_hand() -> None:
    found = overlap(mask([1, 2, 3, 4], []), mask([9, 3, 4, 5, 6], [0]))
    assert found.by_matrix == {"a": 2 / 7, "b": 0.0}
    assert found.jaccard == 2 / 8
    assert found.chance == pytest.approx(2 / (10 - 2))  # 4 x 5 / 10 in common by chance


def test_chance_is_of_each_matrix() -> None:
    found = overlap(mask([0, 1], [0, 1]), mask([0, 1], [2, 3]))
    assert found.chance == pytest.approx(1.4 / (8 - 1.4))  # 2 x 2 / 10 + 2 x 2 / 4
    assert found.jaccard == 2 / 6


def test_equal_masks_and_empty_ones() -> None:
    assert overlap(mask([1, 2], [3]), mask([2, 1], [3])).jaccard == 1.0
    nothing = overlap(mask([], []), mask([], []))
    assert nothing.jaccard is None and nothing.chance is None
    assert nothing.by_matrix == {"a": None, "b": None}


def test_masks_of_other_matrices_are_not_compared() -> None:
    with pytest.raises(ValueError, match="different matrices"):
        overlap(mask([], []), mask([], [], size=11))
