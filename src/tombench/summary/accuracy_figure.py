"""The figure of promptings: accuracy with intervals, a panel a model."""

from collections.abc import Sequence
from typing import Any

from tombench.summary.collect import EvaluatedRun, promptings
from tombench.summary.figures import (
    BLUE,
    GREY,
    ORANGE,
    canvas,
    file_of,
    legend,
    percent_axis,
    points,
    styled,
    wrapped,
)
from tombench.summary.tables import heading, row_labels

BASELINE = {
    "color": GREY,
    "linestyle": "--",
    "linewidth": 1,
    "zorder": 2,
    "label": "best constant answer",
}
COLUMNS = 4  # panels a row, at most

MEASURES = (
    ("accuracy", "free text", BLUE, "o", -0.1),
    (
        "forced_choice_accuracy",
        "forced choice (log-probability of yes against no)",
        ORANGE,
        "D",
        0.1,
    ),
)


@styled
def accuracy_figure(runs: Sequence[EvaluatedRun], kind: str) -> bytes:
    """Accuracy by prompting with 95 % intervals, one panel a model; a PNG or SVG file."""
    labels = row_labels(runs)
    models = list(dict.fromkeys(labels))
    columns = min(COLUMNS, len(models))
    rows = -(-len(models) // columns)
    figure = canvas(max(5.4, 3.1 * columns), 2.9 * rows + 1.0)
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False).flat
    for panel, model in zip(panels, models, strict=False):
        mine = {
            run.prompting: run for run, label in zip(runs, labels, strict=True) if label == model
        }
        _panel(panel, model, mine, promptings(runs))
    for panel in list(panels)[len(models) :]:
        panel.set_visible(False)
    legend(figure)
    figure.suptitle("Accuracy by prompting, 95 % intervals over scenarios")
    return file_of(figure, kind)


def _panel(panel: Any, model: str, runs: dict[str, EvaluatedRun], columns: Sequence[str]) -> None:
    """One model: a point and an interval for each prompting that was run."""
    known = [m.value for r in runs.values() if (m := r.metrics.get("baseline/majority"))]
    if known:
        panel.axhline(max(known), **BASELINE)
    several = sum(any(m[0] in run.metrics for run in runs.values()) for m in MEASURES) > 1
    for name, label, colour, marker, shift in MEASURES:
        found = [
            (columns.index(p) + shift * several, run.metrics[name])
            for p, run in runs.items()
            if name in run.metrics
        ]
        if found:
            points(panel, found, label, colour, marker)
    panel.set_title(wrapped(model))
    panel.set_xticks(range(len(columns)), [heading(name) for name in columns])
    panel.set_xlim(-0.5, len(columns) - 0.5)
    percent_axis(panel)
