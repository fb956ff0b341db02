"""The cards of runs: what was run, by which code, on which machine, and all that came of it."""

from dataclasses import dataclass

from tombench.summary.behind import behind_metric, behind_run
from tombench.summary.collect import EvaluatedRun
from tombench.summary.report.contents import Card, Headline
from tombench.summary.report.facts_html import Fact, facts
from tombench.summary.report.headlines_html import number
from tombench.summary.report.links import Links
from tombench.summary.report.tables_html import parted_label


@dataclass(frozen=True)
class Measured:
    """A metric of a run."""

    name: str
    value: str
    interval: str
    n: str
    clusters: str
    link: str | None


@dataclass(frozen=True)
class CardView:
    """A run's card ready for the page."""

    key: str
    task: str
    name: str
    apart: str  # what sets it apart from runs of the same model
    how: str
    score: str  # "accuracy 0.51 [0.38, 0.64]"
    records: str
    facts: tuple[Fact, ...]
    metrics: tuple[Measured, ...]
    link: str | None  # to all its records


def card_view(card: Card, line: Headline, links: Links) -> CardView:
    """All that a run's folder says of it."""
    metric, (name, apart) = line.score.metric, parted_label(card.label)
    return CardView(
        key=card.key,
        task=card.run.task,
        name=name,
        apart=apart,
        how=line.how,
        score=f"{line.score.name} {number(metric.value)} {_interval(metric.low, metric.high)}",
        records=f"{card.about['records']:,}" if card.about.get("records") else "",
        facts=facts(card, line.how),
        metrics=tuple(_measured(card.run, name, links) for name in card.run.metrics),
        link=links.records(behind_run(card.run)),
    )


def _measured(run: EvaluatedRun, name: str, links: Links) -> Measured:
    metric, behind = run.metrics[name], behind_metric(run, name)
    return Measured(
        name,
        number(metric.value),
        _interval(metric.low, metric.high),
        f"{metric.n:,}",
        f"{metric.clusters:,}",
        links.records(behind) if behind else None,
    )


def _interval(low: float, high: float) -> str:
    return f"[{number(low)}, {number(high)}]"
