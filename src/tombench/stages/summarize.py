"""stage=summarize: tables, figures and one report of finished runs.

tombench stage=summarize
tombench stage=summarize run=[outputs/eval/vignettes/tiny/v0001,outputs/eval/vignettes/tiny/v0002]
"""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass as checked

from tombench import __version__
from tombench.config import common
from tombench.provenance import facts
from tombench.records import RunFolder, open_run
from tombench.schema import STRICT
from tombench.spreadsheet import csv_text
from tombench.summary.answers import read_answers, tidy_metrics
from tombench.summary.collect import collect
from tombench.summary.grid import latex, markdown, show
from tombench.summary.pages import TaskPage, task_pages


@checked(frozen=True, config=STRICT)
class Summarize:
    """Collect runs, write what they come to, and show the headline."""

    uses: ClassVar[tuple[str, ...]] = ("run",)

    def run(self, config: DictConfig) -> Path | None:
        named = common(config).run or []
        named = [named] if isinstance(named, str) else named
        runs = collect(named, Path(config.output_root) / "eval")
        # a run under masks has a quarter of a million records; games have a table of cells
        read = [n for n, run in enumerate(runs) if not (run.sparsity or run.games)]
        answers = read_answers([runs[n] for n in read])
        scores = dict(zip(read, answers.scores, strict=True))
        pages = list(task_pages(runs, [scores.get(n) for n in range(len(runs))]))
        if config.dry_run:
            _show(pages)
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
                _write(folder, pages)
                folder.finish()
        _show(pages)
        print(f"tables:  {folder.path / 'tables'}")
        for figure in sorted((folder.path / "figures").glob("*.png")):
            print(f"figure:  {figure}")
        return folder.path


def _write(folder: RunFolder, pages: Sequence[TaskPage]) -> None:
    """Every table as CSV, Markdown and LaTeX; every figure as PNG and SVG."""
    for page in pages:
        for table in page.tables:
            folder.write(f"tables/{table.name}.csv", csv_text(table.rows))
            folder.write(f"tables/{table.name}.md", markdown(*table.grids))
            folder.write(f"tables/{table.name}.tex", latex(*table.grids))
        for figure in page.figures:
            for kind in ("png", "svg"):
                if drawn := figure.draw(kind):
                    folder.write(f"figures/{figure.name}.{kind}", drawn)


def _show(pages: Sequence[TaskPage]) -> None:
    """Each task's tables, with what is needed to read every score."""
    for page in pages:
        for grid in page.shown:
            show(grid)
        for line in page.lines:
            print(f"  {line}")
