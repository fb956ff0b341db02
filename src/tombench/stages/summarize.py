"""stage=summarize: one report of finished runs, its tables and figures as files beside it.

tombench stage=summarize
tombench stage=summarize run=[outputs/eval/vignettes/tiny/v0001,outputs/eval/vignettes/tiny/v0002]
tombench stage=summarize experiment=boosting_table    ours beside theirs
tombench stage=summarize stage.check=true             are the runs still what they say?
"""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar

from omegaconf import DictConfig
from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench import __version__
from tombench.config import common
from tombench.provenance import facts
from tombench.records import RunFolder, open_run
from tombench.runs import RECORDS, read_run
from tombench.schema import STRICT
from tombench.spreadsheet import csv_text
from tombench.stages.check import check, checked_grid, refuse_differences
from tombench.summary.answers import Answers, read_answers
from tombench.summary.collect import EvaluatedRun, collect
from tombench.summary.columns import shelf
from tombench.summary.expected_grid import beside, beside_rows
from tombench.summary.grid import Grid, latex, markdown, show
from tombench.summary.pages import Table, TaskPage, task_pages
from tombench.summary.report.contents import Contents, Headline
from tombench.summary.report.gathered import cards_of, report_of
from tombench.summary.report.headlines import headline_csv, headline_grid, headlines
from tombench.summary.report.pairs import pairs
from tombench.summary.tidy import write_tidy
from tombench.writing import file_sha256

logger = logging.getLogger("tombench")

FEW = 12
"""Runs whose every table the terminal shows."""
REPORT = "report.html"


@checked(frozen=True, config=STRICT)
class Summarize:
    """Collect runs, write what they come to, and show the headline."""

    check: bool = False  # hash data, settings and weights again, and compute metrics anew
    tables: bool | None = None  # all in the terminal; null: of up to twelve runs
    report_megabytes: Annotated[float, Field(gt=0)] = 5.0  # what of the records has no room is told

    uses: ClassVar[tuple[str, ...]] = ("run",)

    def run(self, config: DictConfig) -> Path | None:
        named = common(config).run or []
        named = [named] if isinstance(named, str) else named
        published = config.get("expected") is not None
        runs = collect(named, Path(config.output_root) / "eval", any_number=published)
        if self.check:
            _tell_checks(runs)
        else:
            _warn_of_changes(runs)
        theirs = beside(config, runs)
        if not runs:
            _show_all(theirs)
            return None
        with ExitStack() as stack:
            parent = Path(config.output_root) / "summarize"
            folder = None
            if not config.dry_run:
                identity = self._identity(config, runs)
                folder = stack.enter_context(
                    open_run(parent, identity, facts(config), config.rerun)
                )
            fresh = folder is not None and not folder.finished
            aside = stack.enter_context(shelf()) if fresh else None
            told = _told(runs, read_answers(runs, aside), theirs)
            if fresh:
                _write(folder, told, [table for table in (_published(config, told),) if table])
                self._write_report(folder, told)
                folder.finish()
        self._show(told)
        if folder is None:
            return None
        print(f"tables:  {folder.path / 'tables'}")
        for figure in sorted((folder.path / "figures").glob("*.png")):
            print(f"figure:  {figure}")
        print(f"report:  {folder.path / REPORT}")
        return folder.path

    def _identity(self, config: DictConfig, runs: Sequence[EvaluatedRun]) -> dict[str, object]:
        return {
            "stage": "summarize",
            "version": __version__,
            "runs": [[str(run.folder.resolve()), run.identity_hash, run.ended] for run in runs],
            "beside": beside_rows(config, runs),
            "report_megabytes": self.report_megabytes,
        }

    def _write_report(self, folder: RunFolder, told: "Told") -> None:
        contents = Contents(
            made=f"tombench {__version__}",
            cards=cards_of(told.headline),
            headline=told.headline,
            pages=told.pages,
            pairs=pairs(told.runs, told.answers.scores),
            packed={},
            beside=told.beside,
        )
        budget = int(self.report_megabytes * 1e6)
        report, carried = report_of(contents, told.answers.columns, budget)
        folder.write(REPORT, report)
        if carried:
            print(f"{REPORT}: {carried}; stage.report_megabytes=… gives it more room")

    def _show(self, told: "Told") -> None:
        """The headline at the end, where a terminal stands still."""
        if self.tables or (self.tables is None and len(told.runs) <= FEW):
            for page in told.pages:
                _show_all(page.shown)
                for line in page.lines:
                    print(f"  {line}")
        _show_all(told.beside)
        show(headline_grid(told.headline))


@dataclass(frozen=True)
class Told:
    """All that is said of the runs."""

    runs: Sequence[EvaluatedRun]
    answers: Answers
    pages: Sequence[TaskPage]
    headline: Sequence[Headline]
    beside: Sequence[Grid]  # ours and the published, where an experiment is named


def _told(runs: Sequence[EvaluatedRun], answers: Answers, theirs: Sequence[Grid]) -> Told:
    pages = [_drawn_once(page) for page in task_pages(runs, answers.scores)]
    return Told(runs, answers, pages, headlines(runs, answers.scores), theirs)


def _drawn_once(page: TaskPage) -> TaskPage:
    """Figures are drawn for their files, and stand in the report."""
    return replace(page, figures=[figure.once() for figure in page.figures])


def _published(config: DictConfig, told: Told) -> Table | None:
    rows = beside_rows(config, told.runs)
    return Table("published", rows, told.beside) if rows else None


def _write(folder: RunFolder, told: Told, further: Sequence[Table]) -> None:
    """Every table as CSV, Markdown and LaTeX; every figure as PNG and SVG; records and metrics."""
    for line in write_tidy(folder, told.runs, told.answers.columns):
        print(line)
    grid = headline_grid(told.headline)
    own = Table("headline", headline_csv(told.headline), [grid])
    for table in (own, *further, *(table for page in told.pages for table in page.tables)):
        folder.write(f"tables/{table.name}.csv", csv_text(table.rows))
        folder.write(f"tables/{table.name}.md", markdown(*table.grids))
        folder.write(f"tables/{table.name}.tex", latex(*table.grids))
    for figure in (figure for page in told.pages for figure in page.figures):
        for kind in ("png", "svg"):
            if drawn := figure.draw(kind):
                folder.write(f"figures/{figure.name}.{kind}", drawn)


def _show_all(grids: Sequence[Grid]) -> None:
    for grid in grids:
        show(grid)


def _warn_of_changes(runs: Sequence[EvaluatedRun]) -> None:
    """Records that are not as their run left them: its metrics are of those, not of these."""
    for folder in dict.fromkeys(run.folder for run in runs):
        stored, path = read_run(folder).get("records_sha256"), folder / RECORDS
        if stored and (not path.exists() or file_sha256(path) != stored):
            logger.warning(
                "%s: changed since its run ended; the metrics are of the records before. "
                "stage.check=true tells what differs",
                path,
            )


def _tell_checks(runs: Sequence[EvaluatedRun]) -> None:
    """What still holds of each run.

    Raises:
        RunFailed: something differs.
    """
    found = check(runs)
    show(checked_grid(found))
    refuse_differences(found)
