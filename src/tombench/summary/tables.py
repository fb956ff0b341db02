"""Accuracy by model and prompting, beside the published table: CSV, Markdown, LaTeX, terminal."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tombench.datafile import EMBEDDED
from tombench.schema import Metric
from tombench.summary.collect import EvaluatedRun, promptings

HEADINGS = {"base": "Base", "sbs": "SbS", "cot": "CoT", "sbs_cot": "SbS+CoT"}


@dataclass(frozen=True)
class Row:
    """One model in the table: a value a prompting, None where it was not run."""

    model: str
    cells: tuple[Metric | float | None, ...]
    source: str  # "here", or where it was published


@dataclass(frozen=True)
class Table:
    """A table of models × promptings with what a reader must know of it."""

    title: str
    columns: tuple[str, ...]  # promptings
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def header(self) -> list[str]:
        return ["Model", "From", *(heading(name) for name in self.columns)]


def accuracy_table(task: str, runs: Sequence[EvaluatedRun]) -> Table:
    """Accuracies of one task's runs with intervals, then the study's printed table, if any."""
    reference = EMBEDDED / "reference" / f"{task}.json"
    published = json.loads(reference.read_text(encoding="utf-8")) if reference.is_file() else None
    labels, columns = row_labels(runs), promptings(runs)
    rows = []
    for label in dict.fromkeys(labels):
        mine = {r.prompting: r for r, own in zip(runs, labels, strict=True) if own == label}
        cells = (mine[c].metrics.get("accuracy") if c in mine else None for c in columns)
        rows.append(Row(label, tuple(cells), "here"))
    for row in published["rows"] if published else ():
        rows.append(Row(row["model"], tuple(row.get(name) for name in columns), "published"))
    notes = [*_baseline_note(runs), "[low, high]: 95 % interval over clusters (scenarios)."]
    if published:
        notes.append(f"published: {published['source']}; {published['averaged']}.")
        if any(run.variant.startswith("data=own ") for run in runs):
            notes.append(published["own_data"])
    return Table(f"{task}: accuracy by model and prompting", columns, tuple(rows), tuple(notes))


def heading(prompting: str) -> str:
    """A prompting's name as the study prints it."""
    return HEADINGS.get(prompting, prompting)


def row_labels(runs: Sequence[EvaluatedRun]) -> list[str]:
    """A row's label for each run: the model, and where its runs differ in data, wording or
    sampling, what differs."""
    labels = []
    for run in runs:
        others = [other.variant.split(" ") for other in runs if other.model == run.model]
        differing = [word for word in run.variant.split(" ") if not all(word in o for o in others)]
        if run.limit is not None:
            differing.append(f"first {run.limit} items")
        labels.append(f"{run.model} ({', '.join(differing)})" if differing else run.model)
    return labels


def markdown(table: Table) -> str:
    """The table as Markdown, its notes below."""
    lines = [f"**{table.title}**", "", "| " + " | ".join(table.header) + " |"]
    lines.append("|" + "---|" * 2 + "---:|" * len(table.columns))
    for row in table.rows:
        cells = [_escaped_markdown(row.model), row.source, *(cell_text(cell) for cell in row.cells)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", *(f"- {note}" for note in table.notes), ""])


def latex(table: Table) -> str:
    """The table as LaTeX with booktabs, ours and the published rows parted by a rule."""
    lines = [
        "% \\usepackage{booktabs}",
        "\\begin{tabular}{ll" + "r" * len(table.columns) + "}",
        "\\toprule",
        " & ".join(_escaped_latex(name) for name in table.header) + " \\\\",
        "\\midrule",
    ]
    for number, row in enumerate(table.rows):
        if number and row.source != table.rows[number - 1].source:
            lines.append("\\midrule")
        cells = [row.model, row.source, *(cell_text(cell) for cell in row.cells)]
        lines.append(" & ".join(_escaped_latex(cell) for cell in cells) + " \\\\")
    lines += ["\\bottomrule", "\\end{tabular}"]
    return "\n".join(lines + [f"% {' '.join(note.split())}" for note in table.notes]) + "\n"


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


def _escaped_markdown(text: str) -> str:
    for char, name in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("|", "&#124;"),
        ("[", "&#91;"),
        ("]", "&#93;"),
        ("`", "&#96;"),
    ):
        text = text.replace(char, name)
    return " ".join(text.split())


def _escaped_latex(text: str) -> str:
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {char: f"\\{char}" for char in "&%$#_{}"} | {"–": "--", "\n": " "}
    return "".join(special.get(char, char) for char in text)
