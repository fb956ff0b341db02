"""Curves of planner runs: weak-to-strong by alpha, and how far probabilities can be trusted."""

from collections.abc import Mapping, Sequence
from typing import Any

from tombench.backends.several.roles import LARGE, TUNED, UNTUNED
from tombench.planning.steering import NAIVE
from tombench.schema import Metric
from tombench.summary.figures import (
    AMBER,
    BLACK,
    BLUE,
    FAINT,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    canvas,
    file_of,
    legend,
    percent_axis,
    style_of,
    styled,
    wrapped,
)
from tombench.summary.planner_beside import OBSERVER, PARTS
from tombench.summary.planner_figures import by_questions, zoom
from tombench.summary.planner_rows import PlannerRow

COLUMNS = 3  # panels of reliability a row, at most
ALONE = {
    LARGE: ("large alone", ORANGE, (0, (6, 2))),
    TUNED: ("small, tuned, alone", GREEN, (0, (3, 1.5))),
    UNTUNED: ("small, untuned, alone", AMBER, (0, (1, 1))),
    NAIVE: ("large + tuned", PURPLE, (0, (6, 1.5, 1, 1.5))),
    OBSERVER: ("observer", GREY, (0, (1, 3))),
    "exact": ("exact posterior", BLACK, "-"),
}
"""Name, colour and dashes of a line."""
COMBINED = BLUE
SMALLEST, LARGEST = 14.0, 110.0  # areas of a bin's mark, points²


@styled
def alpha_figure(rows: Sequence[PlannerRow], kind: str) -> bytes | None:
    """Accuracy and log score against alpha, each part alone as a line; a row of panels a run.

    None: no run swept alpha.
    """
    swept = [row for row in rows if row.planner.alpha_sweep]
    if not swept:
        return None
    figure = canvas(8.6, 2.7 * len(swept) + 1.1)
    panels = figure.subplots(len(swept), 2, squeeze=False)
    for (left, right), row in zip(panels, swept, strict=True):
        _accuracy(left, row)
        _log_score(right, row)
        left.set_title(wrapped(f"{row.policy}; {row.questions}", 52))
    legend(figure, columns=3)
    figure.suptitle("Weak to strong: large + alpha · (tuned − untuned)")
    return file_of(figure, kind)


@styled
def reliability_figure(rows: Sequence[PlannerRow], kind: str) -> bytes | None:
    """How often (a) was right against how probable it was held; None: no run told probabilities."""
    groups = by_questions([row for row in rows if row.planner.reliability])
    if not groups:
        return None
    policies = list(dict.fromkeys(row.policy for own in groups.values() for row in own))
    columns = 2 if len(groups) == 4 else min(COLUMNS, len(groups))
    lines = -(-len(groups) // columns)
    figure = canvas(max(4.6, 3.3 * columns), 3.5 * lines + 0.6 + 0.18 * len(policies))
    panels = list(figure.subplots(lines, columns, squeeze=False).flat)
    for panel, (questions, own) in zip(panels, groups.items(), strict=False):
        _reliability(panel, own, policies)
        panel.set_title(wrapped(questions, 40))
    for panel in panels[len(groups) :]:
        panel.set_visible(False)
    legend(figure)
    figure.suptitle("Reliability of P(a); area: number of questions")
    return file_of(figure, kind)


def _accuracy(panel: Any, row: PlannerRow) -> None:
    sweep = row.planner.alpha_sweep
    alphas = [point.alpha for point in sweep]
    panel.fill_between(
        alphas, [p.low for p in sweep], [p.high for p in sweep], color=COMBINED, alpha=0.15, lw=0
    )
    panel.plot(alphas, [p.accuracy for p in sweep], "o-", color=COMBINED, ms=4.5, label="combined")
    _lines(panel, _alone(row, "accuracy"))
    percent_axis(panel)
    zoom(panel, [*(p.low for p in sweep), *(m.value for m in _alone(row, "accuracy").values())])
    panel.set_ylabel("right answers, %")
    _alpha_axis(panel, row)


def _log_score(panel: Any, row: PlannerRow) -> None:
    sweep = row.planner.alpha_sweep
    values = [p.log_score for p in sweep]
    panel.plot([p.alpha for p in sweep], values, "o-", color=COMBINED, ms=4.5, label="combined")
    _lines(panel, _alone(row, "log_score"))
    panel.set_ylim(bottom=0)
    panel.margins(y=0.08)
    panel.set_ylabel("log score, nats (lower is better)")
    panel.grid(axis="y")
    _alpha_axis(panel, row)


def _alpha_axis(panel: Any, row: PlannerRow) -> None:
    """Alpha, with the one that the run's own scores are of marked."""
    panel.set_xlabel("alpha")
    own = row.planner.settings.get("alpha")
    if own is not None:
        panel.axvline(float(own), color=FAINT, linewidth=0.9, zorder=0, label="alpha of the run")


def _alone(row: PlannerRow, name: str) -> Mapping[str, Metric]:
    who = (*PARTS, OBSERVER, "exact")
    found = {part: row.score(f"{part}/{name}") for part in who}
    return {part: metric for part, metric in found.items() if metric}


def _lines(panel: Any, alone: Mapping[str, Metric]) -> None:
    for part, metric in alone.items():
        label, colour, dashes = ALONE[part]
        panel.axhline(metric.value, color=colour, linestyle=dashes, linewidth=1.3, label=label)


def _reliability(panel: Any, rows: Sequence[PlannerRow], policies: Sequence[str]) -> None:
    panel.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle="--", zorder=1)
    most = max(one.n for row in rows for one in row.planner.reliability)
    for row in rows:
        bins = row.planner.reliability
        colour, marker = style_of(policies.index(row.policy))
        held = [one.mean_probability for one in bins]
        right = [one.share for one in bins]
        areas = [SMALLEST + (LARGEST - SMALLEST) * one.n / most for one in bins]
        panel.plot(held, right, color=colour, linewidth=1.1, alpha=0.7, zorder=2)
        panel.scatter(
            held, right, s=areas, color=colour, marker=marker, alpha=0.75, linewidths=0,
            label=row.policy, zorder=3, clip_on=False,
        )  # fmt: skip
    ticks = ([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    panel.set_xticks(*ticks)
    panel.set_yticks(*ticks)
    panel.set_xlim(-0.03, 1.03)
    panel.set_ylim(-0.03, 1.03)
    panel.set_aspect("equal")
    panel.set_xlabel("P(a), %")
    panel.set_ylabel("(a) is right, %")
    panel.grid()
