"""What each token counts in the loss: repeated names and things most, random choices least."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

VERDICTS = ("Yes", "No")


@dataclass(frozen=True)
class Tokens:
    """Whole texts, one after the other."""

    ids: NDArray[np.int64]  # (tokens,)
    text: NDArray[np.int64]  # (tokens,) the number of each token's text, rising
    answer: NDArray[np.bool_]  # (tokens,) True in what is to be said; prose has none


Weigh = Callable[[Tokens], NDArray[np.float32]]
"""The weight of each token, (tokens,). What a text begins with is never predicted."""


@dataclass(frozen=True)
class Vocabulary:
    """Which ids have a weight of their own, as truth values by id."""

    content: NDArray[np.bool_]
    verdict: NDArray[np.bool_]

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase, words: frozenset[str]) -> "Vocabulary":
        """Content: the decoded id, without blanks, in lower case, is one of `words`."""
        decoded = [text.strip() for text in tokenizer.batch_decode([[i] for i in _ids(tokenizer)])]
        return cls(
            content=np.array([text.lower() in words for text in decoded]),
            verdict=np.array([text in VERDICTS for text in decoded]),
        )


@dataclass(frozen=True)
class LossWeights:
    """Weights of pretraining text.

    A small model's loss is mostly random choices that nothing could foretell. Copying, which all
    else is built on, is learnt from the few tokens that name again what a text has named.
    """

    first_mention: float = 0.2  # of a token that its text has not held yet
    content: float = 4.0  # of a token that its text has held: a name, a thing, a place
    function: float = 0.3  # of any other token that its text has held
    answer: float = 2.0  # a factor on these three in an answer
    verdict: float = 4.0  # of Yes or No wherever it stands

    def of(self, tokens: Tokens, vocabulary: Vocabulary) -> NDArray[np.float32]:
        """The weight of each token, (tokens,)."""
        repeated = np.where(vocabulary.content[tokens.ids], self.content, self.function)
        weights = np.where(_first_mention(tokens), self.first_mention, repeated)
        weights = np.where(tokens.answer, self.answer * weights, weights)
        weights = np.where(vocabulary.verdict[tokens.ids], self.verdict, weights)
        return weights.astype(np.float32)


def _first_mention(tokens: Tokens) -> NDArray[np.bool_]:
    """True where a token's id has not stood in its text before."""
    pairs = tokens.text * (int(tokens.ids.max(initial=0)) + 1) + tokens.ids
    first = np.zeros(len(pairs), dtype=bool)
    first[np.unique(pairs, return_index=True)[1]] = True
    return first


def _ids(tokenizer: PreTrainedTokenizerBase) -> range:
    return range(max(tokenizer.get_vocab().values()) + 1)
