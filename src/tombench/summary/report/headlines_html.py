"""The headline as the page shows it: a line a run, its interval drawn, every number a link."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tombench.schema import Metric
from tombench.summary.behind import behind_metric, behind_run
from tombench.summary.report.contents import Card, Contents, Headline
from tombench.summary.report.links import UNPARSED, Links, card_link
from tombench.summary.report.tables_html import parted_label, typeset

WIDTH = 130
"""Of a drawn interval, in pixels; 5 at either end are for the marks."""
MARGIN = 5


@dataclass(frozen=True)
class Bar:
    """An interval as a drawing: places in pixels from the left."""

    value: float
    low: float
    high: float
    baseline: float | None
    words: str  # for who cannot see it


@dataclass(frozen=True)
class Scale:
    """What the ends of a task's drawings stand for."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """The pixel of a value."""
        share = (value - self.low) / (self.high - self.low)
        return round(MARGIN + min(1.0, max(0.0, share)) * (WIDTH - 2 * MARGIN), 1)

    @property
    def ends(self) -> tuple[str, str]:
        """The ends, in words."""
        return _short(self.low), _short(self.high)


@dataclass(frozen=True)
class Line:
    """One run of the headline table."""

    name: str
    apart: str  # what sets it apart from runs of the same model
    card: str  # the address of its card
    how: str
    value: str
    interval: str
    bar: Bar | None  # of a score that is no number
    baseline: str
    baseline_name: str
    unparsed: str
    n: str
    clusters: str
    detectable: str
    unknown: str  # why it is not known
    score_link: str | None
    unparsed_link: str | None


@dataclass(frozen=True)
class Group:
    """The runs of one task with one measure, whose intervals are drawn to one scale."""

    task: str
    measure: str
    scale: Scale
    lines: Sequence[Line]


def headline_view(contents: Contents, links: Links) -> list[Group]:
    """The headline by task and measure, each in the order of the runs."""
    found: dict[tuple[str, str], list[tuple[Card, Headline]]] = {}
    for card, line in zip(contents.cards, contents.headline, strict=True):
        found.setdefault((card.run.task, line.score.name), []).append((card, line))
    return [_group(task, measure, own, links) for (task, measure), own in _by_task(found)]


def _by_task(found: Mapping[tuple[str, str], Any]) -> Iterable[tuple[tuple[str, str], Any]]:
    """The groups of a task one after the other."""
    tasks = list(dict.fromkeys(task for task, _ in found))
    return sorted(found.items(), key=lambda item: tasks.index(item[0][0]))


def _group(task: str, measure: str, own: Sequence[tuple[Card, Headline]], links: Links) -> Group:
    masks = all(card.run.sparsity for card, _ in own)
    scale = scale_of([metric for _, line in own for metric in _drawn(line)], 0 if masks else 1)
    lines = [_line(card, line, scale, links) for card, line in own]
    return Group(task, measure.replace("_", " "), scale, lines)


def scale_of(metrics: Sequence[Metric], most: float = 1.0) -> Scale:
    """From 0 to 1 where all lie there, as shares do; else from the least to the greatest.

    Args:
        most: that the scale reaches at least; 0 of changes, which may be small.
    """
    ends = [end for metric in metrics for end in (metric.low, metric.high) if math.isfinite(end)]
    least, greatest = min([0.0, *ends]), max([most, *ends])
    return Scale(least, greatest if greatest > least else least + 1)


def _drawn(line: Headline) -> list[Metric]:
    return [metric for metric in (line.score.metric, _mark(line)) if metric]


def _mark(line: Headline) -> Metric | None:
    """What the score is read against, where it is on the score's scale: of masks it is not."""
    return line.baseline.metric if line.baseline and not line.run.sparsity else None


def _line(card: Card, line: Headline, scale: Scale, links: Links) -> Line:
    score, baseline, run = line.score.metric, line.baseline, card.run
    behind = behind_metric(run, line.score.key) if line.score.key in run.metrics else None
    name, apart = parted_label(line.label)
    return Line(
        name=name,
        apart=apart,
        card=card_link(card),
        how=line.how,
        value=number(score.value),
        interval=f"[{number(score.low)}, {number(score.high)}]",
        bar=_bar(line, scale),
        baseline=number(baseline.metric.value) if baseline else "–",
        baseline_name=baseline.name if baseline else "",
        unparsed=f"{100 * line.unparsed.value:.1f}" if line.unparsed else "–",
        n=f"{score.n:,}",
        clusters=f"{score.clusters:,}",
        detectable=number(line.detectable) if line.detectable is not None else "–",
        unknown=line.unknown,
        score_link=links.records(behind) if behind else links.records(behind_run(run)),
        unparsed_link=links.records(behind_run(run), UNPARSED) if line.unparsed else None,
    )


def _bar(line: Headline, scale: Scale) -> Bar | None:
    score, mark = line.score.metric, _mark(line)
    baseline = mark.value if mark else None
    if not all(map(math.isfinite, (score.value, score.low, score.high))):
        return None
    words = f"{number(score.value)}, 95 % interval {number(score.low)} to {number(score.high)}"
    if baseline is not None:
        words += f"; best shortcut {number(baseline)}"
    return Bar(
        scale.place(score.value),
        scale.place(score.low),
        scale.place(score.high),
        None if baseline is None else scale.place(baseline),
        words,
    )


def number(value: float) -> str:
    """Two decimals, or three significant digits of what is large; "–" of what is no number."""
    if not math.isfinite(value):
        return "–"
    return typeset(f"{value:.2f}" if abs(value) < 100 else f"{value:.3g}").replace("−0.00", "0.00")


def _short(value: float) -> str:
    return typeset(f"{value:.3g}")
