"""A model's loss on a batch of packed texts, each of which attends to itself alone."""

import inspect
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from tombench.recipes.packing import Batch
from tombench.recipes.settings import Precision

PIECE = 2048
"""Tokens that a CPU reads at a time: at 5 M parameters 4096 in one piece take an eighth more time,
as their tensors no longer fit the cache."""


@dataclass(frozen=True)
class Forward:
    """How a model reads batches."""

    model: PreTrainedModel
    precision: Precision

    def learn(self, batch: Batch) -> float:
        """Add the gradient of a batch's loss to that of the weights; returns the loss.

        The loss is the weighted mean cross-entropy, in nats a token.
        """
        whole = batch.weights.sum().item() or 1.0
        pieces = batch.pieces(PIECE) if self.model.device.type == "cpu" else [batch]
        total = 0.0
        for piece in pieces:
            loss = self.summed(piece) / whole
            loss.backward()
            total += loss.item()
        return total

    def summed(self, batch: Batch) -> Tensor:
        """The weighted sum of cross-entropies; logits count in float32."""
        batch = batch.to(self.model.device)
        counted = batch.weights > 0
        with attention_by(self.model, self._attention), self._products():
            logits = self._counted_logits(batch, counted)
        each = cross_entropy(logits.float(), batch.targets[counted], reduction="none")
        return (each * batch.weights[counted]).sum()

    def _counted_logits(self, batch: Batch, counted: Tensor) -> Tensor:
        """(counted, vocabulary) logits where the loss has a weight; the others are not computed."""
        selects = "logits_to_keep" in _keywords(self.model)
        keep = {"logits_to_keep": counted} if selects and not counted.all() else {}
        logits = _logits(self.model, batch, **keep)
        return logits if logits.ndim == 2 else logits[counted]

    @property
    def _attention(self) -> str:
        """Plain products of matrices are the faster way in bfloat16 on a CPU, and slower else.

        1 M parameters, rows of 256: 168 against 198 ms a step; in float32 308 against 275 ms.
        """
        by_products = self.precision == "bfloat16" and self.model.device.type == "cpu"
        return "eager" if by_products else self.model.config._attn_implementation

    def _products(self) -> AbstractContextManager[object]:
        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(self.model.device.type, torch.bfloat16)


@contextmanager
def attention_by(model: PreTrainedModel, kind: str) -> Iterator[None]:
    """For a while the model attends by this implementation, where its class can change it."""
    own = model.config._attn_implementation
    model.set_attn_implementation(kind)
    try:
        yield
    finally:
        model.set_attn_implementation(own)


def _logits(model: PreTrainedModel, batch: Batch, **keywords: Tensor) -> Tensor:
    """(rows, length, vocabulary), or (counted, vocabulary) with `logits_to_keep`."""
    mask = batch.mask()
    if model.config._attn_implementation == "eager":  # adds the mask to the scores
        lowest = torch.finfo(torch.bfloat16).min
        mask = torch.zeros_like(mask, dtype=torch.float32).masked_fill(~mask, lowest)
    return model(
        input_ids=batch.inputs,
        attention_mask=mask,
        position_ids=batch.positions,
        use_cache=False,
        **keywords,
    ).logits


def _keywords(model: PreTrainedModel) -> set[str]:
    return set(inspect.signature(model.forward).parameters)
