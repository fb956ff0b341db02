"""Who gets most of a run's items without a mind: the shortcuts that a score is read beside."""

from collections.abc import Mapping

from tombench.schema import Metric

BASELINE = "baseline/"
CONSTANTS = {
    "coin": "by a coin",
    "constant_teacher_mean": "by the teacher's mean",
    "constant_own_mean": "by the student's own mean",
}
"""What closes part of a gap to a teacher and has learnt no cell."""


def shortcuts_of(metrics: Mapping[str, Metric], unit: str | None = None) -> dict[str, Metric]:
    """By name in words what each shortcut gets: of a unit of stories, or (None) of all items."""
    if unit is None:
        found = {k.removeprefix(BASELINE): m for k, m in metrics.items() if k.startswith(BASELINE)}
        found = {name: metric for name, metric in found.items() if "/" not in name}
    else:
        end = f"/{unit}"
        found = {
            key.removeprefix(BASELINE).removesuffix(end): metric
            for key, metric in metrics.items()
            if key.startswith(BASELINE) and key.endswith(end)
        }
    return {name.replace("_", " "): metric for name, metric in found.items()}


def best_of(shortcuts: Mapping[str, Metric]) -> str | None:
    """The one that gets most, the first of equals; None where there is none."""
    return max(shortcuts, key=lambda name: shortcuts[name].value, default=None)
