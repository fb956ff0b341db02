"""A table of texts: as Markdown, LaTeX, and in the terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tombench.terminal import print_table, visible

LATEX = {
    **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
    **{char: f"\\{char}" for char in "&%$#_{}"},
    **{"–": "--", "−": "$-$", "|": r"\textbar{}", "<": "$<$", ">": "$>$", "×": r"$\times$"},
    **{"≤": r"$\le$", "≥": r"$\ge$", "→": r"$\to$", "±": r"$\pm$", "≈": r"$\approx$"},
    **{"α": r"$\alpha$", "κ": r"$\kappa$", "µ": r"$\mu$", "μ": r"$\mu$", "Δ": r"$\Delta$"},
    **{"·": r"$\cdot$", "…": r"\dots{}", "²": "$^2$"},
}
"""What pdflatex cannot set as it stands, or reads as a command."""
NAMES = 2  # columns that name a row; the others are numbers and stand at the right


@dataclass(frozen=True)
class Behind:
    """The records that a number comes from: those of a run, or some of them."""

    folder: Path  # of the run
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A factor of the records' condition, or "answer", "category", "cluster", "item", "target",
    "needs_review" (yes, no) or "repetition", and which of its levels; {} for all records. Factors
    joined by a colon, "paradigm:question_type", have levels joined alike."""


@dataclass(frozen=True)
class Grid:
    """Cells as they are shown, and what a reader must know of them."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    rules: frozenset[int] = frozenset()  # rows that a line parts from those above, in LaTeX
    behind: Mapping[tuple[int, int], Behind] = field(default_factory=dict)
    """By row and column, the records that a cell tells of, for the report to open; (row, -1) is
    for all cells of the row that have none of their own."""


def markdown(*grids: Grid) -> str:
    """Tables as Markdown, each with its notes below."""
    return "\n".join(_markdown(grid) for grid in grids)


def latex(*grids: Grid) -> str:
    """Tables as LaTeX with booktabs, their notes as comments."""
    return "% \\usepackage{booktabs}\n" + "\n".join(_latex(grid) for grid in grids)


def show(grid: Grid) -> None:
    """The table and its notes on standard output."""
    print_table(grid.title, grid.header, grid.rows)
    for note in grid.notes:
        print(f"  {note}")
    print()


def _markdown(grid: Grid) -> str:
    header = " | ".join(map(_numeric_markdown, grid.header))
    lines = [f"**{_escaped_markdown(grid.title)}**", "", f"| {header} |"]
    lines.append("|" + "---|" * NAMES + "---:|" * (len(grid.header) - NAMES))
    for row in grid.rows:
        cells = [_escaped_markdown(cell) for cell in row[:NAMES]]
        lines.append("| " + " | ".join([*cells, *map(_numeric_markdown, row[NAMES:])]) + " |")
    return "\n".join([*lines, "", *(f"- {_escaped_markdown(n)}" for n in grid.notes), ""])


def _latex(grid: Grid) -> str:
    lines = [
        f"% {' '.join(grid.title.split())}",
        "\\begin{tabular}{" + "l" * NAMES + "r" * (len(grid.header) - NAMES) + "}",
        "\\toprule",
        _latex_row(grid.header),
        "\\midrule",
    ]
    for number, row in enumerate(grid.rows):
        if number in grid.rules:
            lines.append("\\midrule")
        lines.append(_latex_row(row))
    lines += ["\\bottomrule", "\\end{tabular}"]
    return "\n".join(lines + [f"% {' '.join(note.split())}" for note in grid.notes]) + "\n"


def _latex_row(cells: Sequence[str]) -> str:
    """A row; what follows the one before must not begin as an option of its line break does."""
    told = " & ".join(_escaped_latex(cell) for cell in cells)
    return ("{}" if told[:1] in ("[", "*") else "") + told + " \\\\"


def _numeric_markdown(text: str) -> str:
    """A number with its interval in brackets, or a heading: what would end a cell is escaped."""
    for char, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;")):
        text = text.replace(char, name)
    return " ".join(text.split())


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
    return "".join(LATEX.get(char, char) for char in visible(" ".join(text.split())))
