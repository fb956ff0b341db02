"""What a run of task=mmtom comes to: accuracies by type, calibration, and all that stands beside.

micro: the mean over questions; macro: the unweighted mean of the seven types. The study's table
uses the one for its own method and the other for BIP-ALM, so both are always told.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy.special import logit, ndtri

from tombench.metrics import by_level, share_of
from tombench.planning.inference import sigmoid
from tombench.planning.shortcuts import SHORTCUTS, Shortcut
from tombench.schema import Item, Metric, Record
from tombench.scorers.yes_no import UNPARSED
from tombench.statistics.calibration import brier_score, log_score, reliability
from tombench.statistics.intervals import POINT, clustered_variance
from tombench.tasks.planner_scoring import ODDS, TIE, judged
from tombench.tasks.planner_study import CHANCE, STUDY

Items = Mapping[str, Item]

FACTORS = ("question_type", "question_family", "theme", "suite")


def measure(records: Sequence[Record], items: Items) -> dict[str, Metric]:
    """All metrics of some records."""
    found = {
        "accuracy": share_of(records, lambda r: r.score.value),
        "accuracy_strict": share_of(records, lambda r: r.score.value == 1),
        "accuracy_macro": macro(records),
        "ties": share_of(records, lambda r: r.score.answer == TIE),
        UNPARSED: share_of(records, lambda r: r.score.answer == UNPARSED),
        "errors": share_of(records, lambda r: r.error is not None),
    }
    found |= _families(records) | _calibration(records) | _beside(records)
    if any(STUDY in record.log_probs for record in records):
        found["study_accuracy"] = share_of(records, lambda r: r.log_probs.get(STUDY, 0.0))
        found["study_chance"] = share_of(records, lambda r: r.log_probs.get(CHANCE, 0.5))
    return found | _baselines(records, items) | _exact(records, items)


def grouped(records: Sequence[Record], items: Items) -> dict[str, Any]:
    """The same by factor."""
    return {
        factor: by_level(records, _level(factor), partial(measure, items=items))
        for factor in FACTORS
    }


def macro(records: Sequence[Record]) -> Metric:
    """The unweighted mean of the types' accuracies, with a 95 % interval over clusters.

    Each record weighs 1 / (types * records of its type); the variance is that of the weighted sum
    of residuals, clusters independent (linearised, as `statistics.intervals`).
    """
    by_type: dict[str, list[Record]] = {}
    for record in records:
        by_type.setdefault(record.condition["question_type"], []).append(record)
    means = {name: np.mean([r.score.value for r in own]) for name, own in by_type.items()}
    value, count = float(np.mean(list(means.values()))), len(records)
    residuals = np.array(
        [
            (r.score.value - means[r.condition["question_type"]])
            * count
            / (len(by_type) * len(by_type[r.condition["question_type"]]))
            for r in records
        ]
    )
    clusters = [record.cluster for record in records]
    variance = clustered_variance(residuals, clusters) if len(set(clusters)) > 1 else float("nan")
    spread = float(ndtri(POINT)) * float(np.sqrt(variance)) if np.isfinite(variance) else 1.0
    whole = share_of(records, lambda r: r.score.value)
    if spread == 0.0:  # all alike: nothing shows how they vary, as for a share
        return Metric(value, whole.low, whole.high, count, whole.clusters)
    return Metric(value, max(0.0, value - spread), min(1.0, value + spread), count, whole.clusters)


def _families(records: Sequence[Record]) -> dict[str, Metric]:
    """Accuracy of belief and of goal questions, where a run has both."""
    found = by_level(
        records, _level("question_family"), lambda own: {"accuracy": share_of(own, _value)}
    )
    return {f"{name}_accuracy": own["accuracy"] for name, own in found.items()}


def _calibration(records: Sequence[Record]) -> dict[str, Metric]:
    """Brier and log score of P(a) against the key; lower is better."""
    asked = [r for r in records if "a" in r.log_probs and r.target is not None]
    if not asked:
        return {}
    probabilities = [float(np.exp(r.log_probs["a"])) for r in asked]
    keys = [float(r.target == "a") for r in asked]
    clusters = [r.cluster for r in asked]
    return {
        "brier": brier_score(probabilities, keys, clusters),
        "log_score": log_score(probabilities, keys, clusters),
    }


def _beside(records: Sequence[Record]) -> dict[str, Metric]:
    """What every policy that was computed beside the run's own gets: observer/accuracy, …"""
    names = sorted({key for r in records for key in r.log_probs if key.startswith(ODDS)})
    return {
        f"{key.removeprefix(ODDS)}/{name}": metric
        for key in names
        for name, metric in _scored_by(records, key).items()
    }


def _scored_by(records: Sequence[Record], key: str) -> dict[str, Metric]:
    """Accuracy, ties and log score by the odds that stand under `key`."""
    own = [record for record in records if key in record.log_probs]
    verdicts = {record.id: judged(record.log_probs[key], record.target) for record in own}
    return {
        "accuracy": share_of(own, lambda r: verdicts[r.id].value),
        "ties": share_of(own, lambda r: verdicts[r.id].answer == TIE),
        "log_score": log_score(
            [sigmoid(record.log_probs[key]) for record in own],
            [float(record.target == "a") for record in own],
            [record.cluster for record in own],
        ),
    }


def _baselines(records: Sequence[Record], items: Items) -> dict[str, Metric]:
    """What shortcuts get on the same questions."""

    def right(shortcut: Shortcut, record: Record) -> float:
        return _right(shortcut(items[record.item].content), record.target)

    return {
        f"baseline/{name}": share_of(records, partial(right, shortcut))
        for name, shortcut in SHORTCUTS.items()
    }


def _exact(records: Sequence[Record], items: Items) -> dict[str, Metric]:
    """Of questions that our simulator wrote: what one gets who knows how it was written."""
    known = [r for r in records if items[r.item].content.query.posterior is not None]
    if not known:
        return {}

    def posterior(record: Record) -> float:
        return float(items[record.item].content.query.posterior)

    keys = [float(r.target == "a") for r in known]
    clusters = [r.cluster for r in known]
    return {
        "exact/accuracy": share_of(known, lambda r: judged(logit(posterior(r)), r.target).value),
        "exact/log_score": log_score([posterior(r) for r in known], keys, clusters),
    }


def reliability_table(records: Sequence[Record]) -> list[dict[str, float]]:
    """Bins of P(a): how probable it was held, and how often it was right."""
    asked = [r for r in records if "a" in r.log_probs and r.target is not None]
    return reliability(
        [float(np.exp(r.log_probs["a"])) for r in asked], [float(r.target == "a") for r in asked]
    )


def alpha_sweep(records: Sequence[Record]) -> list[dict[str, float]]:
    """Accuracy and log score at each alpha, from scores that every record holds."""
    prefix = f"{ODDS}alpha="
    keys = {key for r in records for key in r.log_probs if key.startswith(prefix)}
    rows = []
    for key in sorted(keys, key=lambda one: float(one.removeprefix(prefix))):
        found = _scored_by(records, key)
        accuracy = found["accuracy"]
        rows.append(
            {
                "alpha": float(key.removeprefix(prefix)),
                "accuracy": accuracy.value,
                "low": accuracy.low,
                "high": accuracy.high,
                "log_score": found["log_score"].value,
            }
        )
    return rows


def _right(answer: str | None, target: str | None) -> float:
    """A shortcut that does not choose gets half a point."""
    return 0.5 if answer is None else float(answer == target)


def _value(record: Record) -> float:
    return record.score.value


def _level(factor: str) -> Callable[[Record], str]:
    return lambda record: record.condition[factor]
