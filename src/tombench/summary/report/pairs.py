"""Every two runs that answered the same items, compared: over clusters, and item by item."""

import json
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from tombench.statistics.multiplicity import holm
from tombench.statistics.paired import mcnemar, paired_difference
from tombench.statistics.power import minimum_detectable_difference
from tombench.statistics.sign_flips import sign_flips_of_pairs
from tombench.summary.answers import ItemScores
from tombench.summary.collect import EvaluatedRun
from tombench.summary.report.contents import Pair, Pairs

MOST = 5_000
"""Pairs, above which only those are made that differ in one thing."""
SAID = {"generation": "sampling"}
FEWEST = 2  # clusters; one has no spread
SCORED = (
    "Difference: of mean scores over clusters, all answers of a cluster counted alike, with a 95 % "
    "t interval. p: sign flips over clusters, adjusted for all pairs of runs on the same items "
    "(Holm). Least difference: what a paired t-test with this spread finds with power .8 (α .05)."
)
INDEPENDENT = (
    "McNemar's exact p takes items as independent of each other; {several}, so read the p over "
    "clusters."
)
FEWER = (
    "{all} pairs of runs share their items: only those that differ in one of model, prompting and "
    "variant are compared, and Holm's adjustment is for these. Summarize fewer runs to see others."
)


@dataclass(frozen=True)
class Entrant:
    """A run that can be compared."""

    place: int  # in the report's runs
    run: EvaluatedRun
    scores: ItemScores

    @property
    def same(self) -> Hashable:
        """What two runs must have in common: task, items and how often, key, sampling, rules."""
        answers, targets = frozenset(self.scores.answers.items()), self.scores.targets.items()
        return self.run.task, self.run.asked, self.run.rules, answers, frozenset(targets)

    @property
    def name(self) -> str:
        return f"{self.run.model}, {self.run.prompting} ({self.run.folder.name})"

    def unlike(self, other: "Entrant") -> list[str]:
        """In what another run of the task differs, so that they are not compared."""
        ours, theirs = (json.loads(entrant.run.asked) for entrant in (self, other))
        found = [SAID.get(key, key) for key in ours if ours[key] != theirs.get(key)]
        found += ["scoring rules"] if self.run.rules != other.run.rules else []
        found += [] if self.scores.shares_items(other.scores) else ["items or repetitions"]
        return found


@dataclass(frozen=True)
class Matched:
    """Runs on the same items, their scores as tables."""

    entrants: Sequence[Entrant]
    means: np.ndarray  # by cluster and run [clusters, runs]
    items: int
    right: np.ndarray  # by item and run, where each item has one score of 0 or 1 [items, runs]
    columns: dict[int, int]  # the run's column in `right`, of runs that have one

    @property
    def clustered(self) -> bool:
        """Do clusters hold several items?"""
        return self.items > len(self.means)


def pairs(runs: Sequence[EvaluatedRun], scores: Sequence[ItemScores | None]) -> Pairs:
    """Every pair of runs of a task that were asked the same, and why others are not compared.

    Args:
        runs: those of the report.
        scores: one a run, None where its records are no scores by item.
    """
    both = zip(runs, scores, strict=True)
    entrants = [Entrant(n, run, own) for n, (run, own) in enumerate(both) if own and own.means]
    groups: dict[Hashable, list[Entrant]] = {}
    for entrant in entrants:
        groups.setdefault(entrant.same, []).append(entrant)
    notes = [*_left_out(runs, entrants), *_unlike(entrants, list(groups.values()))]
    matched = []
    for group in groups.values():
        if len(group) > 1 and len(group[0].scores.means) < FEWEST:
            notes.append(f"{_of(group)} share one cluster, and a test needs two.")
        elif len(group) > 1:
            matched.append(_matched(group))
    made, more = _chosen(matched)
    found = [one for m, chosen in zip(matched, made, strict=True) for one in _compared(m, chosen)]
    notes += [*more, *_put(matched), *_several_items(matched, found)]
    return Pairs(found, [*([SCORED] if found else []), *notes])


def _matched(group: Sequence[Entrant]) -> Matched:
    clusters, items = list(group[0].scores.means), list(group[0].scores.items)
    once = all(count == 1 for count in group[0].scores.answers.values())
    binary = [e for e in group if once and set(e.scores.items.values()) <= {0.0, 1.0}]
    return Matched(
        entrants=group,
        means=np.array([[e.scores.means[name] for name in clusters] for e in group]).T,
        items=len(items),
        right=np.array([[e.scores.items[name] for name in items] for e in binary]).T,
        columns={entrant.place: column for column, entrant in enumerate(binary)},
    )


def _chosen(matched: Sequence[Matched]) -> tuple[list[list[tuple[int, int]]], list[str]]:
    """Of each set of runs the pairs to compare, by column; and a note where not all are."""
    every = [list(combinations(range(len(m.entrants)), 2)) for m in matched]
    count = sum(map(len, every))
    if count <= MOST:
        return every, []
    near = [
        [(a, b) for a, b in own if _near(m.entrants[a].run, m.entrants[b].run)]
        for m, own in zip(matched, every, strict=True)
    ]
    return near, [FEWER.format(all=f"{count:,}")]


def _near(first: EvaluatedRun, second: EvaluatedRun) -> bool:
    """Do they differ in one of model, prompting and variant?"""
    things = ("model", "prompting", "variant")
    return sum(getattr(first, name) != getattr(second, name) for name in things) == 1


def _compared(matched: Matched, chosen: Sequence[tuple[int, int]]) -> Iterator[Pair]:
    """The pairs of one set of items: a family."""
    permuted = sign_flips_of_pairs(matched.means, chosen).tolist()
    adjusted = holm(permuted)
    for (first, second), p, p_holm in zip(chosen, permuted, adjusted, strict=True):
        found = paired_difference(matched.means[:, first] - matched.means[:, second])
        least = None
        if not found.constant:
            least = minimum_detectable_difference(found.sd, found.items)
        pair = Pair(
            first=matched.entrants[first].place,
            second=matched.entrants[second].place,
            items=matched.items,
            clusters=found.items,
            difference=found.difference,
            low=None if found.constant else found.low,
            high=None if found.constant else found.high,
            dz=None if found.constant else float(found.dz),
            p_permutation=p,
            holm=p_holm,
            family=len(chosen),
            detectable=least,
        )
        yield _counted(matched, pair)


def _counted(matched: Matched, pair: Pair) -> Pair:
    """With the fourfold table and McNemar's test, where every item has one score of 0 or 1."""
    columns = matched.columns
    if pair.first not in columns or pair.second not in columns:
        return pair
    first = matched.right[:, columns[pair.first]] == 1
    second = matched.right[:, columns[pair.second]] == 1
    both, either = int((first & second).sum()), int((first | second).sum())
    only_first, only_second = int(first.sum()) - both, int(second.sum()) - both
    return replace(
        pair,
        only_first=only_first,
        only_second=only_second,
        both=both,
        neither=matched.items - either,
        p_mcnemar=mcnemar(only_first, only_second),
    )


def _left_out(runs: Sequence[EvaluatedRun], entrants: Sequence[Entrant]) -> Iterator[str]:
    """Runs without scores by item, a line a task."""
    there = {entrant.place for entrant in entrants}
    for task in dict.fromkeys(run.task for run in runs):
        out = [run for n, run in enumerate(runs) if run.task == task and n not in there]
        if out:
            what = "1 run is" if len(out) == 1 else f"{len(out)} runs are"
            yield f"{task}: {what} not compared here, since no score by item was read of them."


def _unlike(entrants: Sequence[Entrant], groups: Sequence[Sequence[Entrant]]) -> Iterator[str]:
    """How many pairs of a task share no items, and why two of its runs do not."""
    for task in dict.fromkeys(entrant.run.task for entrant in entrants):
        own = [group for group in groups if group[0].run.task == task]
        sizes = np.array([len(group) for group in own])
        apart = int(sizes.sum() ** 2 - (sizes**2).sum()) // 2
        if apart:
            first, second = own[0][0], own[1][0]
            what = f"{task}: {apart:,} {'pair is' if apart == 1 else 'pairs are'} not compared"
            why = ", ".join(first.unlike(second))
            yield f"{what}; {first.name} and {second.name}, for one, differ in {why}."


def _put(matched: Sequence[Matched]) -> Iterator[str]:
    """Runs on the same items that were put in other ways."""
    for one in matched:
        puts = {e.run.put: set(e.run.put.split(" ")) for e in one.entrants}
        shared = set.intersection(*puts.values())
        told = [" ".join(w for w in put.split(" ") if w not in shared) or "none" for put in puts]
        if len(told) > 1:
            yield f"{_of(one.entrants)}: put differently, though compared ({'; '.join(told)})."


def _several_items(matched: Sequence[Matched], found: Sequence[Pair]) -> list[str]:
    """Where McNemar's test is made of items that share clusters."""
    tested = {pair.first for pair in found if pair.p_mcnemar is not None}
    tasks = dict.fromkeys(
        m.entrants[0].run.task
        for m in matched
        if m.clustered and any(entrant.place in tested for entrant in m.entrants)
    )
    return (
        [INDEPENDENT.format(several=f"in {', '.join(tasks)} clusters hold several")]
        if tasks
        else []
    )


def _of(entrants: Sequence[Entrant]) -> str:
    first, second, *others = entrants
    more = f" and {len(others)} more" if others else ""
    return f"{first.run.task}: {first.name}, {second.name}{more}"
