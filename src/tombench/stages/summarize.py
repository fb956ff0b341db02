"""stage=summarize: tables and figures of finished runs.

tombench stage=summarize
tombench stage=summarize run=[outputs/eval/vignettes/tiny/v0001,outputs/eval/vignettes/tiny/v0002]
"""

from collections.abc import Mapping, Sequence
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
    accuracy_table,
    cell_text,
    csv_rows,
    interval_text,
    latex,
    markdown,
    row_labels,
)
from tombench.terminal import print_table

ByTask = Mapping[str, Sequence[EvaluatedRun]]

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
        by_task = {task: [r for r in runs if r.task == task] for task in {r.task: 0 for r in runs}}
        if config.dry_run:
            _show(by_task)
            return None
        identity = {
            "stage": "summarize",
            "version": __version__,
            "runs": [[str(run.folder), run.identity_hash, run.ended] for run in runs],
        }
        parent = Path(config.output_root) / "summarize"
        with open_run(parent, identity, facts(config), config.rerun) as folder:
            if not folder.finished:
                _write(folder, runs, by_task)
        _show(by_task)
        print(f"tables:  {folder.path / 'tables'}")
        for task in by_task:
            print(f"figure:  {folder.path / 'figures' / f'accuracy_{task}.png'}")
        return folder.path


def _write(folder: RunFolder, runs: Sequence[EvaluatedRun], by_task: ByTask) -> None:
    _csv(folder, "records", tidy_records(runs))
    _csv(folder, "metrics", tidy_metrics(runs))
    for task, own in by_task.items():
        table = accuracy_table(task, own)
        _csv(folder, f"accuracy_{task}", csv_rows(table))
        folder.write(f"tables/accuracy_{task}.md", markdown(table))
        folder.write(f"tables/accuracy_{task}.tex", latex(table))
        for ending in ("png", "svg"):
            folder.write(f"figures/accuracy_{task}.{ending}", accuracy_figure(own, ending))
    folder.finish()


def _csv(folder: RunFolder, name: str, rows: Sequence[dict[str, Any]]) -> None:
    from pandas import DataFrame

    folder.write(f"tables/{name}.csv", DataFrame(rows).to_csv(index=False))


def _show(by_task: ByTask) -> None:
    """Each task's table, then every run with what is needed to read its score."""
    for task, runs in by_task.items():
        table = accuracy_table(task, runs)
        rows = [
            [row.model, row.source, *(cell_text(cell) for cell in row.cells)] for row in table.rows
        ]
        print_table(table.title, table.header, rows)
        shown = [name for name in DETAILS if any(name in run.metrics for run in runs)]
        header = ["Model", "Prompting", *(DETAILS[name] for name in shown), "n", "clusters"]
        details = [
            [label, run.prompting, *_values(run, shown), *_sizes(run)]
            for label, run in zip(row_labels(runs), runs, strict=True)
        ]
        print_table("Beside each score", header, details)
        for note in table.notes:
            print(f"  {note}")
        print()


def _values(run: EvaluatedRun, names: Sequence[str]) -> list[str]:
    return [interval_text(run.metrics.get(name)) for name in names]


def _sizes(run: EvaluatedRun) -> list[str]:
    first = run.metrics.get("accuracy") or next(iter(run.metrics.values()), None)
    return [str(first.n), str(first.clusters)] if first else ["–", "–"]
