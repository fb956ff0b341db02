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
    key: str = ""  # as metrics.json names it


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
    """The least true difference of the score to another run on the same items that a paired test
    finds with power .8; of a run under masks, the least effect. None: not known."""
    unknown: str = ""  # why not, in words


@dataclass(frozen=True)
class Pair:
    """Two runs that answered the same items, compared."""

    first: int  # places in the report's runs
    second: int
    items: int
    clusters: int
    difference: float  # first − second, of means over clusters
    low: float  # 95 % t interval over clusters
    high: float
    dz: float | None  # Cohen's d_z over clusters; None without spread
    only_first: int | None = field(default=None, kw_only=True)
    """Items that only the first got right; None where not every item has one score of 0 or 1."""
    only_second: int | None = field(default=None, kw_only=True)
    both: int | None = field(default=None, kw_only=True)
    neither: int | None = field(default=None, kw_only=True)
    p_mcnemar: float | None = field(default=None, kw_only=True)
    """Exact, over items; None as above."""
    p_permutation: float  # sign flips over clusters
    holm: float  # p_permutation, adjusted for the family
    family: int  # how many pairs the adjustment allows for
    detectable: float | None  # with power .8, by this spread; None without spread


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
