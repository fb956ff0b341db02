"""Texts to rows of tokens: rows are filled with whole texts, and a batch holds whole groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tombench.models.encoding import Encoding
from tombench.recipes.base import Texts
from tombench.recipes.weights import Tokens, Weigh
from tombench.stories.text import Text

APART_SHARE = 0.5  # of the prompts: prompt and answer are encoded each on its own
CHARACTERS_A_TOKEN = 4  # about; how many texts are drawn at a time


@dataclass(frozen=True)
class Rows:
    """Packed texts; `length` is one more than a model reads, whose last token is a target only."""

    ids: NDArray[np.int64]  # (rows, length)
    weights: NDArray[np.float32]  # (rows, length) in the loss; 0 where a text begins
    texts: NDArray[np.int64]  # (rows, length) the number of each token's text in its row

    def normalised(self, total: float) -> "Rows":
        """The same rows with weights that add up to `total`."""
        whole = max(float(self.weights[:, 1:].sum()), 1e-9)
        return Rows(self.ids, self.weights * np.float32(total / whole), self.texts)


@dataclass(frozen=True)
class Batch:
    """What one step reads."""

    inputs: Tensor  # (rows, length) token ids
    targets: Tensor  # (rows, length) the ids that follow
    weights: Tensor  # (rows, length) of the targets in the loss
    texts: Tensor  # (rows, length) numbers; a token never attends into another text
    positions: Tensor  # (rows, length) counted from the beginning of each text

    @classmethod
    def of(cls, parts: Sequence[Rows]) -> "Batch":
        """The rows of all parts, one below the other."""
        ids = torch.from_numpy(np.concatenate([part.ids for part in parts]))
        weights = torch.from_numpy(np.concatenate([part.weights for part in parts]))
        texts = torch.from_numpy(np.concatenate([part.texts for part in parts]))[:, :-1]
        place = torch.arange(texts.shape[1]).expand_as(texts)
        begins = torch.ones_like(texts, dtype=torch.bool)
        begins[:, 1:] = texts[:, 1:] != texts[:, :-1]
        positions = place - (place * begins).cummax(dim=1).values
        return cls(ids[:, :-1], ids[:, 1:], weights[:, 1:], texts, positions)

    def to(self, device: torch.device) -> "Batch":
        """The same batch on a device."""
        return Batch(**{name: tensor.to(device) for name, tensor in vars(self).items()})

    def pieces(self, tokens: int) -> Iterator["Batch"]:
        """The batch in pieces of at most so many tokens, or of one row."""
        rows = max(1, tokens // self.inputs.shape[1])
        split = {name: tensor.split(rows) for name, tensor in vars(self).items()}
        for parts in zip(*split.values(), strict=True):
            yield Batch(**dict(zip(split, parts, strict=True)))

    def mask(self) -> Tensor:
        """(rows, 1, length, length) True: may attend; causal, and within a text."""
        length = self.texts.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool, device=self.texts.device).tril()
        return (causal & (self.texts[:, :, None] == self.texts[:, None, :]))[:, None]


@dataclass(frozen=True)
class Packer:
    """Draws, encodes, weighs and packs texts."""

    texts: Texts
    encoding: Encoding
    weigh: Weigh
    length: int  # tokens that the model reads of a row

    def rows(self, rng: Random, progress: float, count: int) -> Rows:
        """`count` rows from a random stream at a point of training in [0, 1)."""
        plan = _Plan([self.length + 1] * count)
        encoded: list[tuple[list[int], int]] = []
        while plan.room > 0:
            for text in self.encoded(list(self._drawn(rng, progress, plan.room)), rng):
                plan.place(len(encoded), len(text[0]))
                encoded.append(text)
        return self._filled(plan.rows, encoded)

    def encoded(self, texts: Sequence[Text], rng: Random) -> list[tuple[list[int], int]]:
        """Each text's ids, end of text included, and where its answer starts (prose has none).

        A prompt that ends in a space ends in a lone space token when it is encoded by itself, as
        for generation; encoded together with the answer, as for log-likelihoods, the space belongs
        to the answer's first word. Both occur.
        """
        if not texts:
            return []
        split = [self._split(text, rng.random() < APART_SHARE) for text in texts]
        tokenizer, special = self.encoding.tokenizer, self.encoding.template is None
        first = tokenizer([before for before, _ in split], add_special_tokens=special)["input_ids"]
        then = tokenizer([after for _, after in split], add_special_tokens=False)["input_ids"]
        end = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
        encoded = []
        for text, before, after in zip(texts, first, then, strict=True):
            ids = [*before, *after, *end]
            encoded.append((ids, len(before) if text.prompt else len(ids)))
        return encoded

    def _split(self, text: Text, apart: bool) -> tuple[str, str]:
        """What is encoded first and what after it."""
        if not text.prompt:
            return text.answer, ""
        prompt, answer = self.encoding.as_sent(text.prompt), text.answer
        if not apart and prompt.endswith(" "):
            prompt, answer = prompt.removesuffix(" "), f" {answer}"
        return prompt, answer

    def _drawn(self, rng: Random, progress: float, tokens: int) -> Iterator[Text]:
        """Whole groups of about so many tokens."""
        characters = 0
        while characters < tokens * CHARACTERS_A_TOKEN:
            for text in self.texts(rng, progress):
                characters += len(text.prompt) + len(text.answer) + 1
                yield text

    def _filled(
        self, rows: Sequence[Sequence[int]], encoded: Sequence[tuple[list[int], int]]
    ) -> Rows:
        """The planned rows, weighed; what is left of a row counts nothing."""
        shape = (len(rows), self.length + 1)
        ids, weights = np.zeros(shape, np.int64), np.zeros(shape, np.float32)
        texts = np.full(shape, -1, np.int64)
        order = [number for row in rows for number in row]
        weighed = self._weighed([encoded[number] for number in order])
        for row, planned in enumerate(rows):
            start = 0
            for number in planned:
                text, heavy = encoded[number][0], next(weighed)
                end = min(start + len(text), shape[1])
                ids[row, start:end] = text[: end - start]
                weights[row, start:end] = heavy[: end - start]
                texts[row, start:end] = number
                start = end
        return Rows(ids, weights, texts)

    def _weighed(self, encoded: Sequence[tuple[list[int], int]]) -> Iterator[NDArray[np.float32]]:
        """The weights of each text's tokens; the first counts nothing."""
        lengths = np.array([len(ids) for ids, _ in encoded])
        begins = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        number = np.repeat(np.arange(len(encoded)), lengths)
        within = np.arange(lengths.sum()) - begins[number]
        starts = np.array([start for _, start in encoded])
        flat = np.array([token for ids, _ in encoded for token in ids], np.int64)
        weights = self.weigh(Tokens(flat, number, within >= starts[number]))
        weights[begins] = 0.0
        return iter(np.split(weights, begins[1:]))


class _Plan:
    """Which text goes into which row: the first that has room for all of it.

    Where none has, the row with most room takes what it can of the text, so texts are cut only
    when the batch is nearly full.
    """

    def __init__(self, rooms: list[int]) -> None:
        self.rooms = rooms
        self.rows: list[list[int]] = [[] for _ in rooms]

    @property
    def room(self) -> int:
        return sum(self.rooms)

    def place(self, text: int, length: int) -> None:
        """Give text number `text` of `length` tokens its row; none where all are full."""
        fits = (row for row, room in enumerate(self.rooms) if room >= length)
        row = next(fits, max(range(len(self.rooms)), key=self.rooms.__getitem__))
        if self.rooms[row] > 0:
            self.rows[row].append(text)
            self.rooms[row] = max(0, self.rooms[row] - length)
