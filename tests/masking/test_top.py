"""The highest scores in one order, whatever the sort leaves open."""

import pytest
import torch

from tombench.errors import UserError
from tombench.masking.top import Top, places_in, top_entries


def test_equal_scores_stand_by_place() -> None:
    sizes, top = top_entries(["q"], {"q": torch.tensor([[1.0, 7.0], [1.0, 1.0]])}, 0.75)
    assert sizes == {"q": 4}
    assert top.values.tolist() == [7.0, 1.0, 1.0]
    assert top.places.tolist() == [1, 0, 2]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_many_ties_agree_with_a_stable_sort(dtype: torch.dtype) -> None:
    drawn = torch.randint(5, (40, 50), generator=torch.Generator().manual_seed(0)).to(dtype)
    values, places = drawn.flatten().sort(descending=True, stable=True)
    for share in (0.0005, 0.1, 0.33, 0.999):
        k = int(2000 * share)
        _, top = top_entries(["q"], {"q": drawn}, share)
        assert torch.equal(top.values, values[:k]) and torch.equal(top.places, places[:k])


def test_several_matrices_are_as_one_laid_end_to_end() -> None:
    drawn = torch.randint(9, (600,), generator=torch.Generator().manual_seed(1)).float()
    parts = {"a": drawn[:100].view(10, 10), "b": drawn[100:150], "c": drawn[150:]}
    sizes, top = top_entries(["a", "b", "c"], parts, 0.4)
    places = drawn.sort(descending=True, stable=True).indices
    assert sizes == {"a": 100, "b": 50, "c": 450}
    assert torch.equal(top.places, places[:240])


@pytest.mark.parametrize(
    ("k", "study", "top_k"), [(0, 0, 0), (1, 0, 1), (2, 1, 2), (3, 1, 3), (4, 3, 4)]
)
def test_counts_by_either_definition(k: int, study: int, top_k: int) -> None:
    top = Top(torch.tensor([9.0, 5.0, 5.0, 2.0]), torch.arange(4))
    assert top.count(k, "study") == study  # strictly above the k-th
    assert top.count(k, "top_k") == top_k
    with pytest.raises(ValueError, match="5 entries of 4"):
        top.count(5, "top_k")


def test_where_places_stand_among_others() -> None:
    found = places_in(torch.tensor([7, 1, 4, 99, 0]), torch.tensor([4, 7, 2]))
    assert found.tolist() == [1, 3, 0, 3, 3]
    assert places_in(torch.tensor([3]), torch.zeros(0, dtype=torch.int64)).tolist() == [0]


@pytest.mark.parametrize("share", [0.0, 0.01])
def test_the_matrix_itself_is_not_kept(share: float) -> None:
    _, top = top_entries(["q"], {"q": torch.arange(1000.0)}, share)
    assert top.values.untyped_storage().nbytes() == 4 * int(1000 * share)
    assert top.places.untyped_storage().nbytes() == 8 * int(1000 * share)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_no_number_is_refused_with_the_matrix_named(bad: float, place: int) -> None:
    matrix = torch.tensor([1.0, 2.0, 3.0])
    matrix[place] = bad
    with pytest.raises(UserError, match=f"^layers.0.q: a score is {bad};"):
        top_entries(["layers.0.q"], {"layers.0.q": matrix}, 0.5)
