"""How much a task is taken to depend on a weight: the scores that masks are made of."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from tombench.errors import UserError
from tombench.masking.names import bare_name

ScoreName = Literal[
    "squared_gradient", "magnitude", "wanda", "gradient_times_weight", "weighted_fisher"
]
Statistic = Literal["squared_gradient", "gradient", "activation"]

_STATISTICS: Mapping[ScoreName, Statistic | None] = {
    "squared_gradient": "squared_gradient",
    "magnitude": None,
    "wanda": "activation",
    "gradient_times_weight": "gradient",
    "weighted_fisher": "squared_gradient",
}


def statistic_of(score: ScoreName) -> Statistic | None:
    """What is to be gathered of a text for a score; None: the weights are enough."""
    return _STATISTICS[score]


@dataclass(frozen=True, eq=False)
class Scores(Mapping[str, Tensor]):
    """Scores by name, made when they are asked for and not kept."""

    of: Callable[[str], Tensor]
    names: tuple[str, ...]

    def __getitem__(self, name: str) -> Tensor:
        if name not in self.names:
            raise KeyError(name)
        return self.of(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


class Difference(Scores):
    """first - second, elementwise: what false beliefs need beyond their true-belief twins."""

    def __init__(self, first: Mapping[str, Tensor], second: Mapping[str, Tensor]) -> None:
        """
        Raises:
            UserError: one of them lacks a matrix of the other.
        """
        odd = sorted(set(first) ^ set(second))
        if odd:
            raise UserError(
                f"{odd[0]}: only one of two gradient sets has it; take both of the same model"
            )
        super().__init__(lambda name: first[name] - second[name], tuple(first))


def scores(
    score: ScoreName,
    stored: Mapping[str, Tensor] | None,
    weights: Mapping[str, nn.Parameter],
    transposed: Collection[str] = (),
) -> Scores:
    """A score of each entry of each matrix, lazily and one matrix at a time.

    With W a matrix, g a sample's gradient of its loss in W, x a layer's input, sums over samples
    (of x: over their tokens):

    - squared_gradient: F = sum g^2, the diagonal of the empirical Fisher information (Kirkpatrick
      et al. 2017, section 2); as it is stored;
    - magnitude: |W| (Han et al. 2015, section 3);
    - wanda: |W_ij| sqrt(sum x_j^2), j the input feature (Sun et al. 2024, equation 1);
    - gradient_times_weight: |W sum g| (SNIP; Lee et al. 2019, section 4.1, without its scaling);
    - weighted_fisher: W^2 F, the saliency of optimal brain damage (LeCun et al. 1990, section 2)
      with F in place of the Hessian's diagonal, and without the factor 1/2.

    Args:
        score: which.
        stored: the `statistic_of` it by name; None where that is None.
        weights: the matrices that are scored.
        transposed: names of those of `weights` that lie [in, out], as `transposed_matrices` tells;
            one that is not square shows it by its shape.

    Returns:
        By name, in the order of `weights`, of the weight's shape on the weight's device; products
        are taken in float32.

    Raises:
        UserError: `stored` lacks a matrix, or has it in another shape; told when it is asked for.
    """
    if stored is None and statistic_of(score) is not None:
        raise ValueError(f"{score} is made of what is gathered of a text")

    def of(name: str) -> Tensor:
        weight = weights[name].detach()
        if score == "magnitude":
            return weight.abs()
        gathered = _gathered(stored, name)
        if score == "wanda":
            along = _by_input(name, gathered, weight, name in transposed)
            return weight.abs().float() * along.to(weight.device).float().sqrt()
        _check_shape(name, gathered, weight, gathered.shape == weight.shape)
        if score == "squared_gradient":
            return gathered.to(weight.device)
        gathered = gathered.to(weight.device).float()
        if score == "gradient_times_weight":
            return (weight.float() * gathered).abs()
        return weight.float().square() * gathered

    return Scores(of, tuple(weights))


def transposed_matrices(network: nn.Module) -> frozenset[str]:
    """Names of the matrices that lie [in, out]: those of GPT-2's kind of layer."""
    from transformers.pytorch_utils import Conv1D

    layers = network.named_modules()
    return frozenset(f"{bare_name(name)}.weight" for name, x in layers if isinstance(x, Conv1D))


def _gathered(stored: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in stored:
        raise UserError(f"{name}: nothing is stored of this matrix; gather it of this model")
    return stored[name]


def _by_input(name: str, gathered: Tensor, weight: Tensor, transposed: bool) -> Tensor:
    """[in] laid along the input axis of `weight`."""
    _check_shape(name, gathered, weight, gathered.ndim == 1 and len(gathered) in weight.shape)
    if transposed or weight.shape[1] != len(gathered):
        return gathered[:, None]
    return gathered[None, :]


def _check_shape(name: str, gathered: Tensor, weight: Tensor, fits: bool) -> None:
    if not fits:
        raise UserError(
            f"{name}: of shape {list(weight.shape)}, and what is stored of it of shape "
            f"{list(gathered.shape)}; gather what task.score asks for of this model"
        )
