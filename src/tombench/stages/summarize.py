"""stage=summarize: tables and figures of finished runs.

tombench stage=summarize
tombench stage=summarize run=[outputs/eval/vignettes/tiny/v0001,outputs/eval/vignettes/tiny/v0002]
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass as checked

from tombench import __version__
from tombench.config import common
from tombench.provenance import facts
from tombench.records import RunFolder, open_run
from tombench.schema import STRICT
from tombench.summary.collect import EvaluatedRun, collect, tidy_metrics, tidy_records
from tombench.summary.figures import accuracy_figure
from tombench.summary.tables import (
    Table,
    accuracy_table,
    cell_text,
    csv_rows,
    interval_text,
    latex,
    markdown,
)
from tombench.terminal import print_table

DETAILS = {
    "accuracy": "accuracy",
    "forced_choice_accuracy": "forced choice",
    "unparsed": "unparsed",
    "yes_bias": "yes bias",
}


@checked(frozen=True, config=STRICT)
class Summarize:
    """Collect runs, write what they come to, and show the headline."""

    uses: ClassVar[tuple[str, ...]] = ("run",)

    def run(self, config: DictConfig) -> Path | None:
        named = common(config).run or []
        named = [named] if isinstance(named, str) else named
        runs = collect(named, Path(config.output_root) / "eval")
        table = accuracy_table(runs)
        if config.dry_run:
            _show(runs, table)
            return None
        identity = {
            "stage": "summarize",
            "version": __version__,
            "runs": [[str(run.folder), run.identity_hash, run.ended] for run in runs],
        }
        parent = Path(config.output_root) / "summarize"
        with open_run(parent, identity, facts(config), config.rerun) as folder:
            if not folder.finished:
                _write(folder, runs, table)
        _show(runs, table)
        print(f"tables:  {folder.path / 'tables'}")
        print(f"figure:  {folder.path / 'figures' / 'accuracy.png'}")
        return folder.path


def _write(folder: RunFolder, runs: Sequence[EvaluatedRun], table: Table) -> None:
    tables = folder.path / "tables"
    tables.mkdir(exist_ok=True)
    _csv(folder, "records", tidy_records(runs))
    _csv(folder, "metrics", tidy_metrics(runs))
    _csv(folder, "accuracy", csv_rows(table))
    folder.write("tables/accuracy.md", markdown(table))
    folder.write("tables/accuracy.tex", latex(table))
    for ending in ("png", "svg"):
        accuracy_figure(runs, folder.path / "figures" / f"accuracy.{ending}")
    folder.finish()


def _csv(folder: RunFolder, name: str, rows: Sequence[dict[str, Any]]) -> None:
    from pandas import DataFrame

    folder.write(f"tables/{name}.csv", DataFrame(rows).to_csv(index=False))


def _show(runs: Sequence[EvaluatedRun], table: Table) -> None:
    """The table of models × promptings, then every run with what is needed to read its score."""
    rows = [[row.model, row.source, *(cell_text(cell) for cell in row.cells)] for row in table.rows]
    print_table(table.title, table.header, rows)
    header = ["Model", "Prompting", *DETAILS.values(), "answers", "scenarios"]
    details = [
        [
            run.model,
            run.prompting,
            *(interval_text(run.metrics.get(name)) for name in DETAILS),
            str(run.metrics["accuracy"].n),
            str(run.metrics["accuracy"].clusters),
        ]
        for run in runs
    ]
    print_table("Beside each score", header, details)
    for note in table.notes:
        print(f"  {note}")
    print()
