"""Runs that answered the same items, compared: each prompting with base, each model with each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tombench.statistics.bias import AnswerBias, answer_bias
from tombench.statistics.multiplicity import holm
from tombench.statistics.paired import PairedDifference, paired_difference, sign_flip
from tombench.statistics.power import expected_sd, minimum_detectable_difference
from tombench.summary.answers import ItemScores
from tombench.summary.collect import EvaluatedRun

REFERENCE = "base"  # the prompting that others are compared with


@dataclass(frozen=True)
class Entry:
    """A run as a comparison sees it."""

    label: str  # the model as tables name it
    run: EvaluatedRun
    scores: ItemScores


@dataclass(frozen=True)
class Comparison:
    """first − second over the items that both answered, one of a family of tests."""

    within: str  # what both share: the model, or the prompting
    first: str
    second: str
    found: PairedDifference
    p_permutation: float  # of the sign-flip test
    holm: float  # the t-test's p, adjusted for the family
    holm_permutation: float
    family: int  # how many tests the adjustment allows for

    @property
    def detectable(self) -> float | None:
        """The true difference that a test with this spread over items finds with power .8; None
        where all items differ alike."""
        if self.found.constant:
            return None
        return minimum_detectable_difference(self.found.sd, self.found.items)


@dataclass(frozen=True)
class Bias:
    """The yes/no bias test of one run."""

    model: str
    prompting: str
    found: AnswerBias


@dataclass(frozen=True)
class Inference:
    """All tests of one task's runs, and why others were not made."""

    promptings: tuple[Comparison, ...]  # a family: those of one model with base
    models: tuple[Comparison, ...]  # a family: the pairs of models under one prompting
    biases: tuple[Bias, ...]  # each by itself, not adjusted
    notes: tuple[str, ...]


def infer(entries: Sequence[Entry]) -> Inference:
    """Every test that one task's runs allow."""
    notes: list[str] = []
    promptings = [c for family in _with_reference(entries, notes) for c in family]
    models = [c for family in _between_models(entries, notes) for c in family]
    biases = [bias for entry in entries if (bias := _bias(entry))]
    return Inference(tuple(promptings), tuple(models), tuple(biases), tuple(notes))


def _with_reference(entries: Sequence[Entry], notes: list[str]) -> Iterator[list[Comparison]]:
    """For each model the family of its promptings, each against base."""
    for label in dict.fromkeys(entry.label for entry in entries):
        mine = [entry for entry in entries if entry.label == label]
        reference = next((e for e in mine if e.run.prompting == REFERENCE), None)
        if reference is None:
            notes.append(f"{label}: no run under {REFERENCE}, so its promptings are not compared.")
            continue
        if len(mine) == 1:
            notes += _alone(reference)
        pairs = []
        for entry in mine:
            if entry is not reference:
                names = entry.run.prompting, REFERENCE
                if entry.run.rules != reference.run.rules:
                    notes.append(_other_rules(f"{label}: {names[0]} and {names[1]}"))
                elif not entry.scores.shares_items(reference.scores):
                    notes.append(_unlike(f"{label}: {names[0]} and {names[1]}"))
                elif len(entry.scores.means) < 2:
                    notes.append(_one_item(f"{label}: {names[0]} and {names[1]}"))
                else:
                    pairs.append((*names, _differences(entry, reference)))
        yield _family(label, pairs)


def _between_models(entries: Sequence[Entry], notes: list[str]) -> Iterator[list[Comparison]]:
    """For each prompting the family of pairs of models that were asked the same."""
    unlike: dict[tuple[str, str], None] = {}
    put: dict[tuple[str, str], str] = {}
    for prompting in dict.fromkeys(entry.run.prompting for entry in entries):
        pairs = []
        under = [entry for entry in entries if entry.run.prompting == prompting]
        for first, second in combinations(under, 2):
            names = first.label, second.label
            same = first.run.asked == second.run.asked and first.run.rules == second.run.rules
            if not same or not first.scores.shares_items(second.scores):
                unlike[names] = None
            elif len(first.scores.means) > 1:
                pairs.append((*names, _differences(first, second)))
                if first.run.put != second.run.put:
                    put[names] = _differing(first.run.put, second.run.put)
        yield _family(prompting, pairs)
    if unlike:
        why = "data, items, repetitions, sampling, seed or scoring rules differ"
        notes.append(f"Not compared, since {why}: {_first_of(list(unlike))}.")
    for how in dict.fromkeys(put.values()):
        pairs = [names for names, own in put.items() if own == how]
        notes.append(f"Compared, but also put differently ({how}): {_first_of(pairs)}.")


def _differing(first: str, second: str) -> str:
    """The words in which two runs' ways of putting their items differ."""
    ours, theirs = first.split(" "), second.split(" ")
    words = [word for word in ours if word not in theirs], [w for w in theirs if w not in ours]
    return " against ".join(", ".join(side) or "none" for side in words)


def _first_of(pairs: Sequence[tuple[str, str]]) -> str:
    (first, second), *others = pairs
    more = f", and {len(others)} more pairs" if others else ""
    return f"{first} with {second}{more}"


def _family(within: str, pairs: Sequence[tuple[str, str, np.ndarray]]) -> list[Comparison]:
    """Test each pair's differences [items], and adjust for their number."""
    found = [paired_difference(differences) for *_, differences in pairs]
    flipped = [sign_flip(differences) for *_, differences in pairs]
    adjusted, permuted = holm([one.p for one in found]), holm(flipped)
    return [
        Comparison(
            within, *pairs[i][:2], found[i], flipped[i], adjusted[i], permuted[i], len(pairs)
        )
        for i in range(len(pairs))
    ]


def _differences(first: Entry, second: Entry) -> np.ndarray:
    names = first.scores.means
    return np.array([first.scores.means[name] - second.scores.means[name] for name in names])


def _bias(entry: Entry) -> Bias | None:
    """None where fewer than two items have the answer yes, or no, or where one has both."""
    targets, means = entry.scores.targets, entry.scores.means
    groups = [
        np.array([means[name] for name in means if targets.get(name) == answer])
        for answer in ("yes", "no")
    ]
    if min(map(len, groups)) < 2 or sum(map(len, groups)) < len(means):
        return None
    return Bias(entry.label, entry.run.prompting, answer_bias(*groups))


def _alone(entry: Entry) -> list[str]:
    """What a comparison with base could find that has not been run."""
    means = np.array(list(entry.scores.means.values()))
    if len(means) < 2 or not (sd := float(means.std(ddof=1))):
        return []
    least = minimum_detectable_difference(expected_sd(sd), len(means))
    if least > 1:
        return [f"{entry.label}: only {REFERENCE} was run, on too few items for any comparison."]
    return [
        f"{entry.label}: only {REFERENCE} was run. Over its {len(means)} items a test would find "
        f"a true difference of {least:.2f} with power .8, if another prompting's scores spread "
        f"alike (sd {sd:.2f}) and do not go along with these."
    ]


def _unlike(names: str) -> str:
    return f"{names} do not hold the same items and repetitions, so they are not compared."


def _other_rules(names: str) -> str:
    return (
        f"{names} were scored by unlike rules, so they are not compared; the same commands score "
        "them anew."
    )


def _one_item(names: str) -> str:
    return f"{names} share one item, and a test needs two."
