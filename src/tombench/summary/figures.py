"""Figures, one style: colour-blind safe, readable in print, every axis named."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from tombench.schema import Metric
from tombench.summary.collect import EvaluatedRun, promptings
from tombench.summary.tables import heading, row_labels

# Okabe & Ito (2008), "Color universal design"
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#333333"
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
    figure.suptitle("Accuracy by prompting, 95 % intervals over scenarios", fontsize=11)
    return file_of(figure, kind)


def canvas(width: float, height: float) -> Any:
    """An empty figure of so many inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def legend(figure: Any, columns: int = 1) -> None:
    """One legend of all panels, below them: a measure may be missing in the first panel."""
    shown = {}  # by name
    for panel in figure.axes:
        handles, names = panel.get_legend_handles_labels()
        shown |= dict(zip(names, handles, strict=True))
    figure.legend(
        shown.values(),
        shown.keys(),
        loc="outside lower center",
        ncols=columns,
        frameon=False,
        fontsize=8.5,
    )


def file_of(figure: Any, kind: str) -> bytes:
    """The figure as a PNG or SVG file."""
    drawn = BytesIO()
    figure.savefig(drawn, format=kind, dpi=200)
    return drawn.getvalue()


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
    panel.set_title(wrapped(model), fontsize=9.5)
    panel.set_xticks(range(len(columns)), [heading(name) for name in columns], fontsize=9)
    panel.set_xlim(-0.5, len(columns) - 0.5)
    percent_axis(panel)


def percent_axis(panel: Any) -> None:
    """Shares of right answers, from 0 to 100 %; named in the first column of panels."""
    panel.set_ylim(-0.03, 1.03)
    panel.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"], fontsize=9)
    if panel.get_subplotspec().is_first_col():
        panel.set_ylabel("right answers, %", fontsize=9)
    panel.set_axisbelow(True)
    panel.grid(axis="y", color="#e4e4e4", linewidth=0.8)
    panel.spines[["top", "right"]].set_visible(False)


def points(
    panel: Any, found: Sequence[tuple[float, Metric]], label: str, colour: str, marker: str
) -> None:
    """Values at their places with their 95 % intervals."""
    places = [place for place, _ in found]
    values = [metric.value for _, metric in found]
    below = [max(0.0, metric.value - metric.low) for _, metric in found]
    above = [max(0.0, metric.high - metric.value) for _, metric in found]
    panel.errorbar(
        places,
        values,
        yerr=[below, above],
        fmt=marker,
        color=colour,
        markersize=5.5,
        elinewidth=1.4,
        capsize=3,
        label=label,
        zorder=3,
    )


def wrapped(text: str, width: int = 34) -> str:
    """The text in lines of so many characters."""
    from textwrap import fill

    return fill(text, width)
