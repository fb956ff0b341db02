"""stage=summarize experiment=NAME: ours beside theirs as it is shown, and as rows of a CSV."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from omegaconf import DictConfig

from tombench.schema import Metric
from tombench.summary.collect import EvaluatedRun
from tombench.summary.expected import Cell, Expected
from tombench.summary.expected_beside import Compared, command, compare
from tombench.summary.expected_readings import records_of
from tombench.summary.grid import Behind, Grid

HEADER = ("Row", "Column", "Ours", "n", "Published", "Tolerance", "Verdict")
TRIAL = "Not comparable"
NOT_LIKE = "what was run is not comparable"
SIGNS = {"near": "±", "at_least": "≥, −", "at_most": "≤, +"}


def beside(config: DictConfig, runs: Sequence[EvaluatedRun]) -> list[Grid]:
    """A table of all published cells of `config.expected`; [] where the command names no such
    experiment.

    Raises:
        UserError: the experiment's file names a reference that is not there.
    """
    if config.get("expected") is None:
        return []
    expected, cells = compare(config, runs)
    return [_grid(expected, cells)]


def beside_rows(config: DictConfig, runs: Sequence[EvaluatedRun]) -> list[dict[str, Any]]:
    """A row a published cell, unrounded."""
    if config.get("expected") is None:
        return []
    expected, cells = compare(config, runs)
    return [_csv_row(expected, one) for one in cells]


def verdict_grid(rows: Sequence[Mapping[str, Any]]) -> Grid:
    """Rows of `beside_rows` of several experiments in one table: ours, published, verdict."""

    def number(value: float | None) -> str:
        return "–" if value is None else f"{value:.4g}".replace("-", "−")

    cells = [
        (
            row["experiment"],
            f"{row['row']}: {row['column']}",
            number(row["ours"]),
            number(row["published"]),
            f"{SIGNS[row['bound']]}{row['tolerance']:g}",
            row["verdict"] if row["not_comparable"] is None else f"{row['verdict']}; {NOT_LIKE}",
        )
        for row in rows
    ]
    header = ("Experiment", "Cell", "Ours", "Published", "Tolerance", "Verdict")
    return Grid("Ours beside theirs", header, tuple(cells))


def _grid(expected: Expected, cells: Sequence[Compared]) -> Grid:
    """With a column of runs that are not like the published ones, where there are any."""
    trials = any(one.unlike for one in cells)
    rows = [_row(one) + ((_number(one.cell, one.trial),) if trials else ()) for one in cells]
    names = [one.cell.row.row for one in cells]
    starts = (n for n in range(1, len(names)) if names[n] != names[n - 1])
    return Grid(
        f"{expected.name}: ours beside theirs",
        (*HEADER, TRIAL) if trials else HEADER,
        tuple(rows),
        tuple(_notes(expected, cells)),
        frozenset(starts),
        {
            (place, 2): Behind(one.run.folder, only)
            for place, one in enumerate(cells)
            if one.run is not None
            and (only := records_of(one.run, one.cell.row.metric, one.cell.column)) is not None
        },
    )


def _row(one: Compared) -> tuple[str, ...]:
    cell = one.cell
    published = "–" if cell.published is None else _text(cell, cell.published)
    tolerance = f"{SIGNS[cell.row.bound]}{cell.row.tolerance:g}"
    n = "–" if one.ours is None else str(one.ours.n)
    ours = _number(cell, one.ours)
    return cell.row.row, cell.column, ours, n, published, tolerance, one.verdict


def _notes(expected: Expected, cells: Sequence[Compared]) -> list[str]:
    counted = Counter(one.verdict for one in cells)
    told = [f"{count} {verdict}" for verdict, count in counted.items()]
    notes = [
        f"{', '.join(told)}." if told else "No published number is known.",
        f"Published: {expected.table}; {expected.source}. Needs {expected.hardware}.",
        *([expected.note] if expected.note else []),
    ]
    reasons: dict[str, list[str]] = {}
    for one in cells:
        reasons.setdefault(one.cell.row.why, []).append(one.cell.row.row)
    for why, names in reasons.items():
        own = "; ".join(dict.fromkeys(names))
        notes.append(f"Tolerance{f' of {own}' if len(reasons) > 1 else ''}: {why}")
    return notes + _unlike(cells) + _commands(cells)


def _unlike(cells: Sequence[Compared]) -> list[str]:
    """Runs that are not like the published ones, and why they are not."""
    reasons: dict[str, dict[str, None]] = {}
    for one in cells:
        if one.unlike:
            own = reasons.setdefault(str(one.unlike.run.folder), {})
            own |= dict.fromkeys(one.unlike.reasons)
    folders: dict[str, list[str]] = {}
    for folder, own in reasons.items():
        folders.setdefault("; ".join(_shortened(list(own))), []).append(folder)
    return [f"Not comparable: {', '.join(names)}: {why}." for why, names in folders.items()]


def _shortened(reasons: list[str]) -> list[str]:
    """`model=tiny, not A` and `model=tiny, not B` in one."""
    found: dict[str, list[str]] = {}
    for reason in reasons:
        what, _, wanted = reason.partition(", not ")
        found.setdefault(what, []).extend([wanted] if wanted else [])
    return [f"{what}, not {' or '.join(names)}" if names else what for what, names in found.items()]


def _commands(cells: Sequence[Compared]) -> list[str]:
    """What would run the cells that were not run; the columns of a row in one command."""
    words: dict[str, dict[str, list[str]]] = {}
    for one in cells:
        if one.verdict == "not run":
            place = f"{one.cell.row.row} {[*one.words]}"
            for key, value in one.words.items():
                words.setdefault(place, {}).setdefault(key, []).append(value)
    commands = Counter()
    for own in words.values():
        joined = {key: ",".join(dict.fromkeys(values)) for key, values in own.items()}
        commands[command(joined)] += len(own["experiment"])
    return [
        f"Not run ({count} {'cell' if count == 1 else 'cells'}): {line}"
        for line, count in commands.items()
    ]


def _number(cell: Cell, metric: Metric | None) -> str:
    """ ".53 [.32, .73]"; a number without an interval alone."""
    if metric is None:
        return "–"
    if metric.low == metric.high == metric.value:
        return _text(cell, metric.value)
    low, high = _text(cell, metric.low), _text(cell, metric.high)
    return f"{_text(cell, metric.value)} [{low}, {high}]"


def _text(cell: Cell, value: float) -> str:
    """With as many digits as the published table has."""
    return f"{value:.{cell.row.digits}f}".replace("-", "−")


def _csv_row(expected: Expected, one: Compared) -> dict[str, Any]:
    def told(metric: Metric | None, name: str) -> float | None:
        return None if metric is None else getattr(metric, name)

    return {
        "experiment": expected.name,
        "row": one.cell.row.row,
        "column": one.cell.column,
        "metric": one.cell.row.metric,
        "ours": told(one.ours, "value"),
        "low": told(one.ours, "low"),
        "high": told(one.ours, "high"),
        "n": told(one.ours, "n"),
        "clusters": told(one.ours, "clusters"),
        "published": one.cell.published,
        "bound": one.cell.row.bound,
        "tolerance": one.cell.row.tolerance,
        "why": one.cell.row.why,
        "verdict": one.verdict,
        "run": None if one.run is None else str(one.run.folder),
        "not_comparable": told(one.trial, "value"),
        "not_comparable_run": None if one.unlike is None else str(one.unlike.run.folder),
        "not_comparable_reason": None if one.unlike is None else "; ".join(one.unlike.reasons),
        "source": expected.source,
        "command": one.command,
    }
