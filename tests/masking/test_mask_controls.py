"""Control masks: counts, nesting, evenness, partners of nearly the same magnitude."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tombench.errors import UserError
from tombench.masking.controls import NEAREST, MatchedMasks, RandomMasks, distinct
from tombench.masking.masks import Mask
from tombench.masking.sweep import MaskSettings, sweep


class Given:
    """Masks told by share."""

    def __init__(self, sizes: dict[str, int], entries: dict[float, dict[str, list[int]]]) -> None:
        self.masks = {
            share: Mask({n: torch.tensor(e, dtype=torch.int64) for n, e in held.items()}, sizes)
            for share, held in entries.items()
        }

    def mask(self, share: float) -> Mask:
        return self.masks[share]


LIKE = Given(
    {"q": 100, "k": 40},
    {0.1: {"q": [3, 50, 7], "k": []}, 0.2: {"q": [3, 50, 8, 9, 99], "k": [39, 0]}},
)


def test_random_masks_have_the_counts_and_are_nested() -> None:
    masks = RandomMasks(LIKE, [0.1, 0.2], seed=0)
    few, many = masks.mask(0.1), masks.mask(0.2)
    assert few.counts == {"q": 3, "k": 0} and many.counts == {"q": 5, "k": 2}
    assert dict(few.sizes) == {"q": 100, "k": 40}
    assert set(few.entries["q"].tolist()) < set(many.entries["q"].tolist())
    assert len(set(many.entries["q"].tolist())) == 5
    assert all(0 <= entry < 40 for entry in many.entries["k"].tolist())


def test_random_masks_follow_from_seed_and_name_alone() -> None:
    masks = RandomMasks(LIKE, [0.1, 0.2], 4).mask(0.2).entries
    turned = Given({"k": 40, "q": 100}, {0.2: {"k": [1, 2], "q": [0, 1, 2, 3, 4]}})
    again = RandomMasks(turned, [0.2], 4).mask(0.2).entries
    other = RandomMasks(LIKE, [0.1, 0.2], 5).mask(0.2).entries
    assert torch.equal(masks["q"], again["q"]) and torch.equal(masks["k"], again["k"])
    assert not torch.equal(masks["q"], other["q"])


@pytest.mark.parametrize(("size", "count"), [(10, 0), (10, 5), (10, 6), (10, 10), (10**9, 5000)])
def test_drawn_numbers_are_distinct(size: int, count: int) -> None:
    drawn = distinct(size, count, np.random.default_rng(0))
    assert len(drawn) == count == len(set(drawn.tolist()))
    assert all(0 <= number < size for number in drawn.tolist())


def test_a_lower_count_is_the_beginning_of_a_higher_one() -> None:
    few, many = (distinct(10**6, count, np.random.default_rng(3)) for count in (700, 30_000))
    assert np.array_equal(few, many[:700])


def test_every_number_is_drawn_equally_often() -> None:
    random = np.random.default_rng(0)
    counts = np.zeros(20)
    for _ in range(4000):
        counts[distinct(20, 5, random)] += 1
    assert counts.sum() == 20_000
    assert (abs(counts - 1000) < 5 * (4000 * 0.25 * 0.75) ** 0.5).all()  # five standard deviations


def matched(weight: Tensor, masked: list[int], seed: int = 0) -> list[int]:
    like = Given({"q": weight.numel()}, {0.1: {"q": masked}})
    made = MatchedMasks(like, [0.1], seed, {"q": nn.Parameter(weight)})
    return made.mask(0.1).entries["q"].tolist()


def test_a_partner_is_next_in_magnitude() -> None:
    weight = torch.arange(1.0, 1001.0).view(20, 50)
    weight[::2] *= -1  # magnitude is what counts
    seen = {matched(weight, [500], seed)[0] for seed in range(300)}
    assert seen == {*range(500 - NEAREST // 2, 500), *range(501, 501 + NEAREST // 2)}


def test_at_the_end_of_the_ranks_partners_lie_on_one_side() -> None:
    weight = torch.arange(1000.0)
    assert {matched(weight, [999], seed)[0] for seed in range(200)} == set(
        range(999 - NEAREST // 2, 999)
    )


def test_all_that_are_as_near_may_be_a_partner() -> None:
    weight = torch.cat([torch.full((200,), 0.5), torch.linspace(1, 2, 100)])
    seen = {matched(weight, [100], seed)[0] for seed in range(600)}
    assert seen < set(range(200)) - {100} and len(seen) > 150


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_partners_are_distinct_and_in_no_mask(dtype: torch.dtype) -> None:
    weight = torch.arange(1000.0).to(dtype).view(25, 40)
    masked = list(range(450, 550))  # the nearest of all of these are the same few
    partners = matched(weight, masked)
    assert len(set(partners)) == 100 and not set(partners) & set(masked)
    assert min(partners) >= 350 and max(partners) < 650  # twice as far as 100 must reach


def test_half_of_a_matrix_can_be_matched_and_no_more() -> None:
    weight = torch.randn(10, 10, generator=torch.Generator().manual_seed(0))
    assert matched(weight, list(range(50))) == list(range(50, 100))
    with pytest.raises(UserError, match=r"^q: 51 of 100 entries are masked"):
        matched(weight, list(range(51)))


def test_an_entry_keeps_its_partner_and_follows_from_the_seed() -> None:
    random = torch.Generator().manual_seed(0)
    scores = {name: torch.rand(30, 40, generator=random) for name in "ab"}
    general = {name: torch.rand(30, 40, generator=random) for name in "ab"}
    weights = {name: nn.Parameter(torch.randn(30, 40, generator=random)) for name in "ab"}
    shares = [0.01, 0.05, 0.1]
    like = sweep(scores, general, shares, MaskSettings())
    made, again = (MatchedMasks(like, shares, 2, weights) for _ in range(2))
    other = MatchedMasks(like, shares, 3, weights)
    union = {n: {e for m in shares for e in like.mask(m).entries[n].tolist()} for n in "ab"}
    for share in shares:
        mask = made.mask(share)
        assert mask.counts == like.mask(share).counts
        assert torch.equal(mask.entries["a"], again.mask(share).entries["a"])
        for name in "ab":
            assert not set(mask.entries[name].tolist()) & union[name]
            both = set(like.mask(0.01).entries[name].tolist()) & set(
                like.mask(share).entries[name].tolist()
            )
            kept = set(made.mask(0.01).entries[name].tolist()) & set(mask.entries[name].tolist())
            assert len(kept) == len(both)
    assert not torch.equal(made.mask(0.1).entries["a"], other.mask(0.1).entries["a"])
