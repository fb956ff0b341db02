"""The training log: a row of `log.csv` every few steps, and its picture."""

import csv
from dataclasses import astuple, dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class LogRow:
    """Means since the row before."""

    step: int  # finished steps
    loss: float  # weighted, nats a token
    learning_rate: float
    tokens: int  # seen so far
    tokens_per_second: float
    seconds: float  # of training so far, interruptions not counted
    memory_mib: float = 0.0  # the most so far: of the GPU, or of the process where there is none


FEW = 40  # rows: a line alone would show little or nothing
HEADER = [field.name for field in fields(LogRow)]


def read_log(path: Path, until: int) -> list[LogRow]:
    """The rows up to step `until`; a torn last row, as a kill leaves it, is dropped."""
    if not path.exists():
        return []
    rows = []
    with path.open(newline="") as file:
        for values in list(csv.reader(file))[1:]:
            try:
                step, loss, rate, tokens, *others = values
                row = LogRow(int(step), float(loss), float(rate), int(tokens), *map(float, others))
            except (ValueError, TypeError):
                continue
            if row.step <= until:
                rows.append(row)
    return rows


def write_log(path: Path, rows: list[LogRow]) -> None:
    """Start the file with the rows that are kept."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *map(astuple, rows)])


def append_row(path: Path, row: LogRow) -> None:
    """Add one row."""
    with path.open("a", newline="") as file:
        csv.writer(file).writerow(astuple(row))


def unit_of(tokens: int) -> tuple[float, str]:
    """What an axis up to so many tokens counts in: its size, and how a label says so."""
    if tokens >= 1e6:
        return 1e6, " (millions)"
    return (1e3, " (thousands)") if tokens >= 1e4 else (1.0, "")


def plot_loss(rows: list[LogRow], path: Path) -> None:
    """Loss against tokens seen; on a logarithmic axis where it has no zero to cross."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    look = {"marker": "."} if len(rows) < FEW else {}
    size, unit = unit_of(rows[-1].tokens)
    axes.plot([row.tokens / size for row in rows], [row.loss for row in rows], linewidth=1, **look)
    axes.set_xlabel(f"tokens seen{unit}")
    axes.set_ylabel("loss")
    if all(row.loss > 0 for row in rows):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(True, which="both", alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
