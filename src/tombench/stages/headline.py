"""What stage=eval prints of a run: its score, and what a shortcut would get, in a line or two."""

from collections.abc import Mapping

from tombench.schema import Metric
from tombench.summary.planner_beside import best_shortcut
from tombench.summary.planner_tables import percent
from tombench.summary.shortcuts import CONSTANTS, best_of, shortcuts_of
from tombench.summary.tables import interval_text

UNITS = {
    "pair_accuracy": "pairs",
    "contrast_set_accuracy": "whole sets",
    "cell_accuracy": "cells",
    "false_belief_accuracy": "false belief",
}
"""What stories are scored by, as it is told; shortcuts have the first three."""
MASKED = {
    "false_belief_accuracy": "false belief changes by",
    "selective_accuracy": "false belief less controls by",
    "log_perplexity_nats": "log-perplexity by",
}
"""Effects of masks, means over the points at which random masks were run."""


def headline(metrics: Mapping[str, Metric], drawn: bool) -> list[str]:
    """Of stories their units, of a planner its averages, of games what is chosen, of other items
    their accuracy; [] where a task has none of them.

    Args:
        drawn: was text drawn? Else the accuracy is of the forced choice alone.
    """
    if "pair_accuracy" in metrics:
        there = {name: metrics[unit] for unit, name in UNITS.items() if unit in metrics}
        told = ", ".join(f"{name} {interval_text(m)} of {m.n}" for name, m in there.items())
        return [told, *_best_shortcuts(metrics), *_masked(metrics)]
    if "accuracy_macro" in metrics:
        return [_planner(metrics), *_beside_planner(metrics)]
    if "cooperation_rate" in metrics or "mean_donation" in metrics:
        return [_games(metrics), *_transfer(metrics)]
    if "accuracy" not in metrics:
        return []
    constant = metrics.get("baseline/majority")
    beside = f", best constant answer {constant.value:.2f}" if constant else ""
    what = "" if drawn else "forced choice alone, "
    return [f"{what}accuracy {interval_text(metrics['accuracy'])}{beside}"]


def _masked(metrics: Mapping[str, Metric]) -> list[str]:
    """Of a run under masks what they do on average, and how often a random one is as harmful."""
    told = []
    for name, of in MASKED.items():
        if not (effect := metrics.get(f"effect/{name}")):
            continue
        change = f"{effect.value:+.2f} [{effect.low:+.2f}, {effect.high:+.2f}]"
        nulls = {kind: metrics.get(f"as_harmful/{kind}/{name}") for kind in ("random", "matched")}
        beside = [
            f"{round(null.value * null.n)} of {null.n} {kind} masks are as harmful"
            for kind, null in nulls.items()
            if null
        ]
        told.append("; ".join([f"masked, {of} {change}", *beside]))
    return told


def _best_shortcuts(metrics: Mapping[str, Metric]) -> list[str]:
    """Which shortcut gets most of each unit; the first of equals, none where none gets any."""
    told = []
    for unit, name in UNITS.items():
        scores = shortcuts_of(metrics, unit)
        if best := best_of(scores):
            who = f" ({best})" if scores[best].value > 0 else ""
            told.append(f"{name} {scores[best].value:.2f}{who}")
    return [f"the best shortcuts get {', '.join(told)}"] if told else []


def _planner(metrics: Mapping[str, Metric]) -> str:
    """All questions, the mean of the types, belief and goal, ties; in percent."""
    whole = metrics["accuracy"]
    told = [f"{percent(whole)} % of {whole.n} right", f"macro {percent(metrics['accuracy_macro'])}"]
    for name in ("belief", "goal"):
        if found := metrics.get(f"{name}_accuracy"):
            told.append(f"{name} {percent(found)}")
    for name in ("ties", "unparsed"):
        found = metrics.get(name)
        if found and (found.value or name == "ties"):
            told.append(f"{name} {100 * found.value:.1f}")
    if study := metrics.get("study_accuracy"):
        told.append(f"by the study's rule and key {percent(study)}")
    return ", ".join(told)


def _beside_planner(metrics: Mapping[str, Metric]) -> list[str]:
    """The observer, the best shortcut and the exact posterior, those that there are."""
    told = []
    if found := metrics.get("observer/accuracy"):
        told.append(f"observer {100 * found.value:.1f}")
    if best := best_shortcut(metrics):
        told.append(f"best shortcut {100 * best[1].value:.1f} ({best[0]})")
    if found := metrics.get("exact/accuracy"):
        told.append(f"exact observer {100 * found.value:.1f}")
    return [f"beside it: {', '.join(told)}"] if told else []


def _games(metrics: Mapping[str, Metric]) -> str:
    """How much is cooperated and given, and how often as the one equilibrium has it."""
    told = []
    if found := metrics.get("cooperation_rate"):
        told.append(f"cooperation {interval_text(found)} of {found.n}")
    if found := metrics.get("equilibrium_agreement"):
        told.append(f"as in equilibrium {interval_text(found)}")
    if found := metrics.get("mean_donation"):
        told.append(f"{interval_text(found)} points given")
    if found := metrics.get("invalid"):
        told.append(f"invalid {100 * found.value:.1f} %")
    return ", ".join(told)


def _transfer(metrics: Mapping[str, Metric]) -> list[str]:
    """Of a student the share of the gap to its teacher that is closed, and who needs no training
    for as much."""
    if not (closed := metrics.get("gap_closed")):
        return []
    beside = [
        f"{name} {found.value:.2f}"
        for key, name in CONSTANTS.items()
        if (found := metrics.get(f"baseline/{key}"))
    ]
    told = [f"of the gap to the teacher {interval_text(closed)} is closed", *beside]
    return [", ".join(told)]
