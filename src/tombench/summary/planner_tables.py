"""Planner runs by question type: accuracies in percent, published rows below."""

from collections.abc import Iterable, Sequence
from typing import Any

from tombench.schema import Metric
from tombench.summary.behind import placed
from tombench.summary.grid import Grid
from tombench.summary.planner_published import (
    AVERAGES,
    NOTE_COMPUTED,
    PublishedRow,
    published_table,
)
from tombench.summary.planner_rows import PlannerRow, parted

FAMILIES = {"belief_accuracy": "belief", "goal_accuracy": "goal"}
AVERAGE_COLUMNS = {"accuracy": "all", "accuracy_macro": "macro"}
"""Metrics, and the published table's names of them."""
FURTHER = {"accuracy_strict": "strict", "ties": "ties", "unparsed": "unparsed"}
READ = ("text", "multimodal")
"""Modalities of the published rows that stand below ours; video alone is read by none of ours."""
NOTES = (
    "Right answers in percent with their 95 % interval over episodes; a tie is half a point, and "
    "nothing in the column strict. all (micro): over the questions; macro: the unweighted mean of "
    "the types; belief, goal: types 1 and 2.",
    "ties: questions whose options came out equally probable; unparsed: those that a model could "
    "not be asked.",
)


def percent(metric: Metric | None) -> str:
    """ "97.6 [93, 99]": percent with its interval; –: there is none."""
    if metric is None:
        return "–"
    return f"{100 * metric.value:.1f} [{100 * metric.low:.0f}, {100 * metric.high:.0f}]"


def type_grids(task: str, rows: Sequence[PlannerRow]) -> list[Grid]:
    """For a terminal: averages, then type by type; graded controls in tables of their own."""
    grids = []
    for own, what in _kinds(rows):
        averages = [*FAMILIES, *AVERAGE_COLUMNS, *FURTHER]
        grids.append(_grid(f"{task}: right answers{what}, %", own, averages, NOTES))
        grids.append(_grid(f"{task}: by type{what}, %", own, _types(own), ()))
    return grids


def whole_grids(task: str, rows: Sequence[PlannerRow]) -> list[Grid]:
    """The same for files: types, averages and the rest in one table."""
    return [
        _grid(
            f"{task}: right answers{what}, %",
            own,
            [*_types(own), *FAMILIES, *AVERAGE_COLUMNS, *FURTHER],
            NOTES,
        )
        for own, what in _kinds(rows)
    ]


def planner_csv(rows: Sequence[PlannerRow]) -> list[dict[str, Any]]:
    """All metrics of all rows in long form, unrounded: of the whole run, and of each level."""
    return [line for row in rows for line in _lines(row)]


def _kinds(rows: Sequence[PlannerRow]) -> list[tuple[list[PlannerRow], str]]:
    """Rows on the seven types, and rows on graded controls alone, with how they are called."""
    seven = [row for row in rows if row.planner.seven]
    graded = [row for row in rows if not row.planner.seven]
    return [(own, what) for own, what in ((seven, ""), (graded, ", graded controls")) if own]


def _types(rows: Iterable[PlannerRow]) -> list[str]:
    return sorted({name for row in rows for name in row.planner.types})


def _grid(
    title: str, rows: Sequence[PlannerRow], columns: Sequence[str], notes: Sequence[str]
) -> Grid:
    """Ours, and below them what is published of the same types."""
    cells = [(*r.names, *(percent(r.score(c)) for c in columns), *_sizes(r)) for r in rows]
    behind = placed(
        {-1: row.behind()} | {2 + n: row.behind(name) for n, name in enumerate(columns)}
        for row in rows
    )
    rules = set(parted(rows))
    if rows[0].planner.seven:
        table = published_table()
        below = [row for row in table.rows if row.modality in READ]
        rules.add(len(cells))
        cells += [_published(row, columns) for row in below if _tells(row, columns)]
        notes = (*notes, NOTE_COMPUTED, *table.notes) if notes else ()
    named = FAMILIES | AVERAGE_COLUMNS | FURTHER | {"accuracy": AVERAGES["all"]}
    header = ("Policy", "Questions", *(named.get(name, name) for name in columns), "n", "episodes")
    return Grid(title, header, tuple(cells), tuple(notes), frozenset(rules), behind)


def _published(row: PublishedRow, columns: Sequence[str]) -> tuple[str, ...]:
    own = FAMILIES | AVERAGE_COLUMNS
    how = f"published ({row.averaged})"
    return (row.name, how, *(row.text(own.get(name, name)) for name in columns), "–", "–")


def _tells(row: PublishedRow, columns: Sequence[str]) -> bool:
    """Some source tells no types."""
    return any(name in row.scores or name in AVERAGE_COLUMNS for name in columns)


def _sizes(row: PlannerRow) -> tuple[str, str]:
    return str(row.size.n), str(row.size.clusters)


def _lines(row: PlannerRow) -> Iterable[dict[str, Any]]:
    whole = {"": {"": row.run.metrics}}
    for factor, levels in (whole | dict(row.planner.groups)).items():
        for level, metrics in levels.items():
            for name, metric in metrics.items():
                yield {
                    "policy": row.policy,
                    "questions": row.questions,
                    "factor": factor,
                    "level": level,
                    "metric": name,
                    "value": metric.value,
                    "low": metric.low,
                    "high": metric.high,
                    "n": metric.n,
                    "clusters": metric.clusters,
                    "run": str(row.run.folder),
                }
