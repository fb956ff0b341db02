"""Figures, one style: colour-blind safe, readable in print and in grey, every axis named."""

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache, wraps
from io import BytesIO
from typing import Any, ParamSpec, TypeVar

from tombench.schema import Metric

# Okabe & Ito (2008), "Color universal design"
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
AMBER, SKY, BLACK = "#E69F00", "#56B4E9", "#000000"
GREY, FAINT, SHADE = "#333333", "#bdbdbd", "#f1f1f1"  # lines; what stands behind; grounds
SERIES = (BLUE, ORANGE, GREEN, PURPLE, AMBER, SKY, BLACK)
MARKERS = ("o", "D", "s", "^", "v", "P")
"""Of one thing each, beside its colour."""
MOST_TOLD_APART = len(SERIES) * len(MARKERS)
"""Seven colours and six markers have no common divisor, so so many differ in one or the other."""
HATCHES = ("", "////", "....")
"""Of bars, for prints without colour."""
SHARES, CHANGES, SIGNED = "Blues", "RdBu_r", "cividis"
"""Colour maps of shares; of what may be above or below nothing, where numbers are written on it;
and where none are: its greys rise from end to end."""
SMALL = 8  # points, of names that stand close

_BESIDE: ContextVar[dict[str, bytes] | None] = ContextVar("beside", default=None)
"""Where `file_of` puts the PNG of what it makes an SVG of, as laid out for that."""

P, R = ParamSpec("P"), TypeVar("R")

STYLE: Mapping[str, Any] = {
    **{"font.family": "DejaVu Sans", "font.size": 9, "figure.titlesize": 11},
    **{"axes.titlesize": 9.5, "axes.labelsize": 9, "axes.axisbelow": True},
    **{"xtick.labelsize": 8.5, "ytick.labelsize": 8.5},
    **{"axes.spines.top": False, "axes.spines.right": False},
    **{"grid.color": "#e4e4e4", "grid.linewidth": 0.8, "hatch.linewidth": 0.6},
    **{"legend.fontsize": 8.5, "legend.frameon": False},
    **{"savefig.dpi": 200, "svg.hashsalt": "tombench"},
}
"""matplotlib's settings for every figure; the salt makes the names in an SVG the same each time."""


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """A function that draws in this style, whatever the user's own settings are."""

    @wraps(draw)
    def drawn(*args: P.args, **named: P.kwargs) -> R:
        from matplotlib import style

        with style.context(["default", dict(STYLE)]):
            return draw(*args, **named)

    return drawn


@dataclass(frozen=True)
class Figure:
    """A figure: its name without an ending, and how to draw it as png or svg (None: nothing)."""

    name: str
    draw: Callable[[str], bytes | None]
    alt: str  # what a reader who cannot see it should know

    def once(self) -> "Figure":
        """The same figure, drawn once for both kinds when it is first asked for."""
        files = cache(self._files)
        return replace(self, draw=lambda kind: files().get(kind))

    def _files(self) -> dict[str, bytes]:
        beside: dict[str, bytes] = {}
        token = _BESIDE.set(beside)
        try:
            svg = self.draw("svg")
        finally:
            _BESIDE.reset(token)
        return {"svg": svg, **beside} if svg else {}


def style_of(number: int) -> tuple[str, str]:
    """Colour and marker of the n-th of the things that a figure compares."""
    return SERIES[number % len(SERIES)], MARKERS[number % len(MARKERS)]


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
    )


def file_of(figure: Any, kind: str, title: str = "") -> bytes:
    """The figure as a PNG or SVG file, the same bytes each time.

    Args:
        title: that an SVG tells; "" for the figure's own heading.
    """
    drawn = _saved(figure, kind, title)
    if (beside := _BESIDE.get()) is not None and kind == "svg":
        figure.set_layout_engine("none")  # half of the time goes into the layout
        beside["png"] = _saved(figure, "png", title)
    return drawn


def _saved(figure: Any, kind: str, title: str) -> bytes:
    from matplotlib import rc_context

    told = title or figure.get_suptitle() or next((a.get_title() for a in figure.axes), "")
    facts = {"Title": " ".join(told.split())} | ({"Date": None} if kind == "svg" else {})
    drawn = BytesIO()
    with rc_context({key: STYLE[key] for key in ("savefig.dpi", "svg.hashsalt")}):
        figure.savefig(drawn, format=kind, metadata=facts)
    return drawn.getvalue()


def percent_axis(panel: Any) -> None:
    """Shares of right answers, from 0 to 100 %; named in the first column of panels."""
    panel.set_ylim(-0.03, 1.03)
    panel.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    if panel.get_subplotspec().is_first_col():
        panel.set_ylabel("right answers, %")
    panel.grid(axis="y")


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
