"""Which number is a run's score, of every task, and which shortcut it is read beside."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from tombench.schema import Metric
from tombench.summary.collect import EvaluatedRun
from tombench.summary.planner_beside import OBSERVER
from tombench.summary.report.contents import Named
from tombench.summary.shortcuts import best_of, shortcuts_of

UNITS = {
    "pair_accuracy": "pairs",
    "false_belief_accuracy": "false belief",
    "accuracy": "accuracy",
}
"""What stories are scored by: the first that there is. A pair is a false belief and its matched
control, both right: who answers by the facts, or always alike, gets none."""
EFFECT = "effect/false_belief_accuracy"
NULLS = ("random", "matched")
COIN = 0.5  # what a coin cooperates
FORCED = "repetitions=0"
"""A task's field by which no text is drawn."""


@dataclass(frozen=True)
class Scored:
    """A run's score and what stands beside it."""

    score: Named
    baseline: Named | None
    unparsed: Metric | None
    kind: str = "answers"
    """Of what the score is: "answers" (the mean of all), "unit" of stories, "effect" of a mask,
    "gap" to a teacher, "choices" in games, "other"."""


def scored(run: EvaluatedRun) -> Scored | None:
    """The run's score; None of a run without any metric."""
    if not run.metrics:
        return None
    if run.sparsity:
        return _masked(run.metrics)
    if run.games:
        return _games(run.metrics)
    if run.stories:
        return _stories(run.metrics)
    if run.planner:
        return _planner(run)
    return _answers(run)


def _answers(run: EvaluatedRun) -> Scored:
    """Of items under a prompting their accuracy; of a user's task its first metric."""
    metrics = run.metrics
    if "accuracy" not in metrics:
        name = next(iter(metrics))
        score = Named(name.replace("_", " "), metrics[name], name)
        return Scored(score, _best(shortcuts_of(metrics)), metrics.get("unparsed"), "other")
    name = "forced choice" if FORCED in run.put.split(" ") else "accuracy"
    shortcuts = shortcuts_of(metrics)
    constant = shortcuts.get("majority")
    baseline = Named("constant answer", constant) if constant else _best(shortcuts)
    score = Named(name, metrics["accuracy"], "accuracy")
    return Scored(score, baseline, metrics.get("unparsed"))


def _stories(metrics: Mapping[str, Metric]) -> Scored:
    unit = next((unit for unit in UNITS if unit in metrics), next(iter(metrics)))
    baseline = _best(shortcuts_of(metrics, unit))
    score = Named(UNITS.get(unit, unit), metrics[unit], unit)
    kind = "answers" if unit == "accuracy" else "unit"
    return Scored(score, baseline, metrics.get("unparsed"), kind)


def _planner(run: EvaluatedRun) -> Scored:
    """All questions, beside the observer or the shortcut that gets more."""
    metrics = run.metrics
    beside = shortcuts_of(metrics)
    observer = metrics.get(f"{OBSERVER}/accuracy")
    if observer and run.planner and run.planner.policy != OBSERVER:
        beside = {OBSERVER: observer} | beside
    accuracy = Named("accuracy", metrics["accuracy"], "accuracy")
    return Scored(accuracy, _best(beside), metrics.get("unparsed"))


def _masked(metrics: Mapping[str, Metric]) -> Scored:
    """The studied mask's mean effect on false belief, beside the share of masks with seeds that
    harm as much; of a run without masks, what the model gets."""
    if EFFECT not in metrics:
        return _stories(metrics)
    nulls = {kind: metrics.get(f"as_harmful/{kind}/false_belief_accuracy") for kind in NULLS}
    told = [Named(f"{kind} masks as harmful", null) for kind, null in nulls.items() if null]
    score = Named("effect on false belief", metrics[EFFECT], EFFECT)
    return Scored(score, told[0] if told else None, metrics.get("unparsed"), "effect")


def _games(metrics: Mapping[str, Metric]) -> Scored:
    """Of a student the share of the gap to its teacher that is closed, of others cooperation."""
    invalid, closed = metrics.get("invalid"), metrics.get("gap_closed")
    if closed and isfinite(closed.value):
        coin = shortcuts_of(metrics).get("coin")
        score = Named("gap closed", closed, "gap_closed")
        return Scored(score, coin and Named("coin", coin), invalid, "gap")
    if rate := metrics.get("cooperation_rate"):
        coin = Metric(COIN, COIN, COIN, rate.n, rate.clusters)
        score = Named("cooperation", rate, "cooperation_rate")
        return Scored(score, Named("coin", coin), invalid, "choices")
    name = "mean_donation" if "mean_donation" in metrics else next(iter(metrics))
    return Scored(Named(name.replace("_", " "), metrics[name], name), None, invalid, "other")


def _best(shortcuts: Mapping[str, Metric]) -> Named | None:
    name = best_of(shortcuts)
    return None if name is None else Named(name, shortcuts[name])
