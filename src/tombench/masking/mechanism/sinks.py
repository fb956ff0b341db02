"""Attention sinks: heads that put much of their attention on the first token.

Xiao et al. 2024 ("Efficient streaming language models with attention sinks") name them; Gu et al.
2025 ("When attention sink emerges in language models", section 3) call a key a sink where it gets
on average more than 0.3 of the attention.
"""

from dataclasses import dataclass

from torch import Tensor

SINK = 0.3  # mass above which a head has a sink in a text
SHIFT = 0.01  # change of mass above which a sink has shifted (npj AI 2025, the study's threshold)


@dataclass(frozen=True)
class SinkShift:
    """How many of a layer's sinks shifted under a mask, over all texts and heads."""

    layer: int
    sinks: int  # pairs of text and head that have one without the mask
    shifted: int
    share: float | None  # shifted of sinks; None: there were none


def sink_mass(weights: Tensor, is_query: Tensor) -> Tensor:
    """Attention on the first token, mean over the queries that count: [batch, heads].

    Args:
        weights: [batch, heads, tokens, tokens], rows that sum to 1.
        is_query: bool [batch, tokens], one or more true a row: positions 1 on, as the first token
            can attend to nothing but itself.
    """
    counted = is_query[:, None].to(weights.dtype)
    return (weights[..., 0] * counted).sum(-1) / counted.sum(-1)


def sink_shift(layer: int, before: Tensor, after: Tensor) -> SinkShift:
    """Of the sinks before a mask, those whose mass moved: both masses [texts, heads]."""
    was = before > SINK
    shifted = int((was & ((after - before).abs() > SHIFT)).sum())
    sinks = int(was.sum())
    return SinkShift(layer, sinks, shifted, shifted / sinks if sinks else None)
