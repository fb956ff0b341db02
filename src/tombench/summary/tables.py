"""Accuracy by model and prompting, beside the published table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tombench.datafile import EMBEDDED
from tombench.schema import Metric
from tombench.summary.behind import behind_metric, behind_run, placed
from tombench.summary.collect import EvaluatedRun, promptings
from tombench.summary.grid import Behind, Grid

DETAILS = {
    "accuracy": "accuracy",
    "forced_choice_accuracy": "forced choice",
    "unparsed": "unparsed",
    "yes_bias": "yes bias",
    "agreement/judge_rules": "agrees with the rules",
    "kappa/judge_rules": "kappa",
}
DETAIL_NOTES = (
    "[low, high]: 95 % interval over clusters. n: answers; clusters: the scenarios, or whatever is "
    "independent, that they are of. unparsed: answers from which no verdict could be read; they "
    "count as wrong.",
    "forced choice: the more probable of yes and no after the prompt. yes bias: accuracy where yes "
    "is right less accuracy where no is. agrees with the rules, kappa: a judge's verdicts beside "
    "those of our rules.",
)
HEADINGS = {"base": "Base", "sbs": "SbS", "cot": "CoT", "sbs_cot": "SbS+CoT"}


@dataclass(frozen=True)
class Row:
    """One model in the table: a value a prompting, None where it was not run."""

    model: str
    cells: tuple[Metric | float | None, ...]
    source: str  # "here", or where it was published
    behind: tuple[Behind | None, ...] = ()  # of each cell its records, where they are known


@dataclass(frozen=True)
class Table:
    """A table of models × promptings with what a reader must know of it."""

    title: str
    columns: tuple[str, ...]  # promptings
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def grid(self) -> Grid:
        """As it is shown, ours and the published rows parted by a rule."""
        header = ("Model", "From", *(heading(name) for name in self.columns))
        rows = [
            (row.model, row.source, *(cell_text(cell) for cell in row.cells)) for row in self.rows
        ]
        sources = [row.source for row in self.rows]
        parted = (n for n in range(1, len(rows)) if sources[n] != sources[n - 1])
        behind = placed({2 + n: found for n, found in enumerate(row.behind)} for row in self.rows)
        return Grid(self.title, header, tuple(rows), self.notes, frozenset(parted), behind)


def accuracy_table(task: str, runs: Sequence[EvaluatedRun]) -> Table:
    """Accuracies of one task's runs with intervals, then the study's printed table, if any."""
    reference = EMBEDDED / "reference" / f"{task}.json"
    published = json.loads(reference.read_text(encoding="utf-8")) if reference.is_file() else None
    labels, columns = row_labels(runs), promptings(runs)
    rows = []
    for label in dict.fromkeys(labels):
        mine = {r.prompting: r for r, own in zip(runs, labels, strict=True) if own == label}
        own = [mine.get(name) for name in columns]
        cells = tuple(run.metrics.get("accuracy") if run else None for run in own)
        behind = tuple(behind_metric(run, "accuracy") if run else None for run in own)
        rows.append(Row(label, cells, "here", behind))
    for row in published["rows"] if published else ():
        rows.append(Row(row["model"], tuple(row.get(name) for name in columns), "published"))
    notes = [*_baseline_note(runs), "[low, high]: 95 % interval over clusters (scenarios)."]
    if published:
        notes.append(f"published: {published['source']}; {published['averaged']}.")
        own = dict.fromkeys(
            label
            for run, label in zip(runs, labels, strict=True)
            if run.variant.startswith("data=own ")
        )
        if own:
            whose = "" if len(own) == len(set(labels)) else f"{', '.join(own)}: "
            notes.append(whose + published["own_data"])
    return Table(f"{task}: accuracy by model and prompting", columns, tuple(rows), tuple(notes))


def details_grid(runs: Sequence[EvaluatedRun]) -> Grid:
    """Beside each run's score what is needed to read it."""
    shown = [name for name in DETAILS if any(name in run.metrics for run in runs)]
    rows = [
        (
            label,
            run.prompting,
            *(interval_text(run.metrics.get(name)) for name in shown),
            *_sizes(run),
        )
        for label, run in zip(row_labels(runs), runs, strict=True)
    ]
    header = ("Model", "Prompting", *(DETAILS[name] for name in shown), "n", "clusters")
    behind = placed(
        {-1: behind_run(run)} | {2 + n: behind_metric(run, name) for n, name in enumerate(shown)}
        for run in runs
    )
    return Grid("Beside each score", header, tuple(rows), DETAIL_NOTES, behind=behind)


def heading(prompting: str) -> str:
    """A prompting's name as the study prints it."""
    return HEADINGS.get(prompting, prompting)


def row_labels(runs: Sequence[EvaluatedRun]) -> list[str]:
    """A row's label for each run: the model, and where its runs differ in data, wording or
    sampling, what differs."""
    labels = []
    for run in runs:
        words = differing(run, runs)
        if run.limit is not None:
            words.append(f"first {run.limit} items")
        labels.append(f"{run.model} ({', '.join(words)})" if words else run.model)
    return labels


def differing(run: EvaluatedRun, runs: Sequence[EvaluatedRun]) -> list[str]:
    """The words of a run's variant that not all runs of its model share."""
    others = [other.variant.split(" ") for other in runs if other.model == run.model]
    return [word for word in run.variant.split(" ") if not all(word in o for o in others)]


def csv_rows(table: Table) -> list[dict[str, object]]:
    """The table in long form: a row a cell, with interval, n and clusters where they are known."""
    return [
        {
            "model": row.model,
            "source": row.source,
            "prompting": prompting,
            "accuracy": cell.value if isinstance(cell, Metric) else cell,
            "low": getattr(cell, "low", None),
            "high": getattr(cell, "high", None),
            "n": getattr(cell, "n", None),
            "clusters": getattr(cell, "clusters", None),
        }
        for row in table.rows
        for prompting, cell in zip(table.columns, row.cells, strict=True)
        if cell is not None
    ]


def cell_text(cell: Metric | float | None) -> str:
    """ "0.51 [0.38, 0.64]", "0.51" where no interval is known, "–" where it was not run."""
    if cell is None:
        return "–"
    if isinstance(cell, Metric):
        return interval_text(cell)
    return f"{cell:.2f}"


def interval_text(metric: Metric | None) -> str:
    """A value with its interval, two digits."""
    if metric is None:
        return "–"
    return f"{metric.value:.2f} [{metric.low:.2f}, {metric.high:.2f}]"


def _baseline_note(runs: Sequence[EvaluatedRun]) -> list[str]:
    """What constant answers score, of a task that says so; a line or none."""
    said = []
    for answer in ("yes", "no"):
        found = [run.metrics.get(f"baseline/always_{answer}") for run in runs]
        values = sorted({f"{metric.value:.2f}" for metric in found if metric})
        if values:
            said.append(f"who always says {answer} gets {' or '.join(values)}")
    return [f"{', '.join(said).capitalize()}."] if said else []


def _sizes(run: EvaluatedRun) -> list[str]:
    first = run.metrics.get("accuracy") or next(iter(run.metrics.values()), None)
    return [str(first.n), str(first.clusters)] if first else ["–", "–"]
