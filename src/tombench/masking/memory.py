"""How much memory it takes to gather squared gradients."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod


@dataclass(frozen=True)
class Reading:
    """What one forward and backward pass reads."""

    tokens: int  # padding included
    counted: int  # of these, tokens whose loss counts
    vocabulary: int  # logits a token


@dataclass(frozen=True)
class Memory:
    """Bytes."""

    weights: int
    sums: int
    transient: int

    @property
    def total(self) -> int:
        return self.weights + self.sums + self.transient


def gradient_memory(
    weights: int,
    shapes: Mapping[str, tuple[int, ...]],
    reading: Reading,
    entry_bytes: int = 2,
    accumulator_bytes: int = 4,
) -> Memory:
    """About how many bytes `gather` holds at the most, Python and its libraries aside.

    With e bytes an entry of a weight or activation and a bytes an entry of a sum:

        sums      = a * (entries of the matrices)
        transient = (e + 2 a) * (entries of the largest matrix)
                  + 2 e * tokens * (inputs + outputs of all matrices)
                  + (2 e + 12) * counted * vocabulary

    The first part is a gradient, converted and squared. The second is what the backward pass
    needs; its factor 2 is for what lies between the linear layers: norms in float32, attention, the
    nonlinearity. The third is logits: also in float32, log-softmax, and their gradients. Attention
    that keeps its weights (eager) takes more.

    Llama-3-8B in bfloat16: 16.1 GB of weights, 27.9 GB of sums, 22.3 GB for 2,048 tokens of 128
    prompts whose last token counts, 66.3 GB in all; for 16 windows of 128 tokens that all count
    26.2 GB, 70.2 GB in all.

    Args:
        weights: bytes of all weights.
        shapes: of the matrices that are summed, by name; those of two dimensions are layers.
        reading: the largest batch.
        entry_bytes: 2 in bfloat16 and float16.
        accumulator_bytes: 4 in float32.
    """
    sizes = [prod(shape) for shape in shapes.values()]
    features = sum(sum(shape) for shape in shapes.values() if len(shape) == 2)
    gradient = (entry_bytes + 2 * accumulator_bytes) * max(sizes, default=0)
    graph = 2 * entry_bytes * reading.tokens * features
    logits = (2 * entry_bytes + 12) * reading.counted * reading.vocabulary
    return Memory(weights, accumulator_bytes * sum(sizes), gradient + graph + logits)
