"""Scores and perplexity against the share of masked weights, control masks beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from tombench.summary.figures import (
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
)
from tombench.summary.sparsity import Masked
from tombench.summary.sparsity_tables import BOTH

STUDIED, GENERAL = "the mask that is studied", "by general text alone"
NULLS = {
    "random": ("random masks: mean, 95 % of them", "#8c8c8c", "-"),
    "matched": ("magnitude-matched masks: mean, 95 % of them", GREEN, ":"),
}
NO_MIND = 0.75
"""Share of cells that one gets who always says what is so."""


@dataclass(frozen=True)
class Curve:
    """A panel: a level that effects are added to."""

    title: str
    measure: str
    scale: str
    base: float  # the unmasked model's level; 0: the change itself is shown
    axis: str
    percent: bool = False
    exponential: bool = False  # of a logarithm


@styled
def sweep_figure(run: Masked, label: str, kind: str) -> bytes | None:
    """Six panels by m; None of a run without masks.

    Bars are 95 % intervals of the difference to the unmasked model, items paired.
    """
    curves = _curves(run)
    if not curves:
        return None
    drawn = len(curves) + bool(run.study)
    columns = min(3, drawn)
    lines = -(-drawn // columns)
    figure = canvas(3.7 * columns, 2.75 * lines + 1.15)
    panels = list(figure.subplots(lines, columns, squeeze=False).flat)
    for panel, curve in zip(panels, curves, strict=False):
        _draw(panel, run, curve)
    if run.study:
        _study(panels[len(curves)], run)
    for panel in panels[drawn:]:
        panel.set_visible(False)
    legend(figure, columns=2)
    title = f"{label}: a share m of the weights masked; 95 % intervals of the change"
    figure.suptitle(title)
    return file_of(figure, kind)


def _curves(run: Masked) -> list[Curve]:
    """Those that the run has effects of."""
    belief = run.level("0", "false_belief_accuracy")
    text = run.level("0", "perplexity")
    right, nats = "right answers, %", "nats"
    possible = [
        Curve(
            "False belief", "false_belief", "accuracy", belief.value if belief else 0.0, right, True
        ),
        Curve("Change: false belief − controls", "selective", "accuracy", 0.0, "share of answers"),
        Curve(
            "Perplexity",
            "log_perplexity",
            "nats",
            text.value if text else 1.0,
            "perplexity",
            exponential=True,
        ),
        Curve("Change of the margin: false belief", "false_belief", "margin", 0.0, nats),
        Curve("Change of the margin:\nfalse belief − controls", "selective", "margin", 0.0, nats),
    ]
    measured = {(effect.measure, effect.scale) for effect in run.effects}
    return [curve for curve in possible if (curve.measure, curve.scale) in measured]


def _draw(panel: Any, run: Masked, curve: Curve) -> None:
    base = _level(curve, 0.0)
    for kind, (label, colour, line) in NULLS.items():
        found = [(float(m), run.null(kind, m, curve.measure, curve.scale)) for m in run.points]
        known = [(0.0, (base, base, base))] + [
            (m, tuple(_level(curve, x) for x in (null.mean, null.low, null.high)))
            for m, null in found
            if null
        ]
        if len(known) > 1:
            places = [m for m, _ in known]
            mean, low, high = zip(*(values for _, values in known), strict=True)
            if kind == "random":
                panel.fill_between(places, low, high, color=colour, alpha=0.25, lw=0, zorder=1)
            else:  # a second area would hide the first
                for edge in (low, high):
                    panel.plot(places, edge, color=colour, ls=line, lw=0.8, zorder=2)
            panel.plot(places, mean, color=colour, ls=line, lw=1.3, label=label, zorder=2)
    panel.axhline(base, color=FAINT, lw=0.9, zorder=0)
    _line(panel, run, curve, "general", (GENERAL, ORANGE, "--"))
    _line(panel, run, curve, "tom", (STUDIED, BLUE, "-"))
    if curve.percent:
        percent_axis(panel)
    _frame(panel, curve.title, curve.axis)


def _line(panel: Any, run: Masked, curve: Curve, mask: str, style: tuple[str, str, str]) -> None:
    """A swept mask; the studied one with its intervals."""
    found = [run.effect(mask, m, curve.measure, curve.scale) for m in run.grid]
    known = [effect for effect in found if effect]
    if not known:
        return
    label, colour, line = style
    places = [0.0, *(float(effect.m) for effect in known)]
    values = [_level(curve, 0.0), *(_level(curve, effect.value) for effect in known)]
    panel.plot(places, values, color=colour, ls=line, lw=1.5, label=label, zorder=4)
    if mask == "tom":
        for effect in known:
            if effect.low is not None and effect.high is not None:
                ends = [_level(curve, effect.low), _level(curve, effect.high)]
                panel.plot([float(effect.m)] * 2, ends, color=colour, lw=0.9, alpha=0.7, zorder=3)


def _level(curve: Curve, effect: float) -> float:
    return curve.base * exp(effect) if curve.exponential else curve.base + effect


def _study(panel: Any, run: Masked) -> None:
    """The study's score, and the cells of it that need theory of mind, of drawn answers."""
    places = [float(row["m"]) for row in run.study]
    score = [_share(row.get(BOTH)) for row in run.study]
    cells = [_false_belief(row) for row in run.study]
    panel.plot(
        places, score, color=BLUE, lw=1.5, marker="o", ms=3, label="the study's score: all cells"
    )
    panel.plot(
        places, cells, color=PURPLE, lw=1.5, marker="D", ms=3,
        label="its false-belief cells alone",
    )  # fmt: skip
    panel.axhline(
        NO_MIND, color=GREY, ls="--", lw=1, label="study's score of who always says what is so"
    )
    percent_axis(panel)
    _frame(panel, "Drawn answers: contents and transfer", "right cells, %")


def _share(percent: float | None) -> float:
    return float("nan") if percent is None else percent / 100


def _false_belief(row: Any) -> float:
    named = [f"{name}_false_belief" for name in ("contents", "transfer")]
    there = [name for name in named if f"{name}_cells" in row]
    cells = sum(row[f"{name}_cells"] for name in there)
    return sum(row[f"{name}_total_mean"] for name in there) / cells if cells else float("nan")


def _frame(panel: Any, title: str, axis: str) -> None:
    panel.set_title(title)
    panel.set_xlabel("m: share of masked weights")
    panel.set_ylabel(axis)
    panel.locator_params(axis="x", nbins=6)
    panel.grid(axis="y")


@styled
def stability_figure(runs: Sequence[tuple[str, Masked]], kind: str) -> bytes | None:
    """Jaccard index of the masks by either half of the samples; None where it was not measured."""
    told = [(label, run.mechanism.stability) for label, run in runs if run.mechanism]
    told = [(label, points) for label, points in told if points]
    if not told:
        return None
    figure = canvas(5.6, 3.5)
    panel = figure.subplots()
    for number, (label, points) in enumerate(told):
        (colour, marker), places = style_of(number), [float(point.m) for point in points]
        told_at = [point.jaccard for point in points]
        panel.plot(places, told_at, marker, ls="-", ms=3.5, color=colour, label=label)
        panel.plot(
            places, [p.chance for p in points], ":", color=colour, label=f"{label}: by chance"
        )
    panel.set_ylim(-0.03, 1.03)
    _frame(panel, "Masks by either half of the samples: do they agree?", "Jaccard index")
    legend(figure, columns=2)
    return file_of(figure, kind)
