"""What squared gradients are taken of: theory-of-mind text, its matched control, general text.

Definitions of joel-wu/how-large-language-models-encode-theory-of-mind, `create_gradient.py`: the
last token of prompts that stop before their answer, and windows of general text, both without a
beginning-of-text token. Ours: the answer itself, in contrast pairs of generated stories.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tombench.config import identity_hash
from tombench.datafile import digest, read_entries, read_text
from tombench.errors import UserError
from tombench.models.encoding import Encoding
from tombench.origins.texts import Texts, read_texts
from tombench.schema import Item
from tombench.stories.contrast import MATCHED
from tombench.stories.suite import HEADLINE, Suite
from tombench.tasks.sparsity_text import own_texts, study_windows

if TYPE_CHECKING:
    from tombench.masking.squared_gradients import Sample

Objective = Literal["answer", "study", "contrast"]
"""answer: the answers of false beliefs and of their matched true ones; study: the last token of
prompts; contrast: the answers of false beliefs, less those of the matched true ones."""

TOM, GENERAL, MATCHED_SET = "tom", "general", "matched"
"""Names of gradient sets, and of their folders."""
SEED = "gradients"
OWN_DOCUMENTS = 4_000
"""Texts of our own that windows of general text are drawn from."""


@dataclass(frozen=True)
class TomText:
    """Theory-of-mind text by one objective."""

    objective: Objective
    path: Path | None  # a published file of prompts; None: our own stories
    count: int
    length: int  # tokens that a sample is cut to, from its end; 0: whole
    seed: int
    matched: bool = False  # the true beliefs that are subtracted

    @property
    def label(self) -> str:
        """What an index of squared gradients says of it."""
        return f"{self.objective}, {MATCHED_SET if self.matched else TOM}"

    @property
    def digest(self) -> str:
        """sha256 of the texts and of how they are cut."""
        if self.path is not None:
            read_text(self.path)  # whose refusal says what is wrong with it
            texts: Any = digest([self.path])
        else:
            texts = [(item.content.prompt, item.target) for item in self._items]
        cut = {"count": self.count, "length": self.length, "seed": self.seed}
        return identity_hash({"set": self.label, "texts": texts} | cut)

    def samples(self, encoding: Encoding) -> "list[Sample]":
        """Token ids, with what of them counts.

        Raises:
            UserError: the file is malformed, or too few tokens are in a sample.
        """
        from tombench.masking.squared_gradients import Sample

        limit = encoding.tokenizer.model_max_length
        if self.objective == "study":
            return [
                Sample.last_token(self._cut(encoding.bare(text), limit)) for text in self._prompts()
            ]
        return [self._answered(item, encoding) for item in self._items]

    def _prompts(self) -> list[str]:
        """Prompts that stop before their answer, shuffled as the study does."""
        if self.path is None:
            return [item.content.prompt for item in self._items]
        entries = read_entries(self.path, "prompts")
        for entry in entries:
            entry.text("txt")
        order = list(range(len(entries)))
        random.Random(self.seed).shuffle(order)  # as random.seed(s); random.shuffle
        return [entries[place].values["txt"] for place in order[: self.count]]

    def _cut(self, ids: list[int], limit: int) -> tuple[int, ...]:
        """The last tokens that fit: the model's context, then `length`."""
        kept = ids[-limit:]
        return tuple(kept[-self.length :] if self.length else kept)

    def _answered(self, item: Item, encoding: Encoding) -> "Sample":
        from tombench.masking.squared_gradients import Sample

        context, (answer,) = encoding.pairs(item.content.prompt, (f" {item.target}",))
        if self.length:
            context = context[-max(1, self.length - len(answer)) :]
        return Sample((*context, *answer), len(context))

    @cached_property
    def _items(self) -> list[Item]:
        """Belief in pairs of stories that differ in one event; words for training alone."""
        pairs = self.count if self.objective == "contrast" else (self.count + 1) // 2
        suite = Suite(f"{SEED}/{self.seed}", (pairs + 1) // 2, "training", alterations=False)
        found: dict[bool, list[Item]] = {True: [], False: []}
        for number in range(suite.sets):
            story = suite.contrast_set(number)
            for item in story.cells():
                if item.condition["question_type"] != HEADLINE[story.paradigm][1]:
                    continue
                cell = item.condition["cell"]
                if cell in ("false_belief", MATCHED[story.paradigm]):
                    found[cell == "false_belief"].append(item)
        order = list(range(len(found[True])))
        random.Random(f"{SEED}/{self.seed}").shuffle(order)
        if self.objective == "contrast":
            return [found[not self.matched][place] for place in order[: self.count]]
        both = [found[kind][place] for place in order for kind in (True, False)]
        return both[: self.count]


@dataclass(frozen=True)
class GeneralText:
    """Windows of general text, all tokens but the first counted."""

    given: str | None  # a file, folder, Hub name or Hub file; None: our own texts
    count: int
    length: int  # tokens of a window
    seed: int

    @property
    def label(self) -> str:
        return "general"

    @property
    def digest(self) -> str:
        """sha256 of the texts and of how windows are drawn."""
        return identity_hash(
            {"count": self.count, "length": self.length, "seed": self.seed}
            | {"texts": self._texts.digest if self._texts else list(self._documents[:100])}
        )

    def samples(self, encoding: Encoding) -> "list[Sample]":
        """As the study samples C4; of our own texts, joined to pieces that are long enough."""
        from tombench.masking.squared_gradients import Sample

        windows = study_windows(self._documents, encoding.bare, self.count, self.length, self.seed)
        return [Sample(window) for window in windows]

    @cached_property
    def _texts(self) -> Texts | None:
        return None if self.given is None else read_texts(self.given, "task.general_data")

    @cached_property
    def _documents(self) -> Sequence[str]:
        if self._texts is not None:
            return self._texts.documents
        return _joined(own_texts(OWN_DOCUMENTS, "general", self.seed), 4 * self.length)


def _joined(texts: Sequence[str], words: int) -> list[str]:
    """Texts joined by blank lines to documents of at least so many words, in their order."""
    documents: list[str] = []
    held: list[str] = []
    for text in texts:
        held.append(text)
        if sum(len(one.split()) for one in held) >= words:
            documents.append("\n\n".join(held))
            held = []
    if not documents:
        raise UserError("task.general_length: our own texts are shorter; give task.general_data")
    return documents
