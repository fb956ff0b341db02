"""Where masked weights lie, and what they do to attention: maps by layer."""

from typing import Any

import numpy as np

from tombench.summary.figures import (
    BLUE,
    FAINT,
    GREY,
    HATCHES,
    ORANGE,
    SHARES,
    SIGNED,
    SMALL,
    canvas,
    file_of,
    legend,
    styled,
)
from tombench.summary.sparsity_mechanism import KINDS, Mechanism, Sheet

NUMBERED = 16  # layers that are all written out
NAMED = 9  # columns of a map that are
WHEN = {"before": "unmasked", "after": "masked"}
COLOURS = {"before": GREY, "after": ORANGE}
MARKS = {"before": "o", "after": "D"}
PARTS = ("query", "key", "value", "output")


@styled
def weights_figure(found: Mechanism, label: str, kind: str) -> bytes:
    """Masked share by layer and matrix, and the rank of what is masked, by matrix."""
    figure = canvas(9.4, _height(found.weights) + 0.6)
    left, right = figure.subplots(1, 2, width_ratios=[1.25, 1])
    _map(left, found.weights, "masked share of a matrix, %", scale=100)
    left.set_title("Masked share by layer and matrix")
    left.set_xlabel("matrix")
    left.tick_params(axis="x", rotation=35)
    _ranks(right, found)
    figure.suptitle(f"{label}: where the masked weights lie, m = {found.m}")
    return file_of(figure, kind)


@styled
def heads_figure(found: Mechanism, label: str, kind: str) -> bytes | None:
    """Masked share by head, and by frequency of the rotary embedding; None without heads."""
    sheets = [(f"{part}: heads", "head", found.heads.get(part)) for part in PARTS]
    sheets += [
        (f"{part}: frequencies", "rotary pair, fast to slow", found.frequencies.get(part))
        for part in PARTS[:2]
    ]
    known = [(title, axis, sheet) for title, axis, sheet in sheets if sheet and sheet.values.size]
    if not known:
        return None
    columns = min(3, len(known))
    lines = -(-len(known) // columns)
    figure = canvas(3.5 * columns, _height(known[0][2]) * lines + 0.5)
    panels = list(figure.subplots(lines, columns, squeeze=False).flat)
    for panel, (title, axis, sheet) in zip(panels, known, strict=False):
        _map(panel, sheet, "masked share, %", scale=100)
        panel.set_title(title)
        panel.set_xlabel(axis)
    for panel in panels[len(known) :]:
        panel.set_visible(False)
    figure.suptitle(f"{label}: masked weights of attention, m = {found.m}")
    return file_of(figure, kind)


@styled
def norms_figure(found: Mechanism, label: str, kind: str) -> bytes | None:
    """Norms of queries and keys by frequency, and how the mask changes them; None without a
    rotary embedding."""
    if not all(before.values.size for before, _ in found.norms.values()):
        return None
    figure = canvas(9.0, 2 * _height(next(iter(found.norms.values()))[0]) + 0.5)
    panels = figure.subplots(2, 2, squeeze=False)
    for (left, right), (part, (before, after)) in zip(panels, found.norms.items(), strict=True):
        _map(left, before, "mean norm")
        left.set_title(f"{part}: unmasked")
        change = Sheet(before.layers, before.columns, after.values / before.values - 1)
        reach = max(1e-9, float(np.nanmax(np.abs(change.values))))
        _map(right, change, "change, %", scale=100, reach=reach)
        right.set_title(f"{part}: under the mask")
        for panel in (left, right):
            panel.set_xlabel("rotary pair, fast to slow")
    title = f"{label}: norms by frequency, mean over heads and tokens, m = {found.m}"
    figure.suptitle(title)
    return file_of(figure, kind)


@styled
def sinks_figure(found: Mechanism, label: str, kind: str) -> bytes | None:
    """By layer: attention on the first token, sinks that shift, the angle to its key."""
    if not found.shifts:
        return None
    figure = canvas(10.2, 3.7)
    mass, shifted, angle = figure.subplots(1, 3)
    layers = [shift.layer for shift in found.shifts]
    for name, when in WHEN.items():
        values = [getattr(shift, name) for shift in found.shifts]
        mark, colour = MARKS[name], COLOURS[name]
        mass.plot(layers, values, mark, ls="-.", lw=1, ms=3.5, color=colour, label=when)
    mass.set_ylim(-0.03, 1.03)
    _frame(mass, "Attention on the first token", "mean over heads and texts")
    _shifted(shifted, found)
    for rotation, line in (("before", ":"), ("after", "-")):
        for sheet, (name, when) in zip(found.angles[rotation], WHEN.items(), strict=True):
            if sheet.values.size:
                means = np.nanmean(sheet.values, axis=1)
                told = f"{when}, {rotation} rotation"
                style = {"color": COLOURS[name], "marker": MARKS[name], "ms": 3, "lw": 1.5}
                angle.plot(sheet.layers, means, ls=line, label=told, **style)
    angle.axhline(90, color=FAINT, lw=0.9, zorder=0)
    _frame(angle, "Angle of queries to the first token's key", "degrees, mean over heads")
    for panel in (mass, shifted, angle):
        panel.locator_params(axis="x", integer=True)
    legend(figure, columns=3)
    title = f"{label}: attention sinks, m = {found.m}, {found.texts} stories"
    figure.suptitle(title)
    return file_of(figure, kind)


def _shifted(panel: Any, found: Mechanism) -> None:
    """The share of a layer's sinks that shift; of few layers how many sinks there are."""
    few = len(found.shifts) <= NUMBERED
    for shift in found.shifts:
        percent = 100 * shift.shifted / shift.sinks if shift.sinks else 0.0
        panel.bar(shift.layer, percent, color=BLUE, alpha=0.75)
        if few:
            place = (shift.layer, percent)
            panel.annotate(str(shift.sinks), place, ha="center", va="bottom", fontsize=SMALL)
    panel.set_ylim(0, 108)
    axis = "% of sinks (their number above)" if few else "% of sinks"
    _frame(panel, f"Sinks that shift by more than {found.thresholds['shift']:g}", axis)


def _ranks(panel: Any, found: Mechanism) -> None:
    """Numerical rank of the masked part of a matrix beside the most that it could be."""
    known = [kind for kind in found.kinds if kind.rank is not None and kind.bound is not None]
    places = np.arange(len(known))
    panel.bar(places - 0.2, [k.rank for k in known], 0.4, color=BLUE, label="numerical rank")
    panel.bar(
        places + 0.2, [k.bound for k in known], 0.4, color=FAINT, hatch=HATCHES[1],
        edgecolor="white", linewidth=0,
        label="most it could be: rows or columns touched",
    )  # fmt: skip
    panel.set_xticks(places, [_short(k.kind) for k in known], rotation=35)
    _frame(panel, "Rank of the masked part", "mean over layers")
    panel.set_xlabel("matrix")
    panel.set_ylim(0, 1.3 * max([k.bound for k in known], default=1))  # room for the legend
    panel.legend(loc="upper left", fontsize=SMALL)


def _map(
    panel: Any, sheet: Sheet, told: str, scale: float = 1.0, reach: float | None = None
) -> None:
    """A heat map; `reach`: colours run from −reach to reach."""
    values = scale * sheet.values
    ends = (-scale * reach, scale * reach) if reach else (0.0, float(np.nanmax(values)) or 1.0)
    cmap = SIGNED if reach else SHARES
    drawn = panel.imshow(
        values, aspect="auto", cmap=cmap, vmin=ends[0], vmax=ends[1], interpolation="nearest"
    )
    bar = panel.figure.colorbar(drawn, ax=panel, pad=0.02)
    bar.set_label(told)
    bar.ax.tick_params(labelsize=SMALL)
    _ticks(panel.set_xticks, [_short(name) for name in sheet.columns], NAMED)
    _ticks(panel.set_yticks, list(map(str, sheet.layers)), NUMBERED)
    panel.set_ylabel("layer")


def _ticks(put: Any, names: list[str], most: int) -> None:
    """All of few names, each so manieth of many."""
    step = max(1, -(-len(names) // most))
    put(range(0, len(names), step), names[::step], fontsize=SMALL)


def _short(kind: str) -> str:
    return kind.removesuffix("_proj") if kind in KINDS else kind


def _height(sheet: Sheet) -> float:
    """Inches: a layer takes a line, but a map of few layers is no stripe."""
    return min(6.0, max(2.6, 0.8 + 0.2 * len(sheet.layers)))


def _frame(panel: Any, title: str, axis: str) -> None:
    panel.set_title(title)
    panel.set_xlabel("layer")
    panel.set_ylabel(axis)
    panel.grid(axis="y")
