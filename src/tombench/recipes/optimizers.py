"""Which optimizer moves which weight."""

from collections.abc import Mapping

import torch
from torch import nn
from transformers import PreTrainedModel

from tombench.recipes.muon import Muon, MuonWithAdamW
from tombench.recipes.schedule import learning_rate_factor
from tombench.recipes.settings import TrainingSettings

BETAS = (0.9, 0.98)  # AdamW: few steps, so a shorter memory than the usual 0.999

Optimizers = Mapping[str, torch.optim.Optimizer]


def new_optimizers(settings: TrainingSettings, model: PreTrainedModel) -> Optimizers:
    """`inner` for the matrices inside the network, `outer` (AdamW) for embeddings and norms.

    Weights that take no gradient are left alone.
    """
    inner, outer = _parted(model)
    optimizers = {}
    if inner:
        optimizers["inner"] = _inner(settings, inner)
    if outer:
        rate = settings.embedding_learning_rate
        optimizers["outer"] = torch.optim.AdamW(outer, rate, BETAS, weight_decay=0.0, fused=True)
    for optimizer in optimizers.values():
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return optimizers


def muon_with_adamw(
    model: PreTrainedModel, rate: float, other_rate: float, weight_decay: float
) -> MuonWithAdamW:
    """Both as one optimizer: Muon at `rate`, AdamW at `other_rate`."""
    inner, outer = _parted(model)
    adamw = torch.optim.AdamW(outer, other_rate, BETAS, weight_decay=0.0)
    return MuonWithAdamW(Muon(inner, rate, weight_decay), adamw)


def _parted(model: PreTrainedModel) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Weights that learn: matrices inside the network, and embeddings, head and norms."""
    outside = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
    head = model.get_output_embeddings()
    outside |= set() if head is None else {id(head.weight)}
    inner, outer = [], []
    for weight in model.parameters():
        if weight.requires_grad:
            (inner if weight.ndim == 2 and id(weight) not in outside else outer).append(weight)
    return inner, outer


def set_learning_rates(optimizers: Optimizers, settings: TrainingSettings, step: int) -> None:
    """The rates of `step` (0-based)."""
    factor = learning_rate_factor(step, settings.steps, settings.warmup, settings.decay)
    for optimizer in optimizers.values():
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * factor


def _inner(settings: TrainingSettings, weights: list[nn.Parameter]) -> torch.optim.Optimizer:
    rate, decay = settings.learning_rate, settings.weight_decay
    if settings.optimizer == "muon":
        return Muon(weights, rate, decay, dtype=getattr(torch, settings.precision))
    return torch.optim.AdamW(weights, rate, BETAS, weight_decay=decay, fused=True)
