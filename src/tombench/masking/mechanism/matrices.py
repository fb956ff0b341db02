"""The matrices that masks lie on: which way round they are stored, and what kind each is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor, nn

from tombench.masking.names import ADAPTER, NUMBER, bare_name, layer_matrices, weights_by_name


@dataclass(frozen=True)
class Matrix:
    """A linear layer's weight: y = W x, so that W's rows are outputs and its columns inputs."""

    rows: int
    columns: int
    is_transposed: bool  # stored [columns, rows], as transformers' Conv1D does

    def places(self, entries: Tensor) -> tuple[Tensor, Tensor]:
        """Row and column of entries of the flattened stored weight, int64 as they are."""
        width = self.rows if self.is_transposed else self.columns
        first, second = entries // width, entries % width
        return (second, first) if self.is_transposed else (first, second)


def matrices_of(network: nn.Module) -> dict[str, Matrix]:
    """The layers' matrices by name, as `layer_matrices` has them."""
    from transformers.pytorch_utils import Conv1D

    transposed = {
        f"{bare_name(name)}.weight"
        for name, layer in network.named_modules()
        if isinstance(layer, Conv1D) and ADAPTER not in name
    }
    weights = weights_by_name(network)
    found = {}
    for name in layer_matrices(network):
        first, second = weights[name].shape
        is_transposed = name in transposed
        rows, columns = (second, first) if is_transposed else (first, second)
        found[name] = Matrix(rows, columns, is_transposed)
    return found


def kinds_of(names: Iterable[str]) -> dict[str, str]:
    """The kind of each matrix: `q_proj` of `model.layers.3.self_attn.q_proj.weight`.

    Where a layer has two of one last name, as GPT-2's `attn.c_proj` and `mlp.c_proj`, the kind is
    the whole path inside the layer.
    """
    places = {name: NUMBER.search(name) for name in names}
    inside = {name: name[at.end() :].removesuffix(".weight") for name, at in places.items() if at}
    last = {name: path.rpartition(".")[2] for name, path in inside.items()}
    often = Counter((places[name][1], kind) for name, kind in last.items())
    twice = {kind for (_, kind), count in often.items() if count > 1}
    return {name: inside[name] if kind in twice else kind for name, kind in last.items()}
