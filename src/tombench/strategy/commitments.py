"""Which action an answer in free text commits itself to, if any.

Three things count: an explicit final choice ("My choice: C", a last line that is a label alone), a
first-person commitment ("I would choose strategy C"), and a label that begins the answer. What is
only supposed does not count ("if I chose D"), nor what is denied or left open ("C or D"). A final
choice overrules what was said on the way; any other disagreement, and silence, is invalid: no
answer is guessed. Answers that the study's teacher gave with reasons need this: a letter that is in
the text says little, since most name both.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tombench.strategy.choice_forms import REFUSAL, Forms, forms
from tombench.strategy.clauses import is_supposed, plain, sentences
from tombench.strategy.payoffs import Action

Reason = Literal[
    "final choice", "commitment", "leading label", "conflict", "both labels", "refusal", "no choice"
]


@dataclass(frozen=True)
class Commitment:
    """What was read, and where."""

    action: Action | None  # None: invalid
    reason: Reason
    span: tuple[int, int] | None = None  # of characters of the text

    @property
    def valid(self) -> bool:
        return self.action is not None


def commitment(text: str, labels: tuple[str, str] = ("C", "D")) -> Commitment:
    """The action that an answer commits to: the one called by the first of `labels`, or the second.

    A model's thinking is to be cut off before. Letter case, quotation marks and markup do not
    matter.

    Raises:
        UserError: the labels cannot be told apart.
    """
    read, known = plain(text), forms(labels)
    for found in (list(_final(read, known)), [*_leading(read, known), *_committed(read, known)]):
        if len({one.action for one in found}) > 1:
            return Commitment(None, "conflict", found[-1].span)
        if found:
            return found[0]
    for reason, pattern in (("refusal", REFUSAL), ("both labels", known.both)):
        if there := pattern.search(read):
            return Commitment(None, reason, there.span())
    return Commitment(None, "no choice")


def _final(read: str, known: Forms) -> Iterator[Commitment]:
    yield from _found(read, known, known.final, "final choice")
    before, _, last = read.rstrip().rpartition("\n")
    if before.strip() and (alone := known.alone.fullmatch(last)):
        yield _commitment(known, alone, len(before) + 1, "final choice")


def _committed(read: str, known: Forms) -> Iterator[Commitment]:
    return _found(read, known, known.committed, "commitment")


def _leading(read: str, known: Forms) -> Iterator[Commitment]:
    if there := known.leading.match(read):
        yield _commitment(known, there, 0, "leading label")


def _found(
    read: str, known: Forms, patterns: tuple[re.Pattern[str], ...], reason: Reason
) -> Iterator[Commitment]:
    """What patterns find in sentences, but for what is only supposed there."""
    for start, sentence in sentences(read):
        for pattern in patterns:
            for there in pattern.finditer(sentence):
                if not is_supposed(sentence, there.start(), there.end(), known.mention):
                    yield _commitment(known, there, start, reason)


def _commitment(known: Forms, there: re.Match[str], start: int, reason: Reason) -> Commitment:
    action: Action = 0 if there["label"].lower() == known.labels[0].lower() else 1
    return Commitment(action, reason, (start + there.start("label"), start + there.end("label")))
