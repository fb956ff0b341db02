"""Scores by hand, made when they are asked for."""

from collections.abc import Iterator, Mapping

import pytest
import torch
from torch import Tensor, nn

from tombench.errors import UserError
from tombench.masking.scores import Difference, ScoreName, scores, statistic_of, transposed_matrices

WEIGHTS = {"q": nn.Parameter(torch.tensor([[1.0, -2.0, 3.0], [0.0, 4.0, -0.5]]))}
STORED = {"q": torch.tensor([[4.0, 0.5, 0.0], [9.0, -1.0, 2.0]])}


def test_what_is_gathered_for_a_score() -> None:
    told = {score: statistic_of(score) for score in ScoreName.__args__}
    assert told == {
        "squared_gradient": "squared_gradient",
        "magnitude": None,
        "wanda": "activation",
        "gradient_times_weight": "gradient",
        "weighted_fisher": "squared_gradient",
    }


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("squared_gradient", [[4.0, 0.5, 0.0], [9.0, -1.0, 2.0]]),
        ("magnitude", [[1.0, 2.0, 3.0], [0.0, 4.0, 0.5]]),
        ("gradient_times_weight", [[4.0, 1.0, 0.0], [0.0, 4.0, 1.0]]),
        ("weighted_fisher", [[4.0, 2.0, 0.0], [0.0, -16.0, 0.5]]),
    ],
)
def test_elementwise_scores(score: ScoreName, expected: list[list[float]]) -> None:
    made = scores(score, None if score == "magnitude" else STORED, WEIGHTS)
    assert made["q"].tolist() == expected
    assert not made["q"].requires_grad


def test_wanda_goes_by_input_feature() -> None:
    squares = {"q": torch.tensor([4.0, 1.0, 9.0])}
    expected = torch.tensor([[2.0, 2.0, 9.0], [0.0, 4.0, 1.5]])
    assert torch.equal(scores("wanda", squares, WEIGHTS)["q"], expected)
    lying = {"q": nn.Parameter(WEIGHTS["q"].detach().T.contiguous())}
    assert torch.equal(scores("wanda", squares, lying)["q"], expected.T)


def test_a_square_matrix_lies_as_it_is_said_to() -> None:
    weights = {"q": nn.Parameter(torch.ones(2, 2))}
    squares = {"q": torch.tensor([1.0, 4.0])}
    assert scores("wanda", squares, weights)["q"].tolist() == [[1.0, 2.0], [1.0, 2.0]]
    lying = scores("wanda", squares, weights, transposed={"q"})
    assert lying["q"].tolist() == [[1.0, 1.0], [2.0, 2.0]]


def test_transposed_matrices_are_those_of_conv1d() -> None:
    from transformers.pytorch_utils import Conv1D

    network = nn.ModuleDict({"a": Conv1D(2, 2), "b": nn.Linear(2, 2)})
    assert transposed_matrices(network) == {"a.weight"}


def test_products_of_half_precision_do_not_overflow() -> None:
    weights = {"q": nn.Parameter(torch.full((1, 1), 300.0, dtype=torch.float16))}
    made = scores("weighted_fisher", {"q": torch.ones(1, 1, dtype=torch.float16)}, weights)
    assert made["q"].item() == 90000.0


class Asked(Mapping[str, Tensor]):
    """Two matrices, and what was asked for."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def __getitem__(self, name: str) -> Tensor:
        self.log.append(name)
        return torch.ones(1, 1)

    def __iter__(self) -> Iterator[str]:
        return iter(("a", "b"))

    def __len__(self) -> int:
        return 2

    def __contains__(self, name: object) -> bool:
        return name in ("a", "b")


def test_nothing_is_read_before_it_is_asked_for() -> None:
    stored = Asked()
    weights = {name: nn.Parameter(torch.ones(1, 1)) for name in "ab"}
    made = Difference(scores("weighted_fisher", stored, weights), {n: torch.ones(1) for n in "ab"})
    assert list(made) == ["a", "b"] and len(made) == 2 and stored.log == []
    assert made["b"].tolist() == [[0.0]]
    assert stored.log == ["b"]
    with pytest.raises(KeyError):
        made["c"]


def test_a_difference_may_be_below_zero() -> None:
    made = Difference({"q": torch.tensor([1.0, 5.0])}, {"q": torch.tensor([3.0, 2.0])})
    assert made["q"].tolist() == [-2.0, 3.0]
    with pytest.raises(UserError, match=r"^k: only one of two gradient sets has it"):
        Difference({"q": torch.ones(1)}, {"q": torch.ones(1), "k": torch.ones(1)})


@pytest.mark.parametrize(
    ("score", "stored", "why"),
    [
        ("squared_gradient", {}, "^q: nothing is stored of this matrix"),
        (
            "squared_gradient",
            {"q": torch.ones(3, 2)},
            r"^q: of shape \[2, 3\], .* \[3, 2\]; gather",
        ),
        ("wanda", {"q": torch.ones(2, 3)}, r"^q: of shape \[2, 3\], .* \[2, 3\]; gather"),
        ("wanda", {"q": torch.ones(4)}, r"^q: of shape \[2, 3\], .* \[4\]; gather"),
        ("gradient_times_weight", {"q": torch.ones(2)}, r"^q: of shape \[2, 3\], .* \[2\]"),
    ],
)
def test_what_does_not_fit_is_refused(
    score: ScoreName, stored: dict[str, Tensor], why: str
) -> None:
    with pytest.raises(UserError, match=why):
        scores(score, stored, WEIGHTS)["q"]
