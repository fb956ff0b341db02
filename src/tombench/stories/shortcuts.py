"""Solvers that answer without reading who perceives what: how far do they come?

A solver gives every option a score and takes the highest; where several tie it is right by chance.
The trained ones never see an item of a set that they are judged on.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix

from tombench.schema import Item
from tombench.statistics.logistic import out_of_fold
from tombench.stories.asked import StoryQuestion

ABSENT = float("-inf")
UNDECIDED = 1e-9  # log odds that are 0 but for rounding
_LETTERED = re.compile(r"^([A-Z])\. (?:in the |on the )?(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Seen:
    """What a solver sees of an item."""

    options: tuple[str, ...]  # as words; of a multiple choice what its letters stand for
    places: tuple[tuple[int, ...], ...]  # by option: where the story mentions it, in characters

    def mentioned(self, which: Literal["first", "last"]) -> list[int]:
        """The options that the story mentions, by number, in the order of first or last mention."""
        end = 0 if which == "first" else -1
        found = [number for number, places in enumerate(self.places) if places]
        return sorted(found, key=lambda number: self.places[number][end])


Rule = Callable[[Seen], list[float]]
"""A score for each option."""

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "first_mentioned": lambda seen: [-p[0] if p else ABSENT for p in seen.places],
        "last_mentioned": lambda seen: [p[-1] if p else ABSENT for p in seen.places],
        "most_mentioned": lambda seen: [len(p) for p in seen.places],
        "least_mentioned": lambda seen: [-len(p) for p in seen.places],
        "longest_option": lambda seen: [len(option) for option in seen.options],
        "alphabetical": lambda seen: [-sorted(seen.options).index(o) for o in seen.options],
        "first_listed": lambda seen: [-n for n in range(len(seen.options))],
    }
)


@lru_cache(maxsize=1 << 17)  # each solver asks for it
def seen(asked: StoryQuestion) -> Seen:
    """A question's options and where they are mentioned as whole words."""
    options = asked.options
    if asked.form == "multiple_choice":
        named = dict(_LETTERED.findall(asked.ask))
        options = tuple(named.get(letter, letter) for letter in options)
    places = (re.finditer(rf"\b{re.escape(o)}\b", asked.story, re.IGNORECASE) for o in options)
    return Seen(options, tuple(tuple(found.start() for found in each) for each in places))


def by_rule(rule: Rule, items: Sequence[Item]) -> list[float]:
    """How right the rule is on each item: 1, 0, or a share where the best options tie."""
    return [_credit(rule(seen(item.content)), item) for item in items]


def by_majority(items: Sequence[Item]) -> list[float]:
    """The option that is right most often among the items of its paradigm and question type."""
    counts: dict[tuple[str, str], Counter[str | None]] = {}
    for item in items:
        counts.setdefault(kind(item), Counter())[item.target] += 1
    return [
        _credit([counts[kind(item)][option] for option in item.content.options], item)
        for item in items
    ]


def _credit(scores: Sequence[float], item: Item) -> float:
    best = [o for o, s in zip(item.content.options, scores, strict=True) if s == max(scores)]
    return (item.target in best) / len(best)


def kind(item: Item) -> tuple[str, str]:
    """The paradigm and question type of an item."""
    return item.condition["paradigm"], item.condition["question_type"]


def by_words(
    items: Sequence[Item],
    text: Callable[[StoryQuestion], str],
    anchor: Literal["first", "last"],
) -> list[float]:
    """A logistic regression on counts of words, fitted to other sets, for each `kind` alone.

    It predicts whether the option is right that the story mentions first, or last: the `anchor`.
    What the options are called then tells it nothing of which is right. Of more than two mentioned
    options it knows the outer two; where fewer are mentioned, the first two that are listed.
    """
    credits = np.zeros(len(items))
    groups: dict[tuple[str, str], list[int]] = {}
    for number, item in enumerate(items):
        groups.setdefault(kind(item), []).append(number)
    for members in groups.values():
        group = [items[number] for number in members]
        pairs = [_two(item, anchor) for item in group]
        labels = np.array([float(p[0] == i.target) for p, i in zip(pairs, group, strict=True)])
        clusters = [item.cluster for item in group]
        odds = out_of_fold(_counts([text(i.content) for i in group], clusters), labels, clusters)
        for number, pair, item, odd in zip(members, pairs, group, odds, strict=True):
            credits[number] = _credit_of_two(pair, odd, item)
    return credits.tolist()


def _two(item: Item, anchor: Literal["first", "last"]) -> tuple[str, str]:
    """The anchor, and the option beside it."""
    found = seen(item.content).mentioned(anchor)
    pair = (found[0], found[-1]) if len(found) >= 2 else (0, 1)
    first, last = (item.content.options[number] for number in pair)
    return (first, last) if anchor == "first" else (last, first)


def _credit_of_two(pair: tuple[str, str], odds: float, item: Item) -> float:
    if abs(odds) < UNDECIDED:
        return (item.target in pair) / 2
    return float(item.target == pair[0 if odds > 0 else 1])


def _counts(texts: Sequence[str], clusters: Sequence[str]) -> csr_matrix:
    """Counts [n, words] of the words that more than one cluster has: others carry nothing over."""
    bags = [Counter(re.findall(r"[\w']+", text.lower())) for text in texts]
    where: dict[str, set[str]] = {}
    for bag, cluster in zip(bags, clusters, strict=True):
        for word in bag:
            where.setdefault(word, set()).add(cluster)
    column = {word: n for n, word in enumerate(sorted(w for w, c in where.items() if len(c) > 1))}
    counts = np.zeros((len(texts), len(column)))
    for row, bag in enumerate(bags):
        for word, count in bag.items():
            if word in column:
                counts[row, column[word]] = count
    return csr_matrix(counts)


Solver = Callable[[Sequence[Item]], list[float]]
"""How right it is on each item, between 0 and 1."""

SOLVERS: Mapping[str, Solver] = MappingProxyType(
    {name: partial(by_rule, rule) for name, rule in RULES.items()}
    | {
        "majority": by_majority,
        "question_only": partial(
            by_words, text=lambda asked: f"{asked.ask} {' '.join(asked.options)}", anchor="first"
        ),
        "bag_of_words": partial(by_words, text=lambda asked: asked.prompt, anchor="first"),
        "bag_of_words_last": partial(by_words, text=lambda asked: asked.prompt, anchor="last"),
    }
)
