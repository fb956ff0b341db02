"""Texts to training batches: the batch of a step is a pure function of (seed, step)."""

from dataclasses import dataclass
from functools import cached_property
from random import Random

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from tombench.recipes.base import Texts
from tombench.stories.layouts import Text

VERDICTS = ("Yes", " Yes", "No", " No")
APART_SHARE = 0.5  # of the questions: prompt and answer are encoded each on its own


@dataclass(frozen=True)
class LossWeights:
    """What a token's loss counts; the first token of a text counts nothing."""

    first_mention: float  # a token that the prompt has not held yet: mostly a random choice
    answer: float  # in an answer
    verdict: float  # Yes or No, in any answer, those of worked examples too
    other: float = 1.0


@dataclass(frozen=True)
class Batch:
    """Rows of whole texts, the last of each row cut off."""

    inputs: Tensor  # (rows, length) token ids
    targets: Tensor  # (rows, length) the ids that follow
    weights: Tensor  # (rows, length) of the targets in the loss
    mask: Tensor  # (rows, 1, length, length) True: may attend; never into another text


@dataclass(frozen=True)
class Packer:
    """Draws, encodes and packs texts."""

    texts: Texts
    tokenizer: PreTrainedTokenizerFast
    weights: LossWeights
    rows: int
    length: int  # tokens a row

    @cached_property
    def _verdicts(self) -> frozenset[int]:
        """The ids that are a verdict by themselves."""
        encoded = [self.tokenizer.encode(word) for word in VERDICTS]
        return frozenset(ids[0] for ids in encoded if len(ids) == 1)

    def batch(self, seed: int, step: int) -> Batch:
        """The batch of one step."""
        rows = [self._row(Random(f"train/{seed}/{step}/{row}")) for row in range(self.rows)]
        ids = torch.tensor([row[0] for row in rows])
        weights = torch.tensor([row[1] for row in rows])
        text = torch.tensor([row[2] for row in rows])[:, :-1]
        causal = torch.ones(self.length, self.length, dtype=torch.bool).tril()
        mask = causal & (text[:, :, None] == text[:, None, :])
        return Batch(ids[:, :-1], ids[:, 1:], weights[:, 1:], mask[:, None])

    def _row(self, rng: Random) -> tuple[list[int], list[float], list[int]]:
        """Ids, weights and the number of the text, each length + 1."""
        ids: list[int] = []
        weights: list[float] = []
        numbers: list[int] = []
        number = 0
        while len(ids) <= self.length:
            more, start = self.encoded(self.texts(rng), rng.random() < APART_SHARE)
            ids += more
            weights += self._weighted(more, start)
            numbers += [number] * len(more)
            number += 1
        end = self.length + 1
        return ids[:end], weights[:end], numbers[:end]

    def encoded(self, text: Text, apart: bool) -> tuple[list[int], int]:
        """A text's ids, end of text included, and where its answer starts (prose has none).

        A prompt that ends in a space ends in a lone space token when it is encoded by itself, as
        for generation; encoded with its answer, the space belongs to the answer's first word.
        """
        prompt, answer = text.prompt, text.answer
        if not apart and prompt.endswith(" "):
            prompt, answer = prompt.removesuffix(" "), f" {answer}"
        before = self.tokenizer.encode(prompt) if prompt else []
        ids = [*before, *self.tokenizer.encode(answer), self.tokenizer.eos_token_id]
        return ids, len(before) if prompt else len(ids)

    def _weighted(self, ids: list[int], start: int) -> list[float]:
        """A weight for each token."""
        seen: set[int] = set()
        weights = []
        for position, token in enumerate(ids):
            if token in self._verdicts:
                weights.append(self.weights.verdict)
            elif position >= start:
                weights.append(self.weights.answer)
            else:
                weights.append(self.weights.other if token in seen else self.weights.first_mention)
            seen.add(token)
        return [0.0, *weights[1:]]
