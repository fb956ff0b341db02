"""Cut work into batches under a token budget, and halve a batch that memory does not hold."""

import gc
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tombench.errors import RunFailed

Row = TypeVar("Row")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Size:
    """What one piece of work takes: rows of a batch, and tokens of its longest row."""

    rows: int
    length: int


def plan(
    sizes: Sequence[Size],
    budget: int,
    groups: Sequence[Sequence[int]] | None = None,
    waste: float = math.inf,
) -> list[list[int]]:
    """Indices of `sizes` in batches: rows x longest length within `budget` tokens, longest first.

    `groups` of indices stay together where the budget lets them; they come the longest first, by
    default each index for itself. A group that would bring the padding of its batch over `waste`
    tokens begins a new one. A piece over the budget is a batch of its own.
    """
    if groups is None:
        groups = [[i] for i in sorted(range(len(sizes)), key=lambda i: (-sizes[i].length, i))]
    batches: list[list[int]] = []
    rows = longest = padding = 0
    for group in groups:
        own = max(sizes[index].length for index in group)
        padding += (longest - own) * sum(sizes[index].rows for index in group)
        room = budget if padding <= waste else 0
        for index in group:
            size = sizes[index]
            widest = max(longest, size.length)
            if batches and (rows + size.rows) * widest <= room:
                batches[-1].append(index)
                rows, longest = rows + size.rows, widest
            else:
                batches.append([index])
                rows, longest, padding = size.rows, size.length, 0
            room = budget
    return batches


def halving(
    run: Callable[[Sequence[Row]], list[Result]], rows: Sequence[Row], on_halved: Callable[[], None]
) -> list[Result]:
    """`run(rows)`; where memory runs out, both halves in turn, `on_halved` called before them.

    Results are in the order of `rows`. Raises RunFailed where one row alone does not fit.
    """
    try:
        return run(rows)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        if len(rows) == 1:
            raise RunFailed(
                "out of memory on a single sequence; use a smaller model, model.quantization=nf4"
                " or a shorter prompt"
            ) from error
    free_memory()  # outside the handler, whose traceback keeps the batch's tensors alive
    on_halved()
    middle = len(rows) // 2
    return halving(run, rows[:middle], on_halved) + halving(run, rows[middle:], on_halved)


def is_out_of_memory(error: BaseException) -> bool:
    """Is this torch's or the system's way of saying that memory ran out?"""
    import torch

    words = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(
        word in str(error).lower() for word in words
    )


def free_memory() -> None:
    """Give back what a failed batch held."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def tell_halved(budget: int) -> None:
    """The log line of a halved batch."""
    logging.getLogger("tombench").warning(
        "out of memory: going on with batches of %d tokens (backend.batch_tokens=%d avoids this)",
        budget,
        budget,
    )
