"""The posterior of an episode's figure: P(a) step by step, and what was possible at each."""

import math
from dataclasses import dataclass
from functools import cached_property

from tombench.planning.episode import Place
from tombench.summary.planner_apartment import BODY, BOLD, HEAD, A, B, pill
from tombench.summary.planner_episode import Step, Watched
from tombench.summary.timeline_marks import (
    FAINT,
    PALE,
    TEXT,
    Box,
    Sheet,
    depth,
    text_width,
    wrapped,
)

COLUMN = 0.92  # inches; how wide a step is at least
ROW, ROOM_GAP, DOT = 0.165, 0.06, 0.045  # of the dots: row, between rooms, radius
APART = 0.085  # from a step's middle to either dot
CURVE = 1.15  # how high the curve is at least
EVEN, MOST = 1.05, 999
"""Likelihood ratios below the first tell nothing; above the second they are not told exactly."""


@dataclass(frozen=True)
class Chart:
    """The lower half of the figure as it is set."""

    story: Watched
    width: float

    @cached_property
    def labels(self) -> float:
        """How wide the names of hypotheses and places are."""
        rooms = max((text_width(r, BODY) for r, _ in self.rooms), default=0.0)
        names = [text_width(p.name, BODY) for _, own in self.rooms for p in own]
        return max(1.75, rooms + max(names, default=0.0) + 0.4)

    @property
    def column(self) -> float:
        return (self.width - self.labels) / (len(self.story.steps) + 1)

    @property
    def rooms(self) -> list[tuple[str, list[Place]]]:
        """Places by room."""
        episode = self.story.episode
        names = dict.fromkeys((*episode.rooms, *(place.room for place in episode.places)))
        by_room = [(name, [p for p in episode.places if p.room == name]) for name in names]
        return [(name, own) for name, own in by_room if own]

    @cached_property
    def options(self) -> list[list[str]]:
        """Both hypotheses in lines."""
        told = zip("ab", self.story.options, strict=True)
        return [wrapped(f"({n}) {text}", (self.labels - 0.2) / BOLD, HEAD) for n, text in told]

    @cached_property
    def actions(self) -> list[list[str]]:
        """What is done, in lines."""
        return [wrapped(step.action, self.column - 0.1, BODY) for step in self.story.steps]

    @cached_property
    def curve(self) -> float:
        """How high the curve is: either half has room for its hypothesis."""
        return max(CURVE, 2 * (max(depth(len(lines), HEAD) for lines in self.options) + 0.08))

    @property
    def acts(self) -> float:
        """How high the row of actions is."""
        return 0.24 + depth(max((len(lines) for lines in self.actions), default=1), BODY)

    @property
    def dots(self) -> float:
        return sum(len(own) * ROW + ROOM_GAP for _, own in self.rooms)

    @property
    def height(self) -> float:
        """In inches."""
        return self.curve + 0.1 + 2 * ROW + self.acts + 0.3 + self.dots

    @property
    def least(self) -> float:
        """How wide the chart must be for its longest word."""
        words = (word for step in self.story.steps for word in step.action.split(" "))
        column = max([COLUMN, *(text_width(word, BODY) + 0.1 for word in words)])
        return self.labels + column * (len(self.story.steps) + 1)

    def middle(self, number: int) -> float:
        """Where a step stands, from the chart's left; 0: before any."""
        return self.labels + (number + 0.5) * self.column


def draw_posterior(sheet: Sheet, chart: Chart, top: float, left: float) -> None:
    """The curve, its numbers, what was done, and what was possible."""
    _draw_curve(sheet, chart, top, left)
    y = top + chart.curve + 0.1
    _draw_numbers(sheet, chart, y, left)
    _draw_actions(sheet, chart, y + 2 * ROW + 0.04, left)
    _draw_possible(sheet, chart, y + 2 * ROW + chart.acts + 0.3, left)


def evidence(log_likelihoods: tuple[float, float]) -> str:
    """What an action says by its log-likelihoods in nats: "49 : 1 for (a)"."""
    a, b = log_likelihoods
    if math.isnan(a - b) or abs(a - b) < math.log(EVEN):
        return "nothing"
    option = "a" if a > b else "b"
    if abs(a - b) > math.log(MOST):
        return f"> {MOST} : 1 for ({option})"
    ratio = math.exp(abs(a - b))
    return f"{ratio:.0f} : 1 for ({option})" if ratio >= 10 else f"{ratio:.1f} : 1 for ({option})"


def _draw_curve(sheet: Sheet, chart: Chart, top: float, left: float) -> None:
    x, half = left + chart.labels, chart.curve / 2
    wide = chart.width - chart.labels
    for ink, y, lines in ((A, top, chart.options[0]), (B, top + half, chart.options[1])):
        sheet.rectangle(Box(x, y, wide, half), facecolor=ink, alpha=0.09)
        start = y + (half - depth(len(lines), HEAD)) / 2
        sheet.column(left, start, lines, HEAD, color=ink, weight="bold")
    for share, name in ((1.0, "1"), (0.5, "½"), (0.0, "0")):
        y = top + (1 - share) * chart.curve
        sheet.line((x, y), (x + wide, y), linestyle="--" if share == 0.5 else "-")
        sheet.write(x - 0.05, y, name, BODY, color=FAINT, ha="right")
    sheet.write(x + 0.05, top + 0.1, "P(a)", BODY, color=FAINT)
    values = [chart.story.prior_a, *(step.probability_a for step in chart.story.steps)]
    xs = [left + chart.middle(number) for number in range(len(values))]
    ys = [top + (1 - value) * chart.curve for value in values]
    sheet.axes.plot(xs, ys, color=TEXT, linewidth=1.6, zorder=2.2)
    for x, y, value in zip(xs, ys, values, strict=True):
        ink = TEXT if value == 0.5 else A if value > 0.5 else B
        style = {"markersize": 7, "markeredgecolor": "white", "markeredgewidth": 0.8}
        sheet.axes.plot([x], [y], "o", color=ink, zorder=3, clip_on=False, **style)


def _draw_numbers(sheet: Sheet, chart: Chart, top: float, left: float) -> None:
    values = [chart.story.prior_a, *(step.probability_a for step in chart.story.steps)]
    said = ["", *(evidence(step.log_likelihoods) for step in chart.story.steps)]
    for row, (name, cells, weight) in enumerate(
        (
            ("P(a) after the step", [f"{value:.3f}" for value in values], "bold"),
            ("the step says", said, "normal"),
        )
    ):
        y = top + (row + 0.5) * ROW
        sheet.write(left, y, name, BODY, color=FAINT)
        for number, text in enumerate(cells):
            sheet.write(left + chart.middle(number), y, text, BODY, ha="center", weight=weight)


def _draw_actions(sheet: Sheet, chart: Chart, top: float, left: float) -> None:
    """Numbers as in the apartment, and what is done."""
    y = top + 0.1
    sheet.write(left, y, chart.story.episode.person, HEAD, weight="bold")
    sheet.write(left + chart.middle(0), y, "before", BODY, color=FAINT, ha="center")
    for number, lines in enumerate(chart.actions, 1):
        x = left + chart.middle(number)
        pill(sheet, (x, y), str(number))
        sheet.column(x, y + 0.11, lines, BODY, ha="center")


def _draw_possible(sheet: Sheet, chart: Chart, top: float, left: float) -> None:
    """Where the goal may be when a step is decided: a dot a place and hypothesis."""
    _draw_legend(sheet, left, top - 0.12)
    sheet.line((left, top - 0.03), (left + chart.width, top - 0.03))
    y = top
    for name, places in chart.rooms:
        y += ROOM_GAP / 2
        sheet.write(left, y + ROW / 2, name, BODY, color=FAINT)
        for place in places:
            right = left + chart.labels - 0.1
            sheet.write(right, y + ROW / 2, place.name, BODY, ha="right")
            for number, step in enumerate(chart.story.steps, 1):
                _draw_pair(sheet, (left + chart.middle(number), y + ROW / 2), step, place)
            y += ROW
        y += ROOM_GAP / 2
        sheet.line((left, y), (left + chart.width, y), color=PALE)


def _draw_pair(sheet: Sheet, middle: tuple[float, float], step: Step, place: Place) -> None:
    """The two dots of a place at a step; framed where the step leads there."""
    from matplotlib.patches import Circle

    x, y = middle
    if step.place == place:
        frame = Box(x - 0.2, y - ROW / 2 + 0.005, 0.4, ROW - 0.01)
        sheet.rectangle(frame, facecolor="none", edgecolor=TEXT, linewidth=1.0)
    for ink, shift, possible in zip((A, B), (-APART, APART), step.possible, strict=True):
        known = place in possible
        face, edge = (ink, ink) if known else ("white", "#d5d5d5")
        style = {"facecolor": face, "edgecolor": edge, "linewidth": 0.7, "zorder": 2}
        sheet.axes.add_patch(Circle((x + shift, y), DOT, **style))


def _draw_legend(sheet: Sheet, left: float, y: float) -> None:
    """What dots and frames mean, in one line."""
    from matplotlib.patches import Circle

    told = "where the goal may be before each step:"
    sheet.write(left, y, told, BODY, color=FAINT)
    x = left + text_width(told, BODY) + 0.14
    for ink, text in ((A, "if (a)"), (B, "if (b)")):
        sheet.axes.add_patch(Circle((x, y), DOT, facecolor=ink, edgecolor=ink))
        sheet.write(x + 0.08, y, text, BODY, color=FAINT)
        x += 0.08 + text_width(text, BODY) + 0.18
    frame = Box(x - 0.04, y - 0.055, 0.2, 0.11)
    sheet.rectangle(frame, facecolor="none", edgecolor=TEXT, linewidth=1.0)
    sheet.write(x + 0.22, y, "where the step leads", BODY, color=FAINT)
