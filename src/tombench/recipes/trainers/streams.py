"""Which examples an update sees: a function of seed and the update's number alone.

So a resumed training sees what an uninterrupted one does, and several processes need not talk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any, Generic, Protocol, TypeVar

from tombench.recipes.trainers.tokens import Tokens

T = TypeVar("T")
Of = TypeVar("Of", covariant=True)


class Stream(Protocol[Of]):
    """Examples in an endless order."""

    def block(self, number: int) -> Sequence[Of]:
        """The examples of update `number` (0-based): as many as an effective batch holds."""
        ...


@dataclass(frozen=True)
class Listed(Generic[T]):
    """Examples that are all there: each epoch in another order."""

    examples: Sequence[T]
    size: int  # of a block
    seed: int

    def block(self, number: int) -> Sequence[T]:
        return [self.at(place) for place in range(number * self.size, (number + 1) * self.size)]

    def at(self, place: int) -> T:
        """The example at a place of the endless order."""
        epoch, within = divmod(place, len(self.examples))
        return self.examples[_order(self.seed, epoch, len(self.examples))[within]]


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, count: int) -> list[int]:
    order = list(range(count))
    Random(f"order/{seed}/{epoch}").shuffle(order)
    return order


@dataclass(frozen=True)
class Drawn(Generic[T]):
    """Examples that a task writes as they are asked for; those of a group stay together."""

    draw: Callable[[Random, float], Sequence[T]]  # a group, at a point of training in [0, 1)
    size: int
    updates: int
    seed: int
    name: str = "examples"

    def block(self, number: int) -> Sequence[T]:
        rng = Random(f"{self.name}/{self.seed}/{number}")
        block: list[T] = []
        while len(block) < self.size:
            block += self.draw(rng, number / self.updates)
        return block[: self.size]


@dataclass(frozen=True)
class Replayed:
    """Examples, some of which are training text of another stream instead.

    `share` is that of the rows and of the loss: text has many more tokens than answers have.
    """

    examples: Stream[Tokens]
    text: Stream[Tokens]
    share: float
    size: int

    def block(self, number: int) -> Sequence[Tokens]:
        count = self.replayed(number)
        examples = self._examples(number, self.size - count)
        longest = max((one.length for one in examples), default=None)
        text = [_cut(one, longest) for one in list(self.text.block(number))[:count]]
        return [*_weighed(examples, 1 - self.share, block := [*examples, *text]),
                *_weighed(text, self.share, block)]  # fmt: skip

    def _examples(self, number: int, count: int) -> list[Tokens]:
        """Of a list the next ones, none passed over; of a task the first of its block."""
        if isinstance(self.examples, Listed):
            before = number * self.size - self._replayed_before(number)
            return [self.examples.at(place) for place in range(before, before + count)]
        return list(self.examples.block(number))[:count]

    def replayed(self, number: int) -> int:
        """How many rows of an update are text; over the updates they come to the share."""
        return self._replayed_before(number + 1) - self._replayed_before(number)

    def _replayed_before(self, number: int) -> int:
        return int(number * self.share * self.size + 1e-9)


@dataclass(frozen=True)
class ByLength:
    """The same updates, the examples of each in the order of their lengths.

    Those that a device reads at a time are then of a length, and little of a batch is padding. An
    update's gradient is a mean over its examples, whatever their order.
    """

    stream: Stream[Tokens]

    def block(self, number: int) -> Sequence[Tokens]:
        return sorted(self.stream.block(number), key=lambda one: one.length)


def _cut(one: Tokens, length: int | None) -> Tokens:
    """No longer than the examples beside it, which would else be padded to its length."""
    room = None if length is None else max(1, length - len(one.prompt))
    return replace(one, chosen=one.chosen[:room])


def _weighed(part: Sequence[Tokens], share: float, block: Sequence[Tokens]) -> list[Tokens]:
    """The part's tokens weighed so that, of the block's mean loss, the part has its share."""
    tokens = sum(len(one.chosen) for one in part)
    whole = sum(len(one.chosen) for one in block)
    if tokens == whole:
        return list(part)
    return [replace(one, weight=share * whole / tokens) for one in part]


def as_dataset(stream: Stream[T], rows: int, size: int, columns: Callable[[T], Any]) -> Any:
    """A `datasets.Dataset` of so many rows, each made when it is asked for.

    Args:
        size: rows of a block.
        columns: from an example to the columns that a trainer reads.
    """
    from datasets import Dataset

    block = lru_cache(maxsize=2)(stream.block)

    def rows_of(asked: dict[str, list[int]]) -> dict[str, list[Any]]:
        found = [columns(block(index // size)[index % size]) for index in asked["index"]]
        return {name: [row[name] for row in found] for name in found[0]}

    return Dataset.from_dict({"index": list(range(rows))}).with_transform(rows_of)


def eager_dataset(examples: Sequence[Tokens], columns: Callable[[Tokens], Any]) -> Any:
    """A `datasets.Dataset` of all examples, in their order."""
    from datasets import Dataset

    return Dataset.from_list([columns(one) for one in examples])
