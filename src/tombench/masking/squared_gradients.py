"""Squared gradients of single samples, by weight: the diagonal of the empirical Fisher information.

Kirkpatrick et al. 2017 ("Overcoming catastrophic forgetting in neural networks", section 2) take
it for how much a task depends on a weight. What is trained to keep a task (elastic weight
consolidation) wants the mean over samples, of all tokens and all weights; the sparse-parameter
study the sum, of prompts' last tokens and the layers' matrices, in float16.
"""

import hashlib
import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tombench.errors import UserError
from tombench.masking.names import weights_by_name

Reduction = Literal["mean", "sum"]
"""Over samples."""
Statistic = Literal["squared_gradient", "gradient", "activation"]
"""What is added up over samples: squares of gradients, gradients with their signs, or squares of
what enters a linear layer."""


@dataclass(frozen=True)
class Sample:
    """A text as the model reads it, cut and with its beginning-of-text token, if any."""

    ids: Sequence[int]
    first: int = 1  # place of the first token whose loss counts, 1 or more; all later ones count

    @classmethod
    def last_token(cls, ids: Sequence[int]) -> "Sample":
        """Only the last token's loss counts."""
        return cls(ids, len(ids) - 1)


Add = Callable[[Sequence[Sample], int], None]
"""Add what is taken of some samples, the first of which has this number."""


def samples_digest(samples: Iterable[Sample]) -> str:
    """SHA-256 (hex) of token ids and of which of them count, in their order."""
    digest = hashlib.sha256()
    for sample in samples:
        digest.update(f"{json.dumps([sample.first, *sample.ids])}\n".encode())
    return digest.hexdigest()


def squared_gradients(
    model: nn.Module,
    samples: Iterable[Sample],
    names: Collection[str] | None = None,
    reduction: Reduction = "mean",
    dtype: torch.dtype = torch.float32,
) -> dict[str, Tensor]:
    """The mean, or sum, over samples i of (d l_i / d W)^2 for each weight W, elementwise.

    l_i is the mean cross-entropy of the counted tokens of sample i, in nats. Gradients have the
    weights' dtype; squares and sums are taken in `dtype`. The model is run in evaluation mode and
    left as it was, gradients too. Samples are read one at a time, and each gradient is squared and
    dropped as it comes, so that memory holds the weights, the sums and little else. The same call
    gives the same bits on a CPU.

    `per_sample` reads several samples at once; it knows the layers' matrices alone.

    Args:
        model: a causal language model of transformers, adapters or not.
        samples: each of two tokens or more.
        names: of weights, as `weights_by_name` has them; None: all of them.
        reduction: over samples.
        dtype: of squares and sums; float16 loses gradients below 1.7e-4.

    Returns:
        By name, in the model's order, the weight's shape on the weight's device.

    Raises:
        UserError: no samples, one too short, a loss that is no number, a name that the model does
            not have, quantized weights.
    """
    weights = chosen_weights(weights_by_name(model), names)
    sums = {name: torch.zeros_like(weight, dtype=dtype) for name, weight in weights.items()}
    count = 0
    with one_by_one(model, weights, sums) as add:
        for sample in samples:
            add([sample], count)
            count += 1
    if count == 0:
        raise UserError("squared gradients: there are no samples to take them of; give one or more")
    if reduction == "mean":
        for total in sums.values():
            total /= count
    return sums


@contextmanager
def one_by_one(
    model: nn.Module,
    weights: Mapping[str, nn.Parameter],
    sums: Mapping[str, Tensor],
    signed: bool = False,
) -> Iterator[Add]:
    """Yield what adds samples' squared gradients to `sums`; `signed`: the gradients themselves.

    The model is in evaluation mode meanwhile, and then as it was.
    """
    device = model.get_input_embeddings().weight.device

    def add(samples: Sequence[Sample], number: int) -> None:
        for place, sample in enumerate(samples, number):
            loss = _loss(model, sample, device, place)
            if loss.requires_grad:  # else it depends on none of them
                loss.backward()

    with frozen(model), _adding(weights, sums, signed), torch.enable_grad():
        yield add


def _loss(model: nn.Module, sample: Sample, device: torch.device, number: int) -> Tensor:
    """Mean cross-entropy of a sample's counted tokens, in float32."""
    check_sample(sample, number)
    ids = torch.as_tensor(list(sample.ids), device=device)
    logits = model(input_ids=ids[None], use_cache=False).logits[0, sample.first - 1 : -1]
    loss = cross_entropy(logits.float(), ids[sample.first :].to(logits.device))
    check_loss(loss.item(), number)
    return loss


def check_sample(sample: Sample, number: int) -> None:
    """Refuse (UserError) a sample none of whose tokens can count."""
    if not 1 <= sample.first < len(sample.ids):
        raise UserError(
            f"squared gradients: sample {number} has {len(sample.ids)} tokens, and loss from token "
            f"{sample.first} on is asked for; leave it out, or count loss from token 1 on"
        )


def check_loss(loss: float, number: int) -> None:
    """Refuse (UserError) a sample's loss that is infinite or no number."""
    if not math.isfinite(loss):
        raise UserError(
            f"squared gradients: the loss of sample {number} is {loss}; "
            "load the model in another dtype (model.dtype=float32)"
        )


def chosen_weights(
    weights: Mapping[str, nn.Parameter], names: Collection[str] | None
) -> dict[str, nn.Parameter]:
    """The weights of these names, in the model's order; None: all of them.

    Raises UserError where one is missing or quantized.
    """
    unknown = [name for name in names or () if name not in weights]
    if unknown:
        raise UserError(
            f"squared gradients: the model has no weight {unknown[0]}; it has {', '.join(weights)}"
        )
    chosen = {name: w for name, w in weights.items() if names is None or name in names}
    packed = [name for name, weight in chosen.items() if not weight.is_floating_point()]
    if packed:
        raise UserError(
            f"squared gradients: {packed[0]} is quantized and has no gradient; take them with "
            "model.quantization=none"
        )
    return chosen


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """In evaluation mode, no weight takes a gradient; afterwards all is as it was."""
    was_training = model.training
    before = [(weight, weight.requires_grad, weight.grad) for weight in model.parameters()]
    model.eval().requires_grad_(False)
    try:
        yield
    finally:
        for weight, learns, gradient in before:
            weight.requires_grad_(learns).grad = gradient
        model.train(was_training)


@contextmanager
def _adding(
    weights: Mapping[str, nn.Parameter], sums: Mapping[str, Tensor], signed: bool
) -> Iterator[None]:
    """Each backward pass adds its gradients, or their squares, to `sums` and leaves none."""
    hooks = []
    for name, weight in weights.items():

        def take(weight: Tensor, total: Tensor = sums[name]) -> None:
            gradient = weight.grad.to(total.dtype)
            total += gradient if signed else gradient.square()
            weight.grad = None

        weight.requires_grad_(True).grad = None
        hooks.append(weight.register_post_accumulate_grad_hook(take))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
