"""A mask on the weights in place, and off again to the last bit."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from tombench.errors import UserError
from tombench.masking.masks import Mask
from tombench.masking.names import layer_matrices, weights_by_name

ReplacementKind = Literal["study_mean", "mean", "zero", "noise", "scale"]

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
AT_ONCE = 2**16  # entries that turn to float64: half a MiB


@dataclass(frozen=True)
class Replacement:
    """What stands in a masked entry's place, matrix by matrix.

    - study_mean: (W - mu) scale + mu with mu = mean(W * not M) over all n entries, masked ones
      counted as 0, in the weights' dtype: the sparse-parameter study's rule, to the bit;
    - mean: the same with mu the mean of the entries that are not masked, by float64 sums;
    - noise: drawn from the normal distribution of the unmasked entries' mean and variance;
    - scale: W scale;
    - zero: 0.
    """

    kind: ReplacementKind = "mean"
    scale: float = 0.0  # of study_mean, mean and scale: how much of W is kept
    seed: int = 0  # of noise


@dataclass(frozen=True)
class Moments:
    """Sums over a matrix's entries, in float64."""

    total: float
    squares: float


@dataclass(frozen=True, eq=False)
class Touched:
    """A matrix under a mask, and what stood in the masked entries."""

    name: str
    weight: Tensor  # flat where it lies so in memory
    places: tuple[Tensor, ...]  # an index of each axis, on the weight's device
    saved: Tensor  # [masked]

    def put(self, values: Tensor | float) -> None:
        if isinstance(values, Tensor):
            self.weight[self.places] = values
        else:
            self.weight[self.places] = torch.full_like(self.saved, values)


class Application:
    """Puts masks on matrices, one at a time; only entries that are masked are written.

    Keeps two sums of each matrix, which hold as long as nothing else changes the weights.
    """

    def __init__(self, weights: Mapping[str, nn.Parameter] | nn.Module) -> None:
        """
        Args:
            weights: matrices by name, or a network, of which the `layer_matrices` are taken.

        Raises:
            UserError: a matrix is quantized, offloaded, or lies in the same memory as another.
        """
        if isinstance(weights, nn.Module):
            named = weights_by_name(weights)
            weights = {name: named[name] for name in layer_matrices(weights)}
        for name, weight in weights.items():
            _check(name, weight)
        _check_apart(weights)
        self.weights = weights
        self._worn = False
        self._moments: dict[str, Moments] = {}

    @contextmanager
    def masked(self, mask: Mask, replacement: Replacement) -> Iterator[None]:
        """The matrices under a mask; on leaving, also by an exception, they are as they were.

        Raises:
            UserError: all entries of a matrix are masked, and their mean is asked for.
            RuntimeError: a mask is on already.
        """
        if self._worn:
            raise RuntimeError("a mask is on already; take it off first")
        self._worn = True
        touched: list[Touched] = []
        try:
            with torch.no_grad():
                for name, entries in mask.entries.items():
                    if len(entries):
                        touched.append(self._touch(name, entries))
                        self._replace(touched[-1], replacement)
            yield
        finally:
            with torch.no_grad():
                for matrix in touched:
                    matrix.put(matrix.saved)
            self._worn = False

    def _touch(self, name: str, entries: Tensor) -> Touched:
        weight = self.weights[name].detach()
        places = (entries.to(weight.device),)
        if weight.is_contiguous():
            weight = weight.view(-1)
        else:
            places = torch.unravel_index(*places, weight.shape)
        return Touched(name, weight, places, weight[places])

    def _replace(self, matrix: Touched, replacement: Replacement) -> None:
        kind, scale, saved = replacement.kind, replacement.scale, matrix.saved
        if kind == "zero":
            matrix.put(0.0)
        elif kind == "scale":
            matrix.put(saved * scale)
        elif kind == "study_mean":
            matrix.put(0.0)
            mean = matrix.weight.mean()  # bit for bit that of W * not M
            matrix.put((saved - mean) * scale + mean)
        elif kind == "mean":
            mean = torch.tensor(self._unmasked(matrix)[0], dtype=torch.float64).to(saved)
            matrix.put((saved - mean) * scale + mean)
        else:
            mean, deviation = self._unmasked(matrix)
            drawn = _normal(replacement.seed, matrix.name, len(saved))
            matrix.put((drawn * deviation + mean).to(saved))

    def _unmasked(self, matrix: Touched) -> tuple[float, float]:
        """Mean and standard deviation of the entries that are not masked."""
        left = matrix.weight.numel() - len(matrix.saved)
        if not left:
            raise UserError(
                f"{matrix.name}: all its entries are masked, so that none is left to take the mean "
                "of; give task.replacement=zero, or another task.chosen"
            )
        if matrix.name not in self._moments:
            self._moments[matrix.name] = moments(matrix.weight)
        whole, own = self._moments[matrix.name], moments(matrix.saved)
        mean = (whole.total - own.total) / left
        variance = (whole.squares - own.squares) / left - mean**2
        return mean, max(variance, 0.0) ** 0.5


def moments(weight: Tensor) -> Moments:
    """Sums of a tensor's entries and of their squares; a piece at a time turns to float64."""
    rows = max(1, AT_ONCE * len(weight) // weight.numel())
    sums = torch.zeros(2, dtype=torch.float64, device=weight.device)
    for piece in weight.split(rows):
        exact = piece.double()
        sums += torch.stack([exact.sum(), exact.square().sum()])
    return Moments(*sums.tolist())


def _normal(seed: int, name: str, count: int) -> Tensor:
    """Standard normal numbers of a matrix's own, the same on any device, in float64 on the CPU."""
    digest = hashlib.sha256(f"noise/{seed}/{name}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:8], "big", signed=True))
    return torch.randn(count, generator=generator, dtype=torch.float64)


def _check(name: str, weight: nn.Parameter) -> None:
    """Only weights that are there, as the numbers that they are, can be masked in place."""
    if weight.dtype not in DTYPES:
        raise UserError(
            f"{name}: its entries are {str(weight.dtype).removeprefix('torch.')}, quantized, and "
            "are not masked; give model.quantization=none"
        )
    if weight.is_meta:
        raise UserError(
            f"{name}: it lies on the disk or another device while it is not used, and is not "
            "masked there; leave model.device_map out, or give a smaller model"
        )


def _check_apart(weights: Mapping[str, nn.Parameter]) -> None:
    """Refuse matrices that lie in the same memory: masking one would mask the other."""
    spans = sorted(
        (str(weight.device), weight.data_ptr(), weight.data_ptr() + weight.nbytes, name)
        for name, weight in weights.items()
    )
    for first, second in pairwise(spans):
        if first[0] == second[0] and second[1] < first[2]:
            raise UserError(
                f"{first[3]} and {second[3]}: they are one matrix in memory, and masking one would "
                "mask the other; models that share layers are not masked"
            )
