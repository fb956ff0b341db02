"""What stage=eval prints of a run: its score, and what a shortcut would get, in a line or two."""

from collections.abc import Mapping

from tombench.schema import Metric
from tombench.summary.tables import interval_text

UNITS = {
    "pair_accuracy": "pairs",
    "contrast_set_accuracy": "whole sets",
    "cell_accuracy": "cells",
    "false_belief_accuracy": "false belief",
}
"""What stories are scored by, as it is told; shortcuts have the first three."""


def headline(metrics: Mapping[str, Metric], drawn: bool) -> list[str]:
    """Of stories their units, of other items their accuracy; [] where a task has neither.

    Args:
        drawn: was text drawn? Else the accuracy is of the forced choice alone.
    """
    if "pair_accuracy" in metrics:
        there = {name: metrics[unit] for unit, name in UNITS.items() if unit in metrics}
        told = ", ".join(f"{name} {interval_text(m)} of {m.n}" for name, m in there.items())
        return [told, *_best_shortcuts(metrics)]
    if "accuracy" not in metrics:
        return []
    constant = metrics.get("baseline/majority")
    beside = f", best constant answer {constant.value:.2f}" if constant else ""
    what = "" if drawn else "forced choice alone, "
    return [f"{what}accuracy {interval_text(metrics['accuracy'])}{beside}"]


def _best_shortcuts(metrics: Mapping[str, Metric]) -> list[str]:
    """Which shortcut gets most of each unit; the first of equals, none where none gets any."""
    told = []
    for unit, name in UNITS.items():
        scores = {
            key.split("/")[1].replace("_", " "): metric.value
            for key, metric in metrics.items()
            if key.startswith("baseline/") and key.endswith(f"/{unit}")
        }
        if scores:
            best = max(scores, key=lambda shortcut: scores[shortcut])
            who = f" ({best})" if scores[best] > 0 else ""
            told.append(f"{name} {scores[best]:.2f}{who}")
    return [f"the best shortcuts get {', '.join(told)}"] if told else []
