"""What a comparison with another run on the same items could find, before it is made."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tombench.schema import Metric
from tombench.statistics.power import expected_sd, minimum_detectable_difference
from tombench.statistics.spread import cluster_sd, mean_sd
from tombench.summary.answers import ItemScores
from tombench.summary.collect import EvaluatedRun
from tombench.summary.report.scored import Scored

WIDEST = 1.0  # no two means of shares differ by more


@dataclass(frozen=True)
class Detectable:
    """The least true difference that is found with power .8 at α .05, or why it is not known."""

    least: float | None
    unknown: str = ""


def detectable(run: EvaluatedRun, found: Scored, scores: ItemScores | None) -> Detectable:
    """Of a paired t-test over clusters with another run that spreads alike and does not go along
    with this one; of an effect, which is a difference itself, of this very test."""
    metric = found.score.metric
    if metric.clusters < 2:
        return Detectable(None, "one cluster has no spread")
    if found.kind == "gap":
        return Detectable(None, "a ratio of gaps has no score a cell")
    if found.kind == "effect":
        sd = mean_sd(metric.low, metric.high, metric.clusters)
    elif (means := _means(run, found, scores)) is not None:
        sd = expected_sd(float(means.std(ddof=1)))
    elif metric.low >= 0 and metric.high <= 1:
        own = cluster_sd(metric.value, metric.low, metric.high, metric.n, metric.clusters)
        sd = own and expected_sd(own)
    else:
        return Detectable(None, "not a share, so its interval does not tell the spread")
    if not sd:
        return Detectable(None, "all clusters score alike")
    least = minimum_detectable_difference(sd, metric.clusters)
    if least > WIDEST:
        return Detectable(None, "too few clusters for any comparison")
    return Detectable(least)


def _means(run: EvaluatedRun, found: Scored, scores: ItemScores | None) -> np.ndarray | None:
    """The score's means over clusters [clusters], where the records tell them; else None."""
    means: Mapping[str, float] = {}
    if found.kind == "answers" and scores:
        means = scores.means
    elif found.kind == "choices" and run.games:
        means = _cooperation(run)
    return np.array([*means.values()]) if _tell(means, found.score.metric) else None


def _tell(means: Mapping[str, float], metric: Metric) -> bool:
    """Are these means of the clusters that the score is of?"""
    return len(means) == metric.clusters and len(means) > 1


def _cooperation(run: EvaluatedRun) -> dict[str, float]:
    """By cluster the share of the first action, every answer alike."""
    sums: dict[str, tuple[float, int]] = {}
    for cell in run.games.cells if run.games else ():
        if not cell.donation and cell.known:
            weight = max(1, round(cell.parsed)) if cell.draws else 1
            total, size = sums.get(cell.cluster, (0.0, 0))
            sums[cell.cluster] = total + cell.share * weight, size + weight
    return {cluster: total / size for cluster, (total, size) in sums.items()}
