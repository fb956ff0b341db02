"""What a report holds, before it is HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tombench.schema import Metric
from tombench.summary.collect import EvaluatedRun
from tombench.summary.grid import Grid
from tombench.summary.pages import TaskPage
from tombench.summary.report.packed import PackedRun


@dataclass(frozen=True)
class Named:
    """A metric with the name that a reader is told."""

    name: str
    metric: Metric


@dataclass(frozen=True)
class Headline:
    """One run in one line: its score, and what is needed to read it."""

    run: EvaluatedRun
    label: str  # the model, and what sets its runs apart
    how: str  # prompting, policy, suite: what it was put to
    score: Named
    baseline: Named | None  # the best shortcut of the same items
    unparsed: Metric | None
    detectable: float | None
    """The least true difference to another run on the same items that a paired test finds with
    power .8; None where the spread over clusters is not known."""


@dataclass(frozen=True)
class Pair:
    """Two runs that answered the same items, compared."""

    first: int  # places in the report's runs
    second: int
    items: int
    clusters: int
    difference: float  # first − second, of means over clusters
    low: float
    high: float
    dz: float | None  # Cohen's d_z over clusters; None without spread
    only_first: int | None  # items that only it got right; None where scores are means of several
    only_second: int | None
    both: int | None
    neither: int | None
    p_mcnemar: float | None  # exact, over items; None as above
    p_permutation: float  # sign flips over clusters
    holm: float  # p_permutation, adjusted for the family
    family: int  # how many pairs the adjustment allows for
    detectable: float | None


@dataclass(frozen=True)
class Pairs:
    """Every pair of runs that share their items, and why others are not compared."""

    found: Sequence[Pair]
    notes: Sequence[str]


@dataclass(frozen=True)
class Card:
    """What ran: a run, and its run.json."""

    key: str  # r0, r1, …: its name within the report
    label: str
    run: EvaluatedRun
    about: Mapping[str, Any]


@dataclass(frozen=True)
class Contents:
    """Everything that the report tells."""

    made: str  # when and by which version
    cards: Sequence[Card]
    headline: Sequence[Headline]  # one a card, in their order
    pages: Sequence[TaskPage]
    pairs: Pairs
    packed: Mapping[str, PackedRun]  # by a card's key
    beside: Sequence[Grid] = field(default_factory=tuple)
    """Ours beside the published, where an experiment is named."""
