"""Masks of a sweep against sets worked out by hand."""

from collections.abc import Mapping
from itertools import product

import pytest
import torch
from torch import Tensor

from tombench.errors import UserError
from tombench.masking.sweep import Chosen, MaskSettings, sweep

TOM = {"q": torch.tensor([[9.0, 1.0, 8.0, 7.0, 2.0], [6.0, 6.0, 3.0, 0.0, 5.0]])}
GENERAL = {"q": torch.tensor([[0.0, 1.0, 9.0, 2.0, 8.0], [7.0, 3.0, 4.0, 6.0, 5.0]])}
# ranks of tom: 0 2 3 5 6 9 7 4 1 8; of general: 2 4 5 8 9 7 6 3 1 0


def entries(chosen: Chosen, share: float, definition: str = "top_k") -> list[int]:
    settings = MaskSettings(definition, chosen)
    return sweep(TOM, GENERAL, [0.1, 0.5], settings).mask(share).entries["q"].tolist()


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("tom", [0, 2, 3, 5]),
        ("general", [2, 4, 5, 8]),
        ("both", [2, 5]),
        ("tom_not_general", [0, 3]),
        ("general_not_tom", [4, 8]),
        ("complement", [1, 2, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_sets_of_the_four_highest(chosen: Chosen, expected: list[int]) -> None:
    assert entries(chosen, 0.4) == expected
    whole = sweep(TOM, GENERAL, [0.5], MaskSettings())
    assert whole.select(chosen).mask(0.4).entries["q"].tolist() == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.05, []),  # k = 0
        (0.1, []),  # k = 1: nothing is above the highest
        (0.2, [0]),  # tom 0; general 2
        (0.3, [0]),  # tom 0 2; general 2 4
        (0.4, [0, 3]),  # tom 0 2 3; general 2 4 5
        (0.5, [0, 3]),  # 5 and 6 tie at 6.0: neither is above; general 2 4 5 8
    ],
)
def test_the_studys_masks_are_strictly_above(share: float, expected: list[int]) -> None:
    assert entries("tom_not_general", share, "study") == expected


def test_ties_go_to_the_lower_place() -> None:
    assert entries("tom", 0.4) == [0, 2, 3, 5]
    assert entries("tom", 0.5) == [0, 2, 3, 5, 6]


def test_the_number_of_entries_is_cut_as_python_cuts_it() -> None:
    scores = {"k": torch.arange(100.0).view(10, 10)}
    made = sweep(scores, None, [0.29, 0.57, 0.6], MaskSettings(chosen="tom"))
    assert int(100 * 0.29) == 28 and int(100 * 0.57) == 56  # in float arithmetic
    assert made.mask(0.29).total == 28 and made.mask(0.57).total == 56


def test_matrices_without_entries_stand_in_the_mask() -> None:
    scores = {"q": torch.arange(20.0), "k": torch.arange(4.0)}
    mask = sweep(scores, None, [0.1], MaskSettings(chosen="tom")).mask(0.1)
    assert mask.counts == {"q": 2, "k": 0} and mask.total == 2
    assert dict(mask.sizes) == {"q": 20, "k": 4}
    assert mask.entries["k"].dtype == torch.int64


def test_global_masks_are_sought_over_all_matrices() -> None:
    tom = {"a": torch.tensor([1.0, 9.0, 2.0]), "b": torch.tensor([[8.0, 7.0], [0.0, 6.0]])}
    general = {"a": torch.tensor([0.0, 0.0, 9.0]), "b": torch.tensor([[0.0, 9.0], [9.0, 0.0]])}
    made = sweep(tom, general, [3 / 7 + 0.01], MaskSettings(scope="global"))
    mask = made.mask(3 / 7 + 0.01)  # tom: a1 b0 b1; general: a2 b1 b2
    assert {name: places.tolist() for name, places in mask.entries.items()} == {"a": [1], "b": [0]}
    rest = made.select("complement").mask(3 / 7 + 0.01)
    assert {n: p.tolist() for n, p in rest.entries.items()} == {"a": [0, 2], "b": [1, 2, 3]}


def plain(scores: Tensor, k: int, definition: str) -> Tensor:
    """One text's mask, of a whole matrix."""
    mask = torch.zeros(scores.numel(), dtype=torch.bool)
    if k > 0 and definition == "study":
        return scores > scores.topk(k).values[-1]
    mask[scores.sort(descending=True, stable=True).indices[:k]] = True
    return mask


@pytest.mark.parametrize("scope", ["matrix", "global"])
@pytest.mark.parametrize("definition", ["study", "top_k"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_every_share_is_that_of_a_plain_computation(
    scope: str, definition: str, dtype: torch.dtype
) -> None:
    random = torch.Generator().manual_seed(0)
    shares = [0.001, 0.01, 0.03, 0.1, 0.3]

    def drawn() -> dict[str, Tensor]:
        small = {"a": (20, 30), "b": (7, 9), "c": (50, 10)}
        # few distinct values: ties
        return {
            n: torch.randn(s, generator=random).mul(20).round().square().to(dtype)
            for n, s in small.items()
        }

    tom, general = drawn(), drawn()
    made = sweep(tom, general, shares, MaskSettings(definition, scope=scope))
    for share in shares:
        expected = masks(tom, general, share, definition, scope)
        mask = made.mask(share)
        for name, wanted in expected.items():
            assert torch.equal(mask.entries[name], wanted.nonzero().flatten()), (share, name)
    assert made.mask(0.3).total > 50


def masks(
    tom: Mapping[str, Tensor], general: Mapping[str, Tensor], share: float, how: str, scope: str
) -> dict[str, Tensor]:
    if scope == "matrix":
        return {
            name: plain(tom[name].flatten(), int(tom[name].numel() * share), how)
            & ~plain(general[name].flatten(), int(tom[name].numel() * share), how)
            for name in tom
        }
    whole, other = (torch.cat([x.flatten() for x in s.values()]) for s in (tom, general))
    k = int(len(whole) * share)
    joint = plain(whole, k, how) & ~plain(other, k, how)
    parts = joint.split([matrix.numel() for matrix in tom.values()])
    return dict(zip(tom, parts, strict=True))


@pytest.mark.parametrize(
    "chosen", ["tom_not_general", "general", "both", "general_not_tom", "complement"]
)
def test_sets_that_need_general_text_say_so(chosen: Chosen) -> None:
    with pytest.raises(UserError, match=f"^task.chosen={chosen}: there are no scores on general"):
        sweep(TOM, None, [0.1], MaskSettings(chosen=chosen))
    with pytest.raises(UserError, match=f"^task.chosen={chosen}:"):
        sweep(TOM, None, [0.1], MaskSettings(chosen="tom")).select(chosen)


def test_scores_of_other_matrices_are_refused() -> None:
    with pytest.raises(UserError, match=r"^k: only one of two score sets"):
        sweep(TOM, {**GENERAL, "k": torch.ones(1)}, [0.1], MaskSettings())
    with pytest.raises(UserError, match=r"^q: 10 entries are scored on one text and 4"):
        sweep(TOM, {"q": torch.ones(4)}, [0.1], MaskSettings())


def test_a_share_beyond_the_sweep_is_no_mask() -> None:
    with pytest.raises(ValueError, match="ends at a lower share"):
        sweep(TOM, GENERAL, [0.2], MaskSettings()).mask(0.4)


def test_a_matrix_is_read_once_whatever_the_number_of_shares() -> None:
    class Counted(dict):
        asked = 0

        def __getitem__(self, name: str) -> Tensor:
            self.asked += 1
            return super().__getitem__(name)

    tom = Counted(TOM)
    made = sweep(tom, GENERAL, [number / 50 for number in range(26)], MaskSettings())
    for number, chosen in product(range(26), ("tom_not_general", "general_not_tom")):
        made.select(chosen).mask(number / 50)
    assert tom.asked == 1
