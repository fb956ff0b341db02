"""The matrices of a model that is not loaded: names and shapes, from its small files alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tombench.masking.names import layer_matrices, weights_by_name
from tombench.models.base import Model
from tombench.models.check import read_config
from tombench.models.hub import folder_of
from tombench.models.locate import locate


@dataclass(frozen=True)
class Small:
    """What a model's small files tell."""

    shapes: Mapping[str, tuple[int, ...]]
    vocabulary: int


def matrix_shapes(model: Model) -> Mapping[str, tuple[int, ...]]:
    """Shapes of `layer_matrices` by name.

    Raises:
        UserError: the model's configuration is missing or cannot be read.
    """
    return _read(model.path, model.revision, model.trust_remote_code).shapes


def vocabulary(model: Model) -> int:
    """Tokens that the model knows; raises as `matrix_shapes`."""
    return _read(model.path, model.revision, model.trust_remote_code).vocabulary


@lru_cache(maxsize=4)
def _read(path: str, revision: str | None, trust: bool) -> Small:
    """Of a network without memory: no weights are read or made."""
    import torch
    from transformers import AutoModelForCausalLM

    place = locate(Model("shapes", path, revision)).weights
    config = read_config(folder_of(place, code=trust), place.name, trust)
    with torch.device("meta"):
        network = AutoModelForCausalLM.from_config(config, trust_remote_code=trust)
    weights = weights_by_name(network)
    shapes = {name: tuple(weights[name].shape) for name in layer_matrices(network)}
    return Small(shapes, network.get_input_embeddings().weight.shape[0])
