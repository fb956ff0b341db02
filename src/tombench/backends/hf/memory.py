"""Memory that a planned batch takes, computed from the shapes of a decoder; in bytes.

A forward pass holds one layer's activations at a time; keys and values of all layers stay.
"""

import resource
import sys
from dataclasses import dataclass
from typing import Any

from tombench.backends.hf.batching import Size

LOGITS = 2**26  # most logits of options in memory at once: 256 MiB in float32
FLOAT = 4  # bytes of float32, in which logits are kept and masks are added
SLACK = 1.2  # a process holds so much for each byte of its tensors: freed pieces lie between them
DRAWING = 3  # copies of the logits, in float32, that filtering and drawing hold


@dataclass(frozen=True)
class Shape:
    """A decoder's sizes, in numbers (not bytes) but for `width`."""

    layers: int
    hidden: int
    intermediate: int
    heads: int
    head: int  # numbers of one head's query, key or value
    cached_heads: int  # fewer than `heads` where queries share keys
    vocabulary: int
    width: int  # bytes of one number

    @classmethod
    def of(cls, config: Any, width: int) -> "Shape | None":
        """From a transformers configuration; names differ between families of models.

        None where it does not tell: a model without attention, sizes under names of its own.
        """
        config = config.get_text_config(decoder=True)
        layers, hidden = _largest(config, "num_hidden_layers"), _largest(config, "hidden_size")
        heads, vocabulary = _largest(config, "num_attention_heads"), _largest(config, "vocab_size")
        if not (layers and hidden and heads and vocabulary):
            return None
        inner = ("intermediate_size", "ffn_dim", "n_inner")
        found = [_largest(config, name) for name in inner]
        return cls(
            layers=layers,
            hidden=hidden,
            intermediate=next((size for size in found if size), 4 * hidden),
            heads=heads,
            head=_largest(config, "head_dim") or hidden // heads,
            cached_heads=_cached_heads(config) or heads,
            vocabulary=vocabulary,
            width=width,
        )

    def cache(self, tokens: int) -> int:
        """Keys and values of so many tokens, in all layers."""
        return 2 * self.layers * self.cached_heads * self.head * self.width * tokens

    def activations(self, rows: int, new: int, past: int = 0) -> int:
        """One layer reading `new` tokens a row after `past`: its feed-forward part or attention."""
        tokens, seen = rows * new, rows * (past + new)
        forward = tokens * (3 * self.hidden + 3 * self.intermediate) * self.width
        queries = tokens * (3 * self.hidden + 3 * self.heads * self.head) * self.width
        grouped = self.heads != self.cached_heads
        repeated = 2 * seen * self.heads * self.head * self.width if grouped else 0
        mask = new * seen * (FLOAT + 1)
        return max(forward, queries + repeated) + mask

    def logits(self, rows: int, copies: int = 1) -> int:
        """Logits of so many positions."""
        return rows * self.vocabulary * FLOAT * copies


def _largest(config: Any, name: str) -> int | None:
    """A size, the largest where layers differ, or None where the configuration has none."""
    try:
        value = getattr(config, name, None)
    except RuntimeError:  # transformers' answer where each layer has its own
        value = [getattr(layer, name) for layer in _layers(config)]
    return max(value) if isinstance(value, list | tuple) else value


def _layers(config: Any) -> list[Any]:
    return [config.per_layer_config[index] for index in range(config.num_hidden_layers)]


def _cached_heads(config: Any) -> int | None:
    """Heads whose keys and values are kept; Falcon's rule is that of its attention layer."""
    if getattr(config, "new_decoder_architecture", False):
        return _largest(config, "num_kv_heads")
    if getattr(config, "multi_query", False):
        return 1
    return _largest(config, "num_key_value_heads")


@dataclass(frozen=True)
class Batch:
    """What one planned batch holds at a time: drawing, and then scoring."""

    prompts: Size  # read at once, to be continued
    drawn: Size  # rows that continue, each with its prompt and new tokens
    contexts: Size
    options: Size  # rows of several tokens at once, and the tokens of one that are read


def rows_at_once(budget: int, width: int, scored: int, vocabulary: int) -> int:
    """Options of one forward: `width` tokens a row within the budget, and logits that fit."""
    return max(1, min(budget // width, LOGITS // (scored * vocabulary)))


def peak(shape: Shape, batch: Batch) -> int:
    """The most that a batch takes at once, weights not counted."""
    return max(_drawing(shape, batch.prompts, batch.drawn), _scoring(shape, batch))


def _reading(shape: Shape, prompts: Size, copies: int = 1) -> int:
    tokens = prompts.rows * prompts.length
    read = shape.cache(tokens) + shape.activations(prompts.rows, prompts.length)
    return max(read, shape.cache(tokens) + shape.logits(prompts.rows, copies))


def _drawing(shape: Shape, prompts: Size, drawn: Size) -> int:
    kept = shape.cache(prompts.rows * prompts.length) + shape.logits(prompts.rows)
    grown = shape.cache(drawn.rows * drawn.length) + shape.logits(drawn.rows)
    step = max(shape.activations(drawn.rows, 1, drawn.length), shape.logits(drawn.rows, DRAWING))
    return max(_reading(shape, prompts), kept + grown + step)


def _scoring(shape: Shape, batch: Batch) -> int:
    contexts, options = batch.contexts, batch.options
    kept = shape.cache(contexts.rows * contexts.length) + shape.logits(contexts.rows)
    copies = shape.cache(options.rows * (contexts.length + options.length))
    read = shape.activations(options.rows, options.length, contexts.length)
    scored = shape.logits(options.rows * options.length)
    return max(_reading(shape, contexts, copies=2), kept + copies + max(read, scored))


def resident() -> int:
    """Bytes of this process that are in memory now."""
    import psutil

    return psutil.Process().memory_info().rss


def peak_so_far() -> int:
    """The most bytes that this process has had in memory."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
