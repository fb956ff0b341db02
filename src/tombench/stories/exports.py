"""What stage=prepare writes of generated stories: a suite with its card, or training texts.

tombench stage=prepare task=vignettes task.suite=generated task.export=suite
tombench stage=prepare task=vignettes task.export=examples task.examples=2000
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from tombench.records import RunFolder
from tombench.stories.balance import Balance, Solved, balance, check_balance
from tombench.stories.card import SuiteFacts, suite_card
from tombench.stories.contrast import PARADIGMS
from tombench.stories.suite import Suite
from tombench.stories.suite_files import (
    ANSWER_KEY,
    HUMAN_CHECK,
    SUITE,
    answer_key,
    canary,
    drawn_for_people,
    human_check,
    suite_lines,
)
from tombench.stories.text_files import FILES, TextKind, text_card, text_lines

logger = logging.getLogger("tombench")

CARD = "README.md"
SAMPLED = 50
"""Training texts that stand for the generator in a run's identity."""
Export = Literal["suite", "examples", "preferences", "corpus"]


def export_preparation(
    export: Export, suite: Suite, count: int, seed: int, secret: bool = False
) -> "ExportSuite | ExportTexts":
    """What `task.export` asks stage=prepare to make.

    Args:
        suite: read by export=suite alone.
        count: how many training texts; read by the others.
        seed: of the training texts; a suite has its own.
        secret: the suite's seed is written nowhere, its sha256 is.
    """
    return ExportSuite(suite, secret) if export == "suite" else ExportTexts(export, count, seed)


@dataclass(frozen=True)
class ExportSuite:
    """A preparation: a suite as data to publish, with a proof of balance."""

    suite: Suite
    secret: bool

    @property
    def commitment(self) -> str | None:
        """sha256 of a secret seed."""
        return hashlib.sha256(self.suite.seed.encode()).hexdigest() if self.secret else None

    def identity(self) -> Mapping[str, Any]:
        seed = f"sha256:{self.commitment}" if self.secret else self.suite.seed
        made = asdict(replace(self.suite, seed=seed))
        sample = [f"{i.content.prompt} {i.target}" for i in self._first.items()]
        return {"makes": "suite", "suite": made, "sample": _digest(sample)}

    def plan(self) -> list[str]:
        count = round(len(self._first.items()) * self.suite.sets / self._first.sets)
        return [
            f"suite    {self.suite.sets} sets, about {count:,} items, {self.suite.words} words",
            f"files    {SUITE}, {CARD}, {ANSWER_KEY}, {HUMAN_CHECK}",
            f"canary   {canary(self.suite)}",
        ]

    @property
    def _first(self) -> Suite:
        """A set of each paradigm."""
        return replace(self.suite, sets=min(len(PARADIGMS), self.suite.sets))

    def make(self, run: RunFolder) -> None:
        """Raises Unbalanced before anything is written; the card comes last."""
        items, numbers = self.suite.items(), range(self.suite.sets)
        casts = [self.suite.contrast_set(number).cast("original") for number in numbers]
        found = balance(items, casts)
        check_balance(found)
        checked = drawn_for_people(items, self.suite.seed)
        written = run.write(SUITE, "".join(suite_lines(self.suite, items)))
        run.write(ANSWER_KEY, answer_key(checked))
        run.write(HUMAN_CHECK, human_check(checked))
        digest = hashlib.sha256(written.read_bytes()).hexdigest()
        run.write(CARD, suite_card(SuiteFacts(self.suite, items, found, digest, self.commitment)))
        for line in _told(found):
            logger.info(line)

    def show(self, run: RunFolder) -> None:
        print(f"suite   {run.path / SUITE}: {lines_in(run.path / SUITE):,} items")
        print(f"card    {run.path / CARD}")
        print(f"people  {HUMAN_CHECK}; keep {ANSWER_KEY} from those who answer")


def _told(found: Balance) -> Iterator[str]:
    """The shortcut that comes furthest on each sort of pairs."""
    for control, solved in found.pairs.items():
        if solved:
            best: Solved = max(solved, key=lambda one: one.accuracy)
            yield (
                f"balance {control} pairs: the best of {len(solved)} shortcuts, {best.solver}, is "
                f"right on {best.accuracy:.3f} ± {best.standard_error:.3f}; chance is 0.5"
            )


@dataclass(frozen=True)
class ExportTexts:
    """A preparation: training texts in the form that trainers read."""

    kind: TextKind
    count: int
    seed: int

    def identity(self) -> Mapping[str, Any]:
        sample = text_lines(self.kind, min(self.count, SAMPLED), self.seed)
        return {"makes": self.kind, "count": self.count, "sample": _digest(sample)}

    def plan(self) -> list[str]:
        return [
            f"{self.kind:8} {self.count:,} texts, drawn with seed {self.seed}",
            f"files    {FILES[self.kind]}, {CARD}",
        ]

    def make(self, run: RunFolder) -> None:
        lines = list(text_lines(self.kind, self.count, self.seed))
        written = run.write(FILES[self.kind], "".join(lines))
        digest = hashlib.sha256(written.read_bytes()).hexdigest()
        run.write(CARD, text_card(self.kind, lines, self.seed, digest))

    def show(self, run: RunFolder) -> None:
        path = run.path / FILES[self.kind]
        print(f"{self.kind}  {path}: {lines_in(path):,} texts")
        print(f"card    {run.path / CARD}")


def _digest(texts: Iterable[str]) -> str:
    """Of a sample of what is made: another generator has another identity."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def lines_in(path: Path) -> int:
    """How many lines a file has."""
    with path.open("rb") as file:
        return sum(1 for _ in file)
