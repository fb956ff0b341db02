"""Do models share a vocabulary? What combining them token by token rests on.

A probability of token 517 of one model and of token 517 of another speak of one thing only where
the tokenizers agree: ids, added tokens, what a text begins with, how it is cut, what goes round it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tombench.backends.responses.reader import EncodingReader
from tombench.config import canonical
from tombench.errors import UserError
from tombench.models.base import Model

SHOWN = 8  # signs of a hash in an error line
PROBES = (
    "",
    "Emma is in the kitchen. belief: inside the fridge, 2nd kitchencabinet\naction: walktowards",
    "  Two  spaces,\ttabs;\n\nnumbers 1024 3.14; naïve café – 冰箱 \U0001f34e don't",
)
"""Texts that tokenizers with the same vocabulary and other rules cut differently."""


@dataclass(frozen=True)
class Vocabulary:
    """All of a tokenizer that a common use of logits depends on; hashes are SHA-256 in hex."""

    size: int  # largest id + 1; the head of a network may be padded beyond it
    tokens: str  # hash of the map from token to id
    added: str  # hash of the added tokens and their ids
    template: str  # hash of the chat template that prompts go through
    beginning: tuple[int, ...]  # ids that stand before a text's own
    probes: str  # hash of the ids of `PROBES`

    @classmethod
    def of(cls, model: Model) -> "Vocabulary":
        """From the tokenizer's files, without weights."""
        encoding = EncodingReader(model).encoding
        tokenizer = encoding.tokenizer
        ids = tokenizer.get_vocab()
        with_specials, own = (
            tokenizer.encode("a", add_special_tokens=added) for added in (True, False)
        )
        return cls(
            size=max(ids.values(), default=-1) + 1,
            tokens=_hash(ids),
            added=_hash(tokenizer.get_added_vocab()),
            template=_hash(encoding.template),
            beginning=tuple(with_specials[: len(with_specials) - len(own)]),
            probes=_hash([encoding.encode(text) for text in PROBES]),
        )

    def differences(self, other: "Vocabulary") -> Iterator[str]:
        """In words, this one's first; the one that explains the others alone."""
        if self.tokens != other.tokens:
            yield (
                f"{self.size:,} and {other.size:,} tokens, hashes {self.tokens[:SHOWN]} and"
                f" {other.tokens[:SHOWN]}"
            )
        elif self.added != other.added:
            yield f"other added tokens, hashes {self.added[:SHOWN]} and {other.added[:SHOWN]}"
        elif self.beginning != other.beginning:
            yield f"a text begins with ids {list(self.beginning)} and {list(other.beginning)}"
        elif self.template != other.template:
            yield "other chat templates; model.template=none, for each model, sends plain text"
        elif self.probes != other.probes:
            yield "the same tokens, and texts are cut into them differently"


def audit(models: Mapping[str, Model]) -> int:
    """How many ids all models know, so that their logits can be cut to them.

    Raises:
        UserError: they do not share one vocabulary; each that differs from the first is told.
    """
    (first, one), *others = ((role, Vocabulary.of(model)) for role, model in models.items())
    mistakes = [
        f"policy.over=tokens: {first} ({models[first].label}) and {role} ({models[role].label})"
        f" do not share a vocabulary: {difference}; take models of one family, or"
        " policy.over=candidates, which needs none"
        for role, other in others
        for difference in one.differences(other)
    ]
    if mistakes:
        raise UserError(*mistakes)
    return min([one.size, *(other.size for _, other in others)])


def _hash(value: Any) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()
