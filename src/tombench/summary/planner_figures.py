"""Figures of planner runs: right answers by type and by world, models side by side."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tombench.schema import Metric
from tombench.summary.figures import (
    FAINT,
    GREY,
    SHADE,
    canvas,
    file_of,
    legend,
    percent_axis,
    points,
    style_of,
    styled,
    wrapped,
)
from tombench.summary.planner import HOME
from tombench.summary.planner_published import PublishedRow, published_table
from tombench.summary.planner_rows import PlannerRow
from tombench.summary.planner_tables import AVERAGE_COLUMNS, FAMILIES

SPREAD = 0.6  # the width that the models' points take
GAP = 0.6  # between the types and the averages
PUBLISHED = (  # method, modality, how its marks are drawn
    ("human", "multimodal", {"linestyles": "-"}),
    ("human", "text", {"linestyles": ":"}),
    ("scaled planner", "multimodal", {"linestyles": "--"}),
)
CHANCE = 0.5
HALF = 0.42  # of a published mark's width

Score = Callable[[PlannerRow, str], Metric | None]


@styled
def types_figure(rows: Sequence[PlannerRow], kind: str) -> bytes:
    """A panel for the runs on the same questions: types, belief, goal and both averages."""
    groups = by_questions(rows)
    figure = canvas(8.6, 2.5 * len(groups) + 1.0 + 0.2 * -(-len(_policies(rows)) // 2))
    panels = figure.subplots(len(groups), 1, squeeze=False).flat
    for panel, (questions, own) in zip(panels, groups.items(), strict=True):
        places = _type_places(own)
        _models(panel, own, places, _policies(rows), PlannerRow.score)
        if own[0].planner.seven:
            for method, modality, style in PUBLISHED:
                _marks(panel, published_table().row(method, modality), places, style)
        shown = [score for row in own for name in places if (score := row.score(name))]
        zoom(panel, [*(score.low for score in shown), *_lowest_published(own[0])])
        _title(panel, f"{questions}: {own[0].size.n} questions")
    return _finished(figure, "Right answers by type, 95 % intervals over episodes", kind)


@styled
def worlds_figure(rows: Sequence[PlannerRow], kind: str) -> bytes | None:
    """A panel for the runs on the same questions: home, then every other world; None: there is
    no other."""
    groups = by_questions([row for row in rows if row.planner.themes not in ((), ("home",))])
    if not groups:
        return None
    figure = canvas(8.6, 2.6 * len(groups) + 1.0 + 0.2 * -(-len(_policies(rows)) // 2))
    panels = figure.subplots(len(groups), 1, squeeze=False).flat
    for panel, (questions, own) in zip(panels, groups.items(), strict=True):
        names = ("home", *sorted({t for row in own for t in row.planner.themes} - {"home"}))
        places = {name: float(number) + GAP * (number > 0) for number, name in enumerate(names)}
        _models(panel, own, places, _policies(rows), _of_world)
        if own[0].planner.seven:
            _worlds_published(panel, places)
        panel.set_xticks([*places.values()], [_world(own, n) for n in names])
        panel.axvspan(-0.5, 0.5, color=SHADE, zorder=0)
        _title(panel, questions)
    title = "Right answers by world (means of the types), 95 % intervals over episodes"
    return _finished(figure, title, kind)


def _world(rows: Sequence[PlannerRow], theme: str) -> str:
    """A world's name; one that some policy was trained on is not unseen."""
    seen = theme != HOME and any(row.planner.trained_on(theme) for row in rows)
    return theme.replace("_", "\n") + ("\n(trained on)" if seen else "")


def by_questions(rows: Sequence[PlannerRow]) -> Mapping[str, list[PlannerRow]]:
    """Rows that answered the same questions together."""
    groups: dict[str, list[PlannerRow]] = {}
    for row in rows:
        groups.setdefault(row.questions, []).append(row)
    return groups


def zoom(panel: Any, lowest: Sequence[float]) -> None:
    """Only what is better than chance, where all is."""
    if min(lowest) > CHANCE:
        panel.set_ylim(CHANCE - 0.02, 1.02)


def _lowest_published(row: PlannerRow) -> list[float]:
    """The least share that a published mark of the seven types stands at."""
    if not row.planner.seven:
        return []
    rows = [published_table().row(method, modality) for method, modality, _ in PUBLISHED]
    return [min(one.scores.values()) / 100 for one in rows]


def _policies(rows: Sequence[PlannerRow]) -> list[str]:
    return list(dict.fromkeys(row.policy for row in rows))


def _models(
    panel: Any,
    rows: Sequence[PlannerRow],
    places: Mapping[str, float],
    policies: Sequence[str],
    score: Score,
) -> None:
    """Points with intervals, the models beside each other at each place; the axis below them."""
    for number, row in enumerate(rows):
        shift = SPREAD * ((number + 0.5) / len(rows) - 0.5)
        scores = ((place + shift, score(row, name)) for name, place in places.items())
        found = [(place, metric) for place, metric in scores if metric]
        points(panel, found, row.policy, *style_of(policies.index(row.policy)))
    names = FAMILIES | {"accuracy": "all\n(micro)", "accuracy_macro": "macro"}
    panel.set_xticks([*places.values()], [names.get(n, n) for n in places])
    panel.set_xlim(-0.6, max(places.values()) + 0.6)
    panel.axhline(CHANCE, color=FAINT, linewidth=0.9, zorder=1)
    percent_axis(panel)
    panel.grid(axis="x", visible=False)


def _type_places(rows: Sequence[PlannerRow]) -> dict[str, float]:
    """Types, then belief and goal, then the averages, those that the rows have."""
    types = sorted({name for row in rows for name in row.planner.types})
    places: dict[str, float] = {}
    last = -1.0
    for group in (types, [*FAMILIES], [*AVERAGE_COLUMNS]):
        there = [name for name in group if any(row.score(name) for row in rows)]
        start = last + 1 + (GAP if places else 0)
        places |= {name: start + number for number, name in enumerate(there)}
        last = max(places.values(), default=-1.0)
    return places


def _of_world(row: PlannerRow, theme: str) -> Metric | None:
    return row.planner.at("theme", theme, "accuracy_macro")


def _marks(
    panel: Any, row: PublishedRow, places: Mapping[str, float], style: Mapping[str, str]
) -> None:
    """What a published row got, across each place; of averages those of its own types."""
    named = FAMILIES | AVERAGE_COLUMNS
    values = {**row.scores, **row.computed}
    found = [(places[name], values.get(named.get(name, name))) for name in places]
    _dashes(
        panel, [(x, y / 100) for x, y in found if y is not None], f"published: {row.name}", style
    )


def _worlds_published(panel: Any, places: Mapping[str, float]) -> None:
    """The scaled planner in the study's worlds, at its largest size."""
    table = published_table()
    home = table.row("scaled planner", "multimodal")
    largest = [home, *(row for row in table.worlds if row.size == home.size)]
    found = [(places[row.theme], row.printed / 100) for row in largest if row.theme in places]
    _dashes(panel, found, f"published: {home.name}", {"linestyles": "--"})


def _dashes(
    panel: Any, found: Sequence[tuple[float, float]], label: str, style: Mapping[str, str]
) -> None:
    panel.hlines(
        [value for _, value in found],
        [place - HALF for place, _ in found],
        [place + HALF for place, _ in found],
        colors=GREY,
        linewidth=1.2,
        zorder=2,
        label=label,
        **style,
    )


def _title(panel: Any, text: str) -> None:
    panel.set_title(wrapped(text, 90))


def _finished(figure: Any, title: str, kind: str) -> bytes:
    legend(figure, columns=2)
    figure.suptitle(title)
    return file_of(figure, kind)
