"""Masks in place: what stands in the entries, and that all is put back to the last bit."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn

from tombench.errors import UserError
from tombench.masking.applying import Application, Replacement, ReplacementKind
from tombench.masking.masks import Mask

VALUES = [[1.0, -2.0, 3.0], [4.0, 6.0, 10.0]]
MASKED = [1, 5]  # -2 and 10; the others' mean is 3.5, their variance 3.25


def mask_of(entries: Mapping[str, list[int]], size: int = 6) -> Mask:
    places = {name: torch.tensor(e, dtype=torch.int64) for name, e in entries.items()}
    return Mask(places, dict.fromkeys(entries, size))


def masked(
    replacement: Replacement, entries: list[int] = MASKED, dtype: torch.dtype = torch.float32
) -> Tensor:
    weight = nn.Parameter(torch.tensor(VALUES, dtype=dtype))
    with Application({"q": weight}).masked(mask_of({"q": entries}), replacement):
        found = weight.detach().clone()
    assert weight.tolist() == VALUES
    return found


@pytest.mark.parametrize(
    ("kind", "scale", "first", "second"),
    [
        ("zero", 0.0, 0.0, 0.0),
        ("scale", 0.5, -1.0, 5.0),
        ("scale", -1.0, 2.0, -10.0),
        ("mean", 0.0, 3.5, 3.5),
        ("mean", 0.5, 0.75, 6.75),
        ("study_mean", 0.0, 14 / 6, 14 / 6),  # masked entries count as 0 among all 6
        ("study_mean", 0.5, (-2 + 14 / 6) / 2, (10 + 14 / 6) / 2),
        ("study_mean", 1.0, -2.0, 10.0),
    ],
)
def test_replacements(kind: ReplacementKind, scale: float, first: float, second: float) -> None:
    found = masked(Replacement(kind, scale))
    expected = torch.tensor([[1.0, first, 3.0], [4.0, 6.0, second]])
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)
    untouched = [0, 2, 3, 4]
    assert torch.equal(found.flatten()[untouched], expected.flatten()[untouched])


def test_noise_has_the_unmasked_entries_moments() -> None:
    random = torch.Generator().manual_seed(0)
    values = torch.randn(300, 200, generator=random) * 0.3 + 2.0
    values.view(-1)[:30_000] = 50.0
    weight = nn.Parameter(values)
    with Application({"q": weight}).masked(
        mask_of({"q": list(range(30_000))}, 60_000), Replacement("noise")
    ):
        noise = weight.detach().flatten()[:30_000].clone()
    deviation = 0.3 / 30_000**0.5
    assert abs(noise.mean().item() - 2.0) < 8 * deviation  # both means vary
    assert abs(noise.std().item() - 0.3) < 8 * deviation
    assert len(noise.unique()) > 20_000


def test_noise_follows_from_seed_and_matrix() -> None:
    first, again, other = (masked(Replacement("noise", seed=seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)
    weights = {name: nn.Parameter(torch.tensor(VALUES)) for name in "qk"}
    with Application(weights).masked(
        mask_of({"q": MASKED, "k": MASKED}), Replacement("noise", seed=1)
    ):
        assert torch.equal(weights["q"], first)
        assert not torch.equal(weights["k"], first)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(7, 13), (256, 129), (64, 4096)])
def test_the_studys_mean_is_that_of_the_plain_expression_to_the_bit(
    dtype: torch.dtype, shape: tuple[int, int]
) -> None:
    random = torch.Generator().manual_seed(sum(shape))
    values = (torch.randn(shape, generator=random) * 0.02 + 0.001).to(dtype)
    chosen = torch.rand(shape, generator=random) < 0.1
    mean = (values * ~chosen).mean()
    weight = nn.Parameter(values.clone())
    for scale in (0.0, 0.3, 1.0):
        expected = values * ~chosen + ((values - mean) * scale + mean) * chosen
        places = {"q": chosen.flatten().nonzero().flatten()}
        with Application({"q": weight}).masked(
            Mask(places, {"q": values.numel()}), Replacement("study_mean", scale)
        ):
            assert torch.equal(weight, expected)
        assert torch.equal(weight, values)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_the_mean_of_half_precision_is_rounded_once(dtype: torch.dtype) -> None:
    random = torch.Generator().manual_seed(0)
    values = torch.randn(1000, 3000, generator=random).add(0.1).to(dtype)
    weight = nn.Parameter(values.clone())
    entries = torch.arange(0, 3_000_000, 1000)
    kept = torch.ones(3_000_000, dtype=torch.bool)
    kept[entries] = False
    expected = values.flatten()[kept].double().mean().to(dtype)
    with Application({"q": weight}).masked(Mask({"q": entries}, {"q": 3_000_000}), Replacement()):
        assert (weight.flatten()[entries] == expected).all()


@pytest.mark.parametrize("kind", ["study_mean", "mean", "zero", "noise", "scale"])
def test_all_is_put_back_after_an_exception(kind: ReplacementKind) -> None:
    values = torch.randn(50, 60, generator=torch.Generator().manual_seed(0)).half()
    weight = nn.Parameter(values.clone())
    application = Application({"q": weight})
    mask = mask_of({"q": list(range(0, 3000, 7))}, 3000)
    for _ in range(3):
        with pytest.raises(KeyError), application.masked(mask, Replacement(kind, 0.3)):
            assert not torch.equal(weight, values)
            raise KeyError
        assert torch.equal(weight.view(torch.int16), values.view(torch.int16))


def test_what_fails_half_way_leaves_no_mask() -> None:
    weights = {name: nn.Parameter(torch.tensor(VALUES)) for name in "qk"}
    mask = mask_of({"q": MASKED, "k": [0, 1, 2, 3, 4, 5]})
    application = Application(weights)
    with (
        pytest.raises(UserError, match=r"^k: all its entries are masked"),
        application.masked(mask, Replacement("mean")),
    ):
        pass
    assert weights["q"].tolist() == VALUES
    with application.masked(mask, Replacement("zero")):  # it is not taken to be under a mask
        assert weights["k"].tolist() == [[0.0] * 3] * 2


def test_a_mask_on_a_mask_is_refused() -> None:
    weight = nn.Parameter(torch.tensor(VALUES))
    application, mask = Application({"q": weight}), mask_of({"q": MASKED})
    with application.masked(mask, Replacement("zero")):
        with (
            pytest.raises(RuntimeError, match="a mask is on already"),
            application.masked(mask, Replacement("zero")),
        ):
            pass
        assert weight.flatten()[MASKED].tolist() == [0.0, 0.0]
    assert weight.tolist() == VALUES


def test_the_mean_is_of_the_weights_without_a_mask_each_time() -> None:
    weight = nn.Parameter(torch.tensor(VALUES))
    application = Application({"q": weight})
    for entries, mean in ((MASKED, 3.5), ([0], 4.2), (MASKED, 3.5)):
        with application.masked(mask_of({"q": entries}), Replacement("mean")):
            torch.testing.assert_close(weight.flatten()[entries[0]].item(), mean, rtol=1e-6, atol=0)


def test_a_matrix_may_lie_transposed_in_memory() -> None:
    weight = nn.Parameter(torch.tensor(VALUES).T.contiguous().T)
    assert not weight.is_contiguous()
    with Application({"q": weight}).masked(mask_of({"q": MASKED}), Replacement("zero")):
        assert weight.tolist() == [[1.0, 0.0, 3.0], [4.0, 6.0, 0.0]]
    assert weight.tolist() == VALUES


def test_a_networks_layer_matrices_are_taken() -> None:
    network = nn.ModuleDict({"layers": nn.ModuleList([nn.Linear(3, 2)]), "head": nn.Linear(3, 2)})
    assert list(Application(network).weights) == ["layers.0.weight"]


def test_what_cannot_be_masked_is_refused() -> None:
    whole = torch.zeros(4, 6)
    packed = nn.Parameter(torch.zeros(2, 3, dtype=torch.uint8), requires_grad=False)
    with pytest.raises(UserError, match=r"^q: its entries are uint8, quantized"):
        Application({"q": packed})
    with pytest.raises(UserError, match=r"^q: it lies on the disk or another device"):
        Application({"q": nn.Parameter(torch.zeros(2, 3, device="meta"))})
    with pytest.raises(UserError, match=r"^a and b: they are one matrix in memory"):
        Application({"a": nn.Parameter(whole), "b": nn.Parameter(whole[2:])})
    Application({"a": nn.Parameter(whole[:2]), "b": nn.Parameter(whole[2:])})
