"""Gradients of single samples, of several samples in one forward and backward pass.

A linear layer y = W x of a sample with inputs x_t and output gradients g_t, t its tokens, has
d l / d W = sum_t g_t x_t^T (Goodfellow 2015, "Efficient per-example gradient computations"). Both
are caught at the layer, so that the matrix needs no gradient of its own and each sample's is one
product, squared and added before the next.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tombench.errors import UserError
from tombench.masking.batching import Batch, by_sample, head_over
from tombench.masking.squared_gradients import Add, Sample, check_loss, frozen


@contextmanager
def in_batches(
    network: nn.Module,
    modules: Mapping[str, nn.Module],
    sums: Mapping[str, Tensor],
    signed: bool = False,
) -> Iterator[Add]:
    """Yield what adds a batch's squared gradients to `sums`; `signed`: the gradients themselves.

    The loss is the sum of the samples' own, each the mean cross-entropy of its counted tokens, so
    that a sample's gradient is what it would be alone. Samples are added in their order. Numbers
    are those of `one_by_one` up to rounding. Memory beside the weights and `sums`: the batch's
    graph, and the gradient of one matrix and one sample.

    Args:
        network: a causal language model that `why_not_batched` has nothing against.
        modules: its linear layers by the name of their matrix; the keys of `sums`.
        sums: tensors of the matrices' shapes, on their devices.
        signed: without squares.
    """
    catching = _Catching(sums, signed)
    hooks = [
        layer.register_forward_hook(catching.hook(name, layer)) for name, layer in modules.items()
    ]

    def add(samples: Sequence[Sample], number: int) -> None:
        catching.batch = batch = Batch(samples, number)
        catching.called.clear()
        losses = _losses(network, batch)
        if catching.called != modules.keys():
            raise UserError(_unsound(next(iter(modules.keys() - catching.called))))
        for place, loss in enumerate(losses.tolist(), number):
            check_loss(loss, place)
        if losses.requires_grad:  # else there are no layers
            losses.sum().backward()

    try:
        with frozen(network), torch.enable_grad():
            yield add
    finally:
        for hook in hooks:
            hook.remove()


def _losses(network: nn.Module, batch: Batch) -> Tensor:
    """Each sample's mean cross-entropy of its counted tokens, float32 [B]."""
    device = network.get_input_embeddings().weight.device
    rows, places = batch.predicting()
    with head_over(network, rows, places) as cut:
        logits = network(**batch.inputs(device), use_cache=False).logits
    logits = logits[0] if cut else logits[rows.to(logits.device), places.to(logits.device)]
    each = cross_entropy(logits.float(), batch.targets().to(logits.device), reduction="none")
    return torch.stack([one.mean() for one in each.split(batch.counted)])


@dataclass(eq=False)
class _Catching:
    """What the layers' hooks share."""

    sums: Mapping[str, Tensor]
    signed: bool
    batch: Batch | None = None
    called: set[str] = field(default_factory=set)
    room: dict[tuple[torch.device, torch.dtype], Tensor] = field(default_factory=dict)

    def hook(self, name: str, layer: nn.Module) -> Callable[..., Tensor]:
        """A forward hook of this layer."""
        transposed = not isinstance(layer, nn.Linear)  # Conv1D holds [in, out]

        def catch(_: nn.Module, given: tuple[Tensor], out: Tensor) -> Tensor:
            inputs = by_sample(given[0].detach(), self.batch.shape)
            if inputs is None or name in self.called:
                raise UserError(_unsound(name))
            self.called.add(name)
            if not out.requires_grad:  # nothing before it learns: the graph begins here
                out = out.requires_grad_().clone()  # a copy may be changed in place, a leaf not
            out.register_hook(lambda gradient: self._add(name, inputs, gradient, transposed))
            return out

        return catch

    def _add(self, name: str, inputs: Tensor, gradient: Tensor, transposed: bool) -> None:
        total = self.sums[name]
        gradients = by_sample(gradient, self.batch.shape)
        left, right = (inputs, gradients) if transposed else (gradients, inputs)
        out = self._room(total, inputs.dtype)
        for sample, length in enumerate(self.batch.lengths):
            torch.mm(left[sample, :length].T, right[sample, :length], out=out)
            one = out.to(total.dtype)
            if self.signed:
                total += one
            else:
                total.addcmul_(one, one)

    def _room(self, total: Tensor, dtype: torch.dtype) -> Tensor:
        """Where a gradient of this shape is put, the same memory for all matrices of a device."""
        key = (total.device, dtype)
        if key not in self.room or self.room[key].numel() < total.numel():
            self.room[key] = total.new_empty(total.numel(), dtype=dtype)
        return self.room[key][: total.numel()].view(total.shape)


def _unsound(name: str) -> str:
    return (
        f"squared gradients: {name} is not called once with one row a token in every forward pass; "
        "take samples one by one (batch_tokens=1)"
    )
