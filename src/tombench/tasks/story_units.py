"""What stories are scored by beside single answers: cells, pairs and whole contrast sets.

A *cell* is a story whose two headline questions are both right: the unit of joel-wu's study. A
*pair* is a false belief and its matched control, told in the same words. A *set* is solved if all
its cells are, eight of them: Kosinski (2024), PNAS 121 (45), e2405460121.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tombench.metrics import share
from tombench.schema import Item, Metric, Record
from tombench.stories.contrast import CELLS, MATCHED, VARIANTS
from tombench.stories.suite import HEADLINE

FALSE_BELIEF = "false_belief"
"""The cell in which belief and reality part; in all others of a set they agree."""
CONTROLS = ("reality", "memory")
"""Questions whose answers show that a story was read and kept."""


@dataclass(frozen=True)
class Verdict:
    """How one question was answered, by a model or by a shortcut."""

    cluster: str
    repetition: int
    paradigm: str
    cell: str
    variant: str
    question: str  # its type
    value: float  # 1 right, 0 wrong, between them in a tie

    @property
    def in_set(self) -> bool:
        """Is it about a cell of a contrast set, and no alteration of one?"""
        return self.cell in CELLS.get(self.paradigm, ())

    @property
    def headline(self) -> bool:
        """Is it one of the two questions a cell that a set is made of?"""
        return self.in_set and self.question in HEADLINE[self.paradigm]

    @property
    def belief(self) -> bool:
        """Is it the headline's question on belief (contents) or action (transfer)?"""
        return self.in_set and self.question == HEADLINE[self.paradigm][1]

    @property
    def paired(self) -> bool:
        """Is it the question on belief in one of a pair's two cells?"""
        return self.belief and self.cell in (FALSE_BELIEF, MATCHED[self.paradigm])


def verdict(record: Record) -> Verdict:
    """How a record's question was answered."""
    return _about(record.cluster, record.repetition, record.condition, record.score.value)


def supposed(item: Item, value: float) -> Verdict:
    """How a shortcut answers an item."""
    return _about(item.cluster, 0, item.condition, value)


def unit_metrics(verdicts: Sequence[Verdict]) -> dict[str, Metric]:
    """Sets, pairs, cells, and belief in false-belief and in other cells; those that are there.

    A unit counts where all its questions were asked, and is right where all are, ties not. Of
    several repetitions each has units of its own; intervals are over clusters.
    """
    found = {
        "contrast_set_accuracy": _units(
            [v for v in verdicts if v.headline],
            lambda v: (v.cluster, v.repetition),
            lambda v: len(CELLS[v.paradigm]) * len(VARIANTS) * len(HEADLINE[v.paradigm]),
        ),
        "pair_accuracy": _units(
            [v for v in verdicts if v.paired],
            lambda v: (v.cluster, v.repetition, v.variant),
            lambda v: 2,
        ),
        "cell_accuracy": _units(
            [v for v in verdicts if v.headline],
            lambda v: (v.cluster, v.repetition, v.variant, v.cell),
            lambda v: len(HEADLINE[v.paradigm]),
        ),
        "false_belief_accuracy": mean(v for v in verdicts if v.belief and v.cell == FALSE_BELIEF),
        "true_belief_accuracy": mean(v for v in verdicts if v.belief and v.cell != FALSE_BELIEF),
    }
    return {name: metric for name, metric in found.items() if metric}


def belief_given_controls(verdicts: Sequence[Verdict]) -> Metric | None:
    """Belief in those stories whose questions on reality and memory, where asked, are right.

    None where no control was asked, or no story has its controls right.
    """
    held: dict[Hashable, list[float]] = {}
    for v in verdicts:
        if v.in_set and v.question in CONTROLS:
            held.setdefault(_story(v), []).append(v.value)
    read = {story for story, values in held.items() if all(value == 1 for value in values)}
    return mean(v for v in verdicts if v.belief and _story(v) in read)


def mean(verdicts: Iterable[Verdict]) -> Metric | None:
    """The share that is right, a tie as its part; None of nothing."""
    verdicts = list(verdicts)
    if not verdicts:
        return None
    return share([v.value for v in verdicts], [v.cluster for v in verdicts])


def _units(
    verdicts: Iterable[Verdict],
    key: Callable[[Verdict], Hashable],
    size: Callable[[Verdict], int],
) -> Metric | None:
    """The share of whole units, of `size` verdicts each, that are right throughout."""
    grouped: dict[Hashable, list[Verdict]] = {}
    for v in verdicts:
        grouped.setdefault(key(v), []).append(v)
    whole = [unit for unit in grouped.values() if len(unit) == size(unit[0])]
    if not whole:
        return None
    right = [float(all(v.value == 1 for v in unit)) for unit in whole]
    return share(right, [unit[0].cluster for unit in whole])


def _story(v: Verdict) -> Hashable:
    return v.cluster, v.repetition, v.cell, v.variant


def _about(cluster: str, repetition: int, condition: Mapping[str, str], value: float) -> Verdict:
    names = ("paradigm", "cell", "variant", "question_type")
    return Verdict(cluster, repetition, *(condition[name] for name in names), value)
