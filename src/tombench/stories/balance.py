"""Is a suite fair? How far shortcuts come on it, and what differs between cells beside belief.

A *pair* is the headline's question on belief about a false-belief story and about a true-belief
one of the same set and variant: `MATCHED`, or `informed`. The right answers differ while options
and question are the same, so whoever does not read who perceives what is right on one of the two.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tombench.errors import UserError
from tombench.schema import Item
from tombench.statistics.intervals import clustered_variance
from tombench.stories.casting import Cast
from tombench.stories.contrast import CELLS, MATCHED, VARIANTS
from tombench.stories.shortcuts import SOLVERS
from tombench.stories.suite import HEADLINE

FALSE_BELIEF = "false_belief"
JUDGED = "matched"
CONTROLS = (JUDGED, "informed")
STANDARD_ERRORS = 3.0
FEWEST = 20
"""With fewer sets a standard error says little, and nothing is refused."""


class Unbalanced(UserError):
    """A shortcut solves the pairs of a suite: a defect of the generator."""


@dataclass(frozen=True)
class Solved:
    """How often a solver is right on some questions."""

    solver: str
    accuracy: float
    standard_error: float  # by set; NaN of a single one
    n: int
    clusters: int  # sets
    chance: float

    @property
    def within(self) -> bool:
        """Is it at most three standard errors above chance, or of too few sets to say?"""
        spread = STANDARD_ERRORS * self.standard_error + 1e-9
        return self.clusters < FEWEST or self.accuracy <= self.chance + spread


@dataclass(frozen=True)
class CellText:
    """How the stories of a cell differ from the false-belief stories of the same sets."""

    words: float  # mean
    difference: float  # of words, relative to the false-belief story: the largest in any set
    overlap: float  # of the two vocabularies, shared words by all words (Jaccard): mean


@dataclass(frozen=True)
class Balance:
    """What stands in a suite's card."""

    pairs: Mapping[str, tuple[Solved, ...]]  # by control; refused where not all are `within`
    cells: tuple[Solved, ...]  # all questions of the contrast sets
    types: Mapping[str, tuple[Solved, ...]]  # the same by question type
    sets: tuple[Solved, ...]  # both headline questions of all eight cells
    answers: Mapping[str, tuple[int, ...]]  # by question type: how often each option is right
    beliefs: Mapping[str, int]  # stories whose protagonist believes what is so (true), or not
    texts: Mapping[str, CellText]  # by paradigm and cell
    roles: Mapping[str, Mapping[str, int]]  # role -> word -> sets in which it has that role


def balance(items: Sequence[Item], casts: Sequence[Cast] = ()) -> Balance:
    """The balance of a suite's items; of its `casts`, one a set, how often words have roles."""
    cells = [item for item in items if item.condition["cell"] in _cells(item)]
    found = {name: solve(cells) for name, solve in SOLVERS.items()} if cells else {}
    types = dict.fromkeys(item.condition["question_type"] for item in cells)
    return Balance(
        pairs={control: _on_pairs(list(pairs(cells, control))) for control in CONTROLS},
        cells=tuple(_solved(name, values, cells) for name, values in found.items()),
        types={
            kind: tuple(_of_type(name, values, cells, kind) for name, values in found.items())
            for kind in types
        },
        sets=tuple(_on_sets(name, values, cells) for name, values in found.items()),
        answers={kind: _positions(cells, kind) for kind in types},
        beliefs=_beliefs(cells),
        texts=_texts(cells),
        roles=_roles(casts),
    )


def check_balance(found: Balance) -> None:
    """Raise Unbalanced for each shortcut that solves matched pairs better than chance.

    Pairs with `informed` are measured and not judged: what is told is one sentence more, and names
    the place or the contents.
    """
    leaks = [
        f"{one.solver}: right on {one.accuracy:.3f} of {one.n} answers in {JUDGED} pairs of "
        f"{one.clusters} sets, where chance is {one.chance:.2f} ± {one.standard_error:.3f} "
        "(standard error); the stories give the belief away, so change the generator"
        for one in found.pairs[JUDGED]
        if not one.within
    ]
    if leaks:
        raise Unbalanced(*leaks)


def pairs(items: Sequence[Item], control: str) -> Iterator[Item]:
    """The items of all pairs with a control, two and two."""
    asked = {
        (i.cluster, i.condition["variant"], i.condition["cell"]): i
        for i in items
        if i.condition["question_type"] == HEADLINE[i.condition["paradigm"]][1]
    }
    for (cluster, variant, cell), item in asked.items():
        other = MATCHED[item.condition["paradigm"]] if control == "matched" else control
        if cell == FALSE_BELIEF and (cluster, variant, other) in asked:
            yield item
            yield asked[cluster, variant, other]


def _cells(item: Item) -> Sequence[str]:
    return CELLS[item.condition["paradigm"]]


def _on_pairs(items: Sequence[Item]) -> tuple[Solved, ...]:
    """Each solver on the pairs alone; the trained ones are fitted to nothing else."""
    if not items:
        return ()
    return tuple(_solved(name, solve(items), items, 0.5) for name, solve in SOLVERS.items())


def _solved(
    name: str, values: Sequence[float], items: Sequence[Item], chance: float | None = None
) -> Solved:
    clusters = [item.cluster for item in items]
    array = np.asarray(values, dtype=float)
    if chance is None:
        chance = float(np.mean([1 / len(item.content.options) for item in items]))
    error = float(np.sqrt(clustered_variance(array, clusters)))
    return Solved(name, float(array.mean()), error, len(items), len(set(clusters)), chance)


def _of_type(name: str, values: Sequence[float], items: Sequence[Item], kind: str) -> Solved:
    asked = [
        (value, item)
        for value, item in zip(values, items, strict=True)
        if item.condition["question_type"] == kind
    ]
    return _solved(name, [value for value, _ in asked], [item for _, item in asked])


def _on_sets(name: str, values: Sequence[float], items: Sequence[Item]) -> Solved:
    """The share of whole sets that a solver has right throughout, ties by their chance."""
    credits: dict[str, list[tuple[float, Item]]] = {}
    for value, item in zip(values, items, strict=True):
        if item.condition["question_type"] in HEADLINE[item.condition["paradigm"]]:
            credits.setdefault(item.cluster, []).append((value, item))
    whole = [those for those in credits.values() if len(those) == _size(those[0][1])]
    if not whole:
        return Solved(name, float("nan"), float("nan"), 0, 0, float("nan"))
    right = [float(np.prod([value for value, _ in those])) for those in whole]
    guessed = [np.prod([1 / len(item.content.options) for _, item in those]) for those in whole]
    return _solved(name, right, [those[0][1] for those in whole], float(np.mean(guessed)))


def _size(item: Item) -> int:
    return len(_cells(item)) * len(VARIANTS) * len(HEADLINE[item.condition["paradigm"]])


def _positions(items: Sequence[Item], kind: str) -> tuple[int, ...]:
    asked = [item for item in items if item.condition["question_type"] == kind]
    counts = Counter(item.content.options.index(item.target) for item in asked)
    return tuple(counts[n] for n in range(max(len(item.content.options) for item in asked)))


def _beliefs(items: Sequence[Item]) -> dict[str, int]:
    believed = [
        item.target == item.reality
        for item in items
        if item.condition["question_type"] == HEADLINE[item.condition["paradigm"]][1]
    ]
    return {"true": believed.count(True), "false": believed.count(False)}


def _texts(items: Sequence[Item]) -> dict[str, CellText]:
    """Of each story once, whatever is asked about it."""
    stories = {
        (i.condition["paradigm"], i.condition["cell"], i.cluster, i.condition["variant"]): _words(i)
        for i in items
    }
    found: dict[str, list[tuple[int, float, float]]] = {}
    for (paradigm, cell, *where), words in stories.items():
        base = stories.get((paradigm, FALSE_BELIEF, *where), words)
        shared = len({*words} & {*base}) / len({*words} | {*base})
        difference = abs(len(words) - len(base)) / len(base)
        found.setdefault(f"{paradigm}/{cell}", []).append((len(words), difference, shared))
    return {cell: _cell_text(measured) for cell, measured in found.items()}


def _cell_text(measured: Sequence[tuple[int, float, float]]) -> CellText:
    words, differences, shared = zip(*measured, strict=True)
    return CellText(float(np.mean(words)), max(differences), float(np.mean(shared)))


def _words(item: Item) -> list[str]:
    return re.findall(r"[\w']+", item.content.story.lower())


def _roles(casts: Sequence[Cast]) -> dict[str, dict[str, int]]:
    """Words in the order of the alphabet."""
    counts: dict[str, Counter[str]] = {}
    for cast in casts:
        people = {role: getattr(cast, role).name for role in ("protagonist", "other", "bystander")}
        nouns = {"room": cast.room, "thing": cast.thing, "container": cast.container}
        places = {"first place": cast.places[0], "next place": cast.places[1]}
        held = {"inside": cast.fillings[0], "on the label": cast.fillings[1]}
        for role, word in (people | nouns | places | held).items():
            counts.setdefault(role, Counter())[word] += 1
    return {role: dict(sorted(counted.items())) for role, counted in counts.items()}
