"""Answers that are stored twice, and cells that repeat others: faults of published files.

The study's sampling loop kept one list under two names and appended to both, so that some files
hold every draw twice, side by side.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tombench.tasks.games_cells import Cell

FEWEST = 100  # answers of a list that can show it
CHANCE = 1e-6  # independent answers pair up less often than this
FAR = 6.0  # standard errors above what independent answers give


@dataclass(frozen=True)
class Pairs:
    """How alike neighbours are in a list of answers."""

    equal: int  # answers 2i and 2i + 1
    number: int
    shifted: int  # equal ones among answers 2i + 1 and 2i + 2
    expected: float  # share of equal pairs among independent answers of these frequencies: Σ p²
    even: bool

    @property
    def all(self) -> bool:
        """Every pair is equal, in a list long enough to tell."""
        return self.even and 2 * self.number >= FEWEST and self.equal == self.number

    @property
    def silent(self) -> bool:
        """Equal pairs say nothing: one answer alone or nearly so, or answers put in order."""
        return self.expected**self.number >= CHANCE or self._above(self.shifted, self.number - 1)

    @property
    def nearly(self) -> bool:
        """Far more are equal than chance gives and yet not all."""
        long = 2 * self.number >= FEWEST
        return long and not self.all and not self.silent and self._above(self.equal, self.number)

    def told(self) -> str:
        """What there is to see, for a note."""
        expected = f"{100 * self.expected:.0f} % expected of independent answers"
        return f"{self.equal} of {self.number} pairs equal, {expected}"

    def _above(self, equal: int, number: int) -> bool:
        error = (number * self.expected * (1 - self.expected)) ** 0.5 if number > 0 else 0.0
        return equal - number * self.expected > FAR * error > 0


def pairs(answers: Sequence[str]) -> Pairs:
    """Of a list's answers [n], blanks at the ends and all."""
    total = max(1, len(answers))
    expected = sum((count / total) ** 2 for count in Counter(answers).values())
    equal, shifted = (
        sum(a == b for a, b in zip(answers[start::2], answers[start + 1 :: 2], strict=False))
        for start in (0, 1)
    )
    return Pairs(equal, len(answers) // 2, shifted, expected, len(answers) % 2 == 0)


def stored_twice(lists: Mapping[str, Sequence[str]], draws: int | None) -> frozenset[str]:
    """The keys of those lists of a file that hold every draw twice.

    All pairs of such a list are equal, and chance or order does not explain it. A list of one
    answer alone cannot show it: it goes by the file's other lists, or, where it has none that
    tell, by holding twice as many answers as `draws`.
    """
    found = {key: pairs(answers) for key, answers in lists.items()}
    certain = {key for key, each in found.items() if each.all and not each.silent}
    once = any(each.equal < each.number for each in found.values())

    def twice(key: str) -> bool:
        if key in certain or not found[key].all:
            return key in certain
        return not once and (bool(certain) or (draws is not None and len(lists[key]) == 2 * draws))

    return frozenset(filter(twice, found))


def repeated_contexts(cells: Sequence[Cell]) -> list[str]:
    """A line for every model's context whose counts two variants share in three games or more.

    Independent draws rarely agree to the digit: such cells may be one run under two names.
    """
    by_context: defaultdict[tuple[str, str], defaultdict[str, dict[str, tuple[int, int]]]]
    by_context = defaultdict(lambda: defaultdict(dict))
    for cell in cells:
        counts = by_context[cell.model, cell.key.context][cell.key.variant]
        counts[cell.key.game] = cell.cooperate, cell.defect
    lines = []
    for (model, context), variants in sorted(by_context.items()):
        names = sorted(variants)
        for place, first in enumerate(names):
            for second in names[place + 1 :]:
                lines += _line(f"{model} {context}", variants, first, second)
    return lines


def _line(
    where: str, variants: Mapping[str, Mapping[str, tuple[int, int]]], first: str, second: str
) -> list[str]:
    shared = variants[first].keys() & variants[second].keys()
    same = [game for game in sorted(shared) if variants[first][game] == variants[second][game]]
    if len(same) < 3:
        return []
    names = " and ".join(name or "published" for name in (first, second))
    return [f"{where}: the payoffs {names} have the same counts in {', '.join(same)}"]
