"""What a sweep of masks does inside a network, as far as it can be seen on texts.

The sparse-parameter study (npj AI 2025) finds that its masks fall on few frequencies of rotary
position embedding, are of low rank, turn queries from the first token's key and shift attention
sinks. Here the same is measured for any mask, so that controls can be held beside it.

`to_json` gives, floats to five digits, None for what cannot be had:

    texts, tokens           how many were read
    thresholds              sink, shift, dominant
    layers[]                an attention layer each: layer, heads, key_heads, head_dim; query, key,
                            value, output (matrices' names); pairing, inverse_frequencies
    unmasked[]              activations, an attention layer each (`LayerActivations`)
    masked{m}
      shares                in_all, layers[], kinds[], matrices[], heads[], frequencies[],
                            dominant[] (`Shares`)
      ranks                 matrices[], kinds[] (`Ranks`)
      activations[]         as unmasked
      sink_shifts[]         layer, sinks, shifted, share (`SinkShift`)
"""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

import torch

from tombench.errors import UserError
from tombench.masking.masks import Mask
from tombench.masking.mechanism.activations import LayerActivations, Measured, batched, measure
from tombench.masking.mechanism.attention_layout import AttentionLayer, attention_layout
from tombench.masking.mechanism.head_shares import DOMINANT, Norms
from tombench.masking.mechanism.matrices import matrices_of
from tombench.masking.mechanism.rank import Ranks, ranks
from tombench.masking.mechanism.rotation import Pairing
from tombench.masking.mechanism.shares import Shares, shares
from tombench.masking.mechanism.sinks import SHIFT, SINK, SinkShift, sink_shift
from tombench.models.load import Loaded

DIGITS = 5  # of a float in JSON


@dataclass(frozen=True)
class LayerFacts:
    """An attention layer; a matrix is None where queries, keys or values have none of their own."""

    layer: int
    heads: int
    key_heads: int
    head_dim: int
    query: str | None
    key: str | None
    value: str | None
    output: str | None
    pairing: Pairing | None  # None: no rotary position embedding
    inverse_frequencies: list[float]  # radians a token


@dataclass(frozen=True)
class Masked:
    """What one mask does."""

    shares: Shares
    ranks: Ranks
    activations: tuple[LayerActivations, ...]
    sink_shifts: tuple[SinkShift, ...]


@dataclass(frozen=True)
class Mechanism:
    """What a sweep of masks does, by m."""

    texts: int
    tokens: int
    thresholds: Mapping[str, float]
    layers: tuple[LayerFacts, ...]
    unmasked: tuple[LayerActivations, ...]
    masked: Mapping[str, Masked]


def examine(
    loaded: Loaded,
    masks: Mapping[str, Mask],
    apply: Callable[[Mask], AbstractContextManager[Any]],
    texts: Sequence[str],
) -> Mechanism:
    """Put texts through the network as it is, and once more under each mask.

    Each text gets the special tokens that the model reads, its beginning-of-text token among them,
    and is cut to the model's context. Texts of a single token are left out.

    Args:
        loaded: unmasked; its attention function is put back afterwards.
        masks: by m.
        apply: puts a mask on the network inside `with`.
        texts: as the model would be asked, without special tokens.

    Raises:
        UserError: no text of two tokens, unmasked attention that is no number.
    """
    network = loaded.causal_lm
    ids = [loaded.encoding.encode(text)[: loaded.context_length] for text in texts]
    ids = [tokens for tokens in ids if len(tokens) > 1]
    if not ids:
        raise UserError("mechanism: none of its texts has two tokens; give longer ones")
    layers, batches = attention_layout(network), batched(ids)
    unmasked = measure(network, layers, batches)
    _check_numbers(layers, unmasked)
    masked = {}
    for m, mask in masks.items():
        with apply(mask):
            under = measure(network, layers, batches)
        masked[m] = _masked(loaded, mask, layers, unmasked, under)
    return Mechanism(
        texts=len(ids),
        tokens=sum(map(len, ids)),
        thresholds={"sink": SINK, "shift": SHIFT, "dominant": DOMINANT},
        layers=tuple(_facts(layer) for layer in layers),
        unmasked=unmasked.layers,
        masked=masked,
    )


def _masked(
    loaded: Loaded,
    mask: Mask,
    layers: Sequence[AttentionLayer],
    before: Measured,
    after: Measured,
) -> Masked:
    network = loaded.causal_lm
    return Masked(
        shares=shares(mask, matrices_of(network), layers, [_norms(one) for one in before.layers]),
        ranks=ranks(network, mask, layers),
        activations=after.layers,
        sink_shifts=tuple(
            sink_shift(layer.number, *masses)
            for layer, *masses in zip(layers, before.masses, after.masses, strict=True)
        ),
    )


def _check_numbers(layers: Sequence[AttentionLayer], unmasked: Measured) -> None:
    for layer, mass in zip(layers, unmasked.masses, strict=True):
        if not mass.isfinite().all():
            raise UserError(
                f"mechanism: attention of layer {layer.number} is no number; load the model in"
                " another dtype (model.dtype=float32)"
            )


def _norms(layer: LayerActivations) -> Norms:
    return {"query": torch.tensor(layer.query_norms), "key": torch.tensor(layer.key_norms)}


def _facts(layer: AttentionLayer) -> LayerFacts:
    names = {
        name: layer.parts[name].matrix if name in layer.parts else None
        for name in ("query", "key", "value", "output")
    }
    return LayerFacts(
        layer=layer.number,
        heads=layer.heads,
        key_heads=layer.key_heads,
        head_dim=layer.head_dim,
        pairing=layer.rotary.pairing if layer.rotary else None,
        inverse_frequencies=list(layer.rotary.inverse_frequencies) if layer.rotary else [],
        **names,
    )


def to_json(mechanism: Mechanism) -> dict[str, Any]:
    """Plain values for mechanism.json; the module says which."""
    return _plain(asdict(mechanism))


def _plain(value: Any) -> Any:
    """Lists and dicts of what JSON knows."""
    if isinstance(value, Mapping):
        return {key: _plain(own) for key, own in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(own) for own in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value
