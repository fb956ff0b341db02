"""What enters the linear layers: squares by input feature, without a backward pass.

Sun et al. 2024 ("A simple and effective pruning approach for large language models", section 3)
weigh a matrix's entry by |W_ij| ||x_j||_2, the norm over all tokens of all samples: the square root
of the sum that is taken here.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from tombench.masking.batching import Batch, by_sample, head_over
from tombench.masking.squared_gradients import Add, Sample, frozen

FIRST = torch.zeros(1, dtype=torch.long)  # the one token whose logits are computed, and not used


def input_features(layer: nn.Module) -> int:
    """How many numbers enter a linear layer a token."""
    return layer.in_features if isinstance(layer, nn.Linear) else layer.weight.shape[0]


@contextmanager
def squared_inputs(
    network: nn.Module,
    modules: Mapping[str, nn.Module],
    sums: Mapping[str, Tensor],
    alone: bool = False,
) -> Iterator[Add]:
    """Yield what adds, over a batch's tokens, the squares of the layers' inputs to `sums`.

    All tokens of a sample count alike, padding does not. A layer that is called several times adds
    each time, one that is not called nothing; such networks are to be read `alone`, a sample a
    forward pass, as their rows cannot be told from padding.

    Args:
        network: a causal language model.
        modules: its linear layers by the name of their matrix; the keys of `sums`.
        sums: [input features] of each.
        alone: one sample a forward pass.
    """
    batch: Batch | None = None
    device = network.get_input_embeddings().weight.device
    hooks = []
    for name, layer in modules.items():

        def catch(_: nn.Module, given: tuple[Tensor], __: Tensor, name: str = name) -> None:
            for rows in _rows(given[0], batch):
                sums[name].add_(rows.to(sums[name].dtype).square().sum(0))

        hooks.append(layer.register_forward_hook(catch))

    def add(samples: Sequence[Sample], number: int) -> None:
        nonlocal batch
        for first in range(0, len(samples), 1 if alone else len(samples)):
            batch = Batch(samples[first:][: 1 if alone else None], number + first)
            with head_over(network, FIRST, FIRST):
                network(**batch.inputs(device), use_cache=False)

    try:
        with frozen(network), torch.no_grad():
            yield add
    finally:
        for hook in hooks:
            hook.remove()


def _rows(given: Tensor, batch: Batch) -> Iterator[Tensor]:
    """The inputs [tokens, features] of each sample."""
    if len(batch.samples) == 1:
        yield given.flatten(0, -2)
        return
    for sample, length in zip(by_sample(given, batch.shape), batch.lengths, strict=True):
        yield sample[:length]
