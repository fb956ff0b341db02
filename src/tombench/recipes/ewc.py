"""Elastic weight consolidation: weights that mattered for what is known stay near where they were.

Kirkpatrick et al. 2017, "Overcoming catastrophic forgetting in neural networks", eq. 3:
loss + sum_i lambda / 2 F_i (theta_i - theta*_i)^2, F the squared gradients at theta*.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from tombench.errors import UserError
from tombench.masking.files import (
    FOLDER,
    INDEX,
    Origin,
    find_gradients,
    load_gradients,
    save_gradients,
    weights_digest,
)
from tombench.masking.names import ADAPTER, bare_name
from tombench.masking.squared_gradients import Sample, samples_digest, squared_gradients
from tombench.processes import place

if TYPE_CHECKING:
    from peft.tuners.lora import LoraLayer

    from tombench.recipes.base import TrainingJob
    from tombench.recipes.sft import Sft

KEY = "recipe.fisher"


@dataclass(frozen=True, eq=False)
class Learning:
    """A weight that learns."""

    name: str  # in the model without adapters
    shape: torch.Size
    device: torch.device
    difference: Callable[[], Tensor]  # theta - theta* in float32, of `shape`; differentiable


@dataclass(frozen=True, eq=False)
class Ewc:
    """The penalty of a network that is being trained."""

    terms: tuple[tuple[Tensor, Learning], ...]  # F and what it weighs
    strength: float  # lambda

    @classmethod
    def of(cls, network: nn.Module, fisher: Mapping[str, Tensor], strength: float) -> "Ewc":
        """Taken before the first step and before a checkpoint is read: theta* are the weights now.

        A LoRA layer's theta* is its base matrix. F is kept on the weights' devices, and of a
        weight that learns itself a copy; only what F names and learns is read.

        Raises:
            UserError: F lacks a weight that learns or has another shape; an adapter that is
                neither LoRA nor on a linear layer.
        """
        learning = list(weights_that_learn(network))
        _refuse_gaps(learning, fisher)
        terms = []
        for one in learning:
            of_weight = fisher[one.name]
            if of_weight.shape != one.shape:
                raise UserError(
                    f"{KEY}: squared gradients of {one.name} have shape {list(of_weight.shape)}, "
                    f"the weight has {list(one.shape)}; give those of this model"
                )
            terms.append((of_weight.to(one.device), one))
        return cls(tuple(terms), strength)

    def penalty(self) -> Tensor:
        """0.5 lambda sum_i F_i (theta_i - theta*_i)^2: a scalar in float32, differentiable.

        One weight's difference is held at a time: the backward pass computes it again.
        """
        home = self.terms[0][1].device
        parts = [
            checkpoint(_weighted_square, *term, use_reentrant=False, preserve_rng_state=False)
            for term in self.terms
        ]
        return 0.5 * self.strength * torch.stack([part.to(home) for part in parts]).sum()


def _weighted_square(fisher: Tensor, one: Learning) -> Tensor:
    with torch.autocast(one.device.type, enabled=False):
        return (fisher.float() * one.difference().square()).sum()


def weights_that_learn(network: nn.Module) -> Iterator[Learning]:
    """Those that take a gradient themselves, and the base matrices of LoRA layers that do."""
    for name, weight in network.named_parameters():
        if weight.requires_grad and ADAPTER not in name:
            moved = _Moved(weight, weight.detach().clone())
            yield Learning(bare_name(name), weight.shape, weight.device, moved)
    for name, layer in network.named_modules():
        if any(weight.requires_grad for weight in _adapter_of(layer)):
            yield _adapted(f"{bare_name(name)}.weight", layer)


def _adapter_of(layer: nn.Module) -> Iterator[Tensor]:
    """The weights that an adapter has put on this very layer."""
    for part in getattr(layer, "adapter_layer_names", ()):
        yield from getattr(layer, part).parameters()


def _adapted(name: str, layer: "LoraLayer") -> Learning:
    """The base matrix of a LoRA layer."""
    adapters = [one for one in layer.active_adapters if one in getattr(layer, "lora_A", ())]
    linear = all(layer.lora_A[one].weight.ndim == 2 for one in adapters)
    if not adapters or not linear or any(layer.use_dora.get(one) for one in adapters):
        raise UserError(
            f"recipe.ewc_lambda: {name} learns by an adapter other than LoRA on a linear layer; "
            "give recipe.lora.targets without it, or recipe.ewc_lambda=0"
        )
    lora = _LowRank(layer, tuple(adapters))
    with torch.no_grad():
        shape = lora().shape
    return Learning(name, shape, layer.lora_B[adapters[0]].weight.device, lora)


@dataclass(frozen=True, eq=False)
class _Moved:
    weight: Tensor
    start: Tensor

    def __call__(self) -> Tensor:
        return self.weight.float() - self.start.float()


@dataclass(frozen=True, eq=False)
class _LowRank:
    """Scaling * B A (Hu et al. 2022, section 4.1), summed over a layer's active adapters."""

    layer: "LoraLayer"
    adapters: tuple[str, ...]

    def __call__(self) -> Tensor:
        whole = sum(self._of(adapter) for adapter in self.adapters)
        return whole.T if self.layer.fan_in_fan_out else whole  # GPT-2's matrices lie transposed

    def _of(self, adapter: str) -> Tensor:
        a, b = self.layer.lora_A[adapter].weight, self.layer.lora_B[adapter].weight
        return (b.float() * self.layer.scaling[adapter]) @ a.float()


def _refuse_gaps(learning: list[Learning], fisher: Mapping[str, Tensor]) -> None:
    missing = [one.name for one in learning if one.name not in fisher]
    if missing:
        raise UserError(
            f"{KEY}: squared gradients lack {len(missing)} of {len(learning)} weights that learn, "
            f"such as {missing[0]}; give those of this model, or {KEY}=null to compute them"
        )


def fisher_of(
    recipe: "Sft", job: "TrainingJob", network: nn.Module, texts: Iterable[list[int]]
) -> Mapping[str, Tensor]:
    """Squared gradients that `Ewc.of` takes: those of `recipe.fisher`, else of `texts`.

    Computed ones are the mean over the first `recipe.fisher_samples` texts, cut to
    `recipe.max_length` tokens, of the weights that learn, an adapter turned off. They are saved to
    `job.folder/fisher`; where they lie there already, they are read.

    Args:
        recipe: names a folder, or how many texts.
        job: the model, the run folder, the log.
        network: as it is to be trained: bare, or with a fresh adapter of peft.
        texts: token ids as the model reads them, the beginning-of-text token included; those of
            fewer than two tokens are passed over.

    Raises:
        UserError: `recipe.fisher` holds none, or another model's; there are no texts; the weights
            are quantized.
    """
    if recipe.fisher is not None:
        stored = load_gradients(find_gradients(recipe.fisher, KEY))
        stored.check_model(job.model)
        return stored
    usable = (Sample(tuple(ids[: recipe.max_length])) for ids in texts if len(ids) > 1)
    samples = list(islice(usable, recipe.fisher_samples))
    if not samples:
        raise UserError(
            f"{KEY}=null: there are no texts to take squared gradients of; give {KEY}=RUN"
        )
    origin = Origin(
        model=weights_digest(job.model),
        data=samples_digest(samples),
        samples=len(samples),
        sequence_length=recipe.max_length,
        reduction="mean",
    )
    return _saved_or_new(job, network, samples, origin)


def _saved_or_new(
    job: "TrainingJob", network: nn.Module, samples: list[Sample], origin: Origin
) -> Mapping[str, Tensor]:
    folder = job.folder / FOLDER
    if (folder / INDEX).is_file():
        stored = load_gradients(folder)
        if stored.origin == origin:
            return stored
    job.log(f"fisher squared gradients of {len(samples):,} texts")
    names = [one.name for one in weights_that_learn(network)]
    off = getattr(network, "disable_adapter", nullcontext)  # peft's; transformers' has an s
    with off():
        gradients = squared_gradients(network, samples, names)
    if place().leads:
        save_gradients(folder, gradients, origin)
    return gradients
