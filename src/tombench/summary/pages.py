"""What the summary says of each task: tables, figures, and what a terminal shows of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tombench.summary.accuracy_figure import accuracy_figure
from tombench.summary.alt_texts import accuracy_alt, stories_alt
from tombench.summary.answers import ItemScores
from tombench.summary.by_hand import hand_grid, hand_rows, scenario_grid, scenario_rows
from tombench.summary.collect import EvaluatedRun
from tombench.summary.comparisons import Entry, infer
from tombench.summary.figures import Figure
from tombench.summary.games_report import GamesReport
from tombench.summary.grid import Grid
from tombench.summary.planner_report import (
    example,
    example_figure,
    planner_figures,
    planner_shown,
    planner_tables,
)
from tombench.summary.significance import (
    bias_grid,
    bias_rows,
    comparison_rows,
    model_grid,
    prompting_grid,
)
from tombench.summary.sparsity_report import sparsity_figures, sparsity_shown, sparsity_tables
from tombench.summary.stories import story_csv, story_grid, story_grids
from tombench.summary.story_figure import stories_figure
from tombench.summary.tables import accuracy_table, csv_rows, details_grid, row_labels
from tombench.summary.wording import wording_grid, wording_rows

SHOWN = 12  # rows of model against model in the terminal; all stand in the files
SCENARIOS = "hand_counts_scenarios"  # in the files alone; the terminal tells the worst


@dataclass(frozen=True)
class Table:
    """A table as files: its name without an ending, rows of the CSV, and what is shown."""

    name: str
    rows: Sequence[Mapping[str, Any]]
    grids: Sequence[Grid]


@dataclass(frozen=True)
class TaskPage:
    """All that is said of one kind of a task's runs."""

    task: str
    title: str
    runs: Sequence[EvaluatedRun]
    tables: Sequence[Table]
    figures: Sequence[Figure]
    shown: Sequence[Grid]  # in the terminal
    lines: Sequence[str] = ()  # and below them


def task_pages(
    runs: Sequence[EvaluatedRun], scores: Sequence[ItemScores | None]
) -> Iterator[TaskPage]:
    """One page for each task's runs under promptings, of stories, planners, masks and games.

    Args:
        runs: as `collect` gives them.
        scores: one a run; None of runs under masks and of games.
    """
    apart = ("stories", "planner", "sparsity", "games")
    prompted = [n for n, run in enumerate(runs) if not any(getattr(run, kind) for kind in apart)]
    for task in dict.fromkeys(runs[place].task for place in prompted):
        places = [place for place in prompted if runs[place].task == task]
        own = [runs[place] for place in places]
        yield _prompted(task, own, [scores[place] for place in places])
    for task, own in _by_task(runs, "stories"):
        yield _stories(task, own)
    for task, own in _by_task(runs, "planner"):
        yield _planners(task, own)
    for task, own in _by_task(runs, "sparsity"):
        yield _masked(task, own)
    for task, own in _by_task(runs, "games"):
        yield _games(task, own)


def _by_task(runs: Sequence[EvaluatedRun], kind: str) -> Iterator[tuple[str, list[EvaluatedRun]]]:
    """Of each task the runs of story suites, of planners, under masks, or of games."""
    found: dict[str, list[EvaluatedRun]] = {}
    for run in runs:
        if getattr(run, kind):
            found.setdefault(run.task, []).append(run)
    yield from found.items()


def _prompted(task: str, runs: Sequence[EvaluatedRun], scores: Sequence[ItemScores]) -> TaskPage:
    labels = row_labels(runs)
    entries = [Entry(*each) for each in zip(labels, runs, scores, strict=True)]
    tests = infer(entries)
    accuracy = accuracy_table(task, runs)
    compared = [prompting_grid(task, tests), *([model_grid(task, tests)] if tests.models else [])]
    tables = [
        Table("accuracy", csv_rows(accuracy), [accuracy.grid]),
        Table("tests", comparison_rows(tests), compared),
        Table("bias", bias_rows(tests.biases), [bias_grid(task, tests.biases, entries)]),
        Table("wording", wording_rows(entries), [wording_grid(task, entries)]),
        Table("hand_counts", hand_rows(runs, labels), [hand_grid(task, runs, labels)]),
        Table(SCENARIOS, scenario_rows(runs, labels), [scenario_grid(task, runs, labels)]),
    ]
    tables = [table for table in tables if table.rows or table.name == "tests"]
    shown, lines = [], []
    for table in tables:
        for grid in table.grids if table.name != SCENARIOS else ():
            if len(grid.rows) > SHOWN and grid.header[0] == "Prompting":
                lines.append(f"{grid.title}: {len(grid.rows)} comparisons, in tables/tests_*.md")
            elif grid.rows:
                shown.append(grid)
            else:
                lines += grid.notes
        if table.name == "accuracy":
            shown.append(details_grid(runs))
    named = [Table(f"{table.name}_{task}", table.rows, table.grids) for table in tables]
    figure = Figure(f"accuracy_{task}", partial(accuracy_figure, runs), accuracy_alt(runs))
    return TaskPage(
        task, f"{task}: right answers under each prompting", runs, named, [figure], shown, lines
    )


def _stories(task: str, runs: Sequence[EvaluatedRun]) -> TaskPage:
    table = Table(f"stories_{task}", story_csv(runs), [story_grid(task, runs)])
    figure = Figure(f"stories_{task}", partial(stories_figure, runs), stories_alt(runs))
    return TaskPage(
        task,
        f"{task}: stories about false beliefs",
        runs,
        [table],
        [figure],
        story_grids(task, runs),
    )


def _planners(task: str, runs: Sequence[EvaluatedRun]) -> TaskPage:
    figures = planner_figures(task, runs)
    if story := example(runs):
        figures.append(example_figure(f"episode_{task}", story))
    tables, shown = _tables(planner_tables(task, runs)), planner_shown(task, runs)
    return TaskPage(
        task, f"{task}: goals and beliefs inferred from actions", runs, tables, figures, shown
    )


def _masked(task: str, runs: Sequence[EvaluatedRun]) -> TaskPage:
    tables, figures = _tables(sparsity_tables(task, runs)), sparsity_figures(task, runs)
    return TaskPage(
        task,
        f"{task}: what masked weights change",
        runs,
        tables,
        figures,
        sparsity_shown(task, runs),
    )


def _games(task: str, runs: Sequence[EvaluatedRun]) -> TaskPage:
    report = GamesReport(task, runs)
    tables, figures = _tables(report.tables()), report.figures()
    return TaskPage(
        task, f"{task}: choices in games", runs, tables, figures, report.shown(), report.untold()
    )


def _tables(named: Mapping[str, tuple[Sequence[Mapping[str, Any]], Sequence[Grid]]]) -> list[Table]:
    return [Table(name, rows, grids) for name, (rows, grids) in named.items()]
