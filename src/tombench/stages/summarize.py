"""stage=summarize: tables and figures of finished runs.

tombench stage=summarize
tombench stage=summarize run=[outputs/eval/vignettes/tiny/v0001,outputs/eval/vignettes/tiny/v0002]
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass as checked

from tombench import __version__
from tombench.config import common
from tombench.provenance import facts
from tombench.records import RunFolder, open_run
from tombench.schema import STRICT
from tombench.spreadsheet import csv_text
from tombench.summary.answers import Answers, read_answers, tidy_metrics
from tombench.summary.by_hand import hand_grid, hand_rows, scenario_grid, scenario_rows
from tombench.summary.collect import EvaluatedRun, collect
from tombench.summary.comparisons import Entry, Inference, infer
from tombench.summary.figures import accuracy_figure
from tombench.summary.games_report import GamesReport
from tombench.summary.grid import Grid, latex, markdown, show
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

ByTask = Mapping[str, Sequence[EvaluatedRun]]


@dataclass(frozen=True)
class Report:
    """One task's runs with their tests."""

    task: str
    entries: Sequence[Entry]
    tests: Inference

    @property
    def runs(self) -> list[EvaluatedRun]:
        return [entry.run for entry in self.entries]

    @property
    def labels(self) -> list[str]:
        return [entry.label for entry in self.entries]


@dataclass(frozen=True)
class Found:
    """All runs, by what is said of them."""

    reports: Sequence[Report]  # of runs that were put under promptings
    stories: ByTask
    planners: ByTask
    masked: ByTask
    games: Sequence[GamesReport]


@checked(frozen=True, config=STRICT)
class Summarize:
    """Collect runs, write what they come to, and show the headline."""

    uses: ClassVar[tuple[str, ...]] = ("run",)

    def run(self, config: DictConfig) -> Path | None:
        named = common(config).run or []
        named = [named] if isinstance(named, str) else named
        runs = collect(named, Path(config.output_root) / "eval")
        # a run under masks has a quarter of a million records; games have a table of cells
        read = [run for run in runs if not (run.sparsity or run.games)]
        answers = read_answers(read)
        kinds = (_by_task(runs, kind) for kind in ("stories", "planner", "sparsity"))
        games = [GamesReport(task, own) for task, own in _by_task(runs, "games").items()]
        found = Found(_reports(read, answers), *kinds, games)
        if config.dry_run:
            _show(found)
            return None
        identity = {
            "stage": "summarize",
            "version": __version__,
            "runs": [[str(run.folder), run.identity_hash, run.ended] for run in runs],
        }
        parent = Path(config.output_root) / "summarize"
        with open_run(parent, identity, facts(config), config.rerun) as folder:
            if not folder.finished:
                folder.write("tables/records.csv", csv_text(answers.rows))
                folder.write("tables/metrics.csv", csv_text(tidy_metrics(runs)))
                _write(folder, found)
                folder.finish()
        _show(found)
        print(f"tables:  {folder.path / 'tables'}")
        for figure in sorted((folder.path / "figures").glob("*.png")):
            print(f"figure:  {figure}")
        return folder.path


def _reports(runs: Sequence[EvaluatedRun], answers: Answers) -> list[Report]:
    """Of each task the runs that were put under promptings."""
    reports = []
    prompted = [n for n, run in enumerate(runs) if not (run.stories or run.planner)]
    for task in dict.fromkeys(runs[place].task for place in prompted):
        places = [place for place in prompted if runs[place].task == task]
        own = [runs[place] for place in places]
        entries = [
            Entry(label, run, answers.scores[place])
            for label, run, place in zip(row_labels(own), own, places, strict=True)
        ]
        reports.append(Report(task, entries, infer(entries)))
    return reports


def _by_task(runs: Sequence[EvaluatedRun], kind: str) -> ByTask:
    """Of each task the runs of story suites, of planners, under masks, or of games."""
    found: dict[str, list[EvaluatedRun]] = {}
    for run in runs:
        if getattr(run, kind):
            found.setdefault(run.task, []).append(run)
    return found


def _write(folder: RunFolder, found: Found) -> None:
    for report in found.reports:
        for name, (rows, grids) in _tables(report).items():
            _write_table(folder, f"{name}_{report.task}", rows, grids)
        _write_figure(folder, f"accuracy_{report.task}", partial(accuracy_figure, report.runs))
    for task, runs in found.stories.items():
        _write_table(folder, f"stories_{task}", story_csv(runs), [story_grid(task, runs)])
        _write_figure(folder, f"stories_{task}", partial(stories_figure, runs))
    for task, runs in found.planners.items():
        for name, (rows, grids) in planner_tables(task, runs).items():
            _write_table(folder, name, rows, grids)
        for name, drawn in planner_figures(task, runs).items():
            _write_figure(folder, name, drawn)
        if story := example(runs):
            _write_figure(folder, f"episode_{task}", example_figure(story))
    for task, runs in found.masked.items():
        for name, (rows, grids) in sparsity_tables(task, runs).items():
            _write_table(folder, name, rows, grids)
        for name, drawn in sparsity_figures(task, runs).items():
            _write_figure(folder, name, drawn)
    for games in found.games:
        for name, (rows, grids) in games.tables().items():
            _write_table(folder, name, rows, grids)
        for name, drawn in games.figures().items():
            _write_figure(folder, name, drawn)


def _write_figure(folder: RunFolder, name: str, drawn: Callable[[str], bytes | None]) -> None:
    for kind in ("png", "svg"):
        if figure := drawn(kind):
            folder.write(f"figures/{name}.{kind}", figure)


def _write_table(
    folder: RunFolder, name: str, rows: Sequence[Mapping[str, Any]], grids: Sequence[Grid]
) -> None:
    folder.write(f"tables/{name}.csv", csv_text(rows))
    folder.write(f"tables/{name}.md", markdown(*grids))
    folder.write(f"tables/{name}.tex", latex(*grids))


def _tables(report: Report) -> dict[str, tuple[list[dict[str, Any]], list[Grid]]]:
    """Rows for the CSV and what is shown, by the name of the table; those that have any row."""
    task, tests = report.task, report.tests
    accuracy = accuracy_table(task, report.runs)
    compared = [prompting_grid(task, tests), *([model_grid(task, tests)] if tests.models else [])]
    by_hand = hand_grid(task, report.runs, report.labels)
    scenes = scenario_grid(task, report.runs, report.labels)
    tables = {
        "accuracy": (csv_rows(accuracy), [accuracy.grid]),
        "tests": (comparison_rows(tests), compared),
        "bias": (bias_rows(tests.biases), [bias_grid(task, tests.biases)]),
        "wording": (wording_rows(report.entries), [wording_grid(task, report.entries)]),
        "hand_counts": (hand_rows(report.runs, report.labels), [by_hand]),
        SCENARIOS: (scenario_rows(report.runs, report.labels), [scenes]),
    }
    return {name: table for name, table in tables.items() if table[0] or name == "tests"}


def _show(found: Found) -> None:
    """Each task's tables, with what is needed to read every score."""
    for report in found.reports:
        for name, (_, grids) in _tables(report).items():
            for grid in grids if name != SCENARIOS else ():
                if len(grid.rows) > SHOWN and grid.header[0] == "Prompting":
                    print(f"  {grid.title}: {len(grid.rows)} comparisons, in tables/tests_*.md\n")
                elif grid.rows:
                    show(grid)
                elif grid.notes:
                    print("\n".join(f"  {note}" for note in grid.notes) + "\n")
            if name == "accuracy":
                show(details_grid(report.runs))
    for task, runs in found.stories.items():
        for grid in story_grids(task, runs):
            show(grid)
    for task, runs in found.planners.items():
        for grid in planner_shown(task, runs):
            show(grid)
    for task, runs in found.masked.items():
        for grid in sparsity_shown(task, runs):
            show(grid)
    for games in found.games:
        for grid in games.shown():
            show(grid)
        for line in games.untold():
            print(f"  {line}")
