"""The variance that wording causes, as it is shown."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tombench.statistics.anova import Spread
from tombench.summary.behind import behind_run, placed
from tombench.summary.comparisons import Entry
from tombench.summary.grid import Grid
from tombench.summary.tables import heading

COMPONENTS = {
    "item": "item",
    "paraphrase": "paraphrase",
    "template": "template",
    "paraphrase_by_template": "par. × tem.",
    "item_by_wording": "item × wording",
    "residual": "residual",
}
NOTE = (
    "SD, range: of the wordings' mean accuracies, net of the noise of items and repetitions, with "
    "95 % intervals over items. The further columns are variance components of one answer's score "
    "(items and wordings random); –: the design does not tell."
)


def wording_grid(task: str, entries: Sequence[Entry]) -> Grid:
    """Of each run with several wordings: how far they lie apart, and its variance components."""
    rows, notes = [], [NOTE]
    for entry in entries:
        if found := entry.scores.wording:
            whole, parts = found.spreads["all"], asdict(found.components)
            row = (entry.label, heading(entry.run.prompting), str(found.wordings), _sd(whole))
            row += (f"{whole.range:.2f} [{whole.range_low:.2f}, {whole.range_high:.2f}]",)
            rows.append((*row, *(_variance(parts[name]) for name in COMPONENTS)))
            where = f"{entry.label}, {heading(entry.run.prompting)}"
            if found.components.negative:
                names = ", ".join(n.replace("_by_", " × ") for n in found.components.negative)
                notes.append(f"{where}: estimated below 0 and set to 0: {names}.")
            if found.left_out:
                notes.append(f"{where}: {len(found.left_out)} items lack a wording; left out.")
    header = ("Model", "Prompting", "Wordings", "SD", "Range", *COMPONENTS.values())
    behind = placed({-1: behind_run(entry.run)} for entry in entries if entry.scores.wording)
    return Grid(f"{task}: what wording changes", header, tuple(rows), tuple(notes), behind=behind)


def wording_rows(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """A row a run with several wordings, unrounded."""
    rows = []
    for entry in entries:
        if found := entry.scores.wording:
            row: dict[str, Any] = {"model": entry.label, "prompting": entry.run.prompting}
            row |= {"items": found.items, "wordings": found.wordings}
            row |= {"repetitions": found.repetitions}
            for name, each in found.spreads.items():
                row |= {f"sd_{name}": each.sd, f"sd_{name}_low": each.low}
                row |= {f"sd_{name}_high": each.high, f"range_{name}": each.range}
            parts = asdict(found.components)
            row |= {f"variance_{name}": parts[name] for name in COMPONENTS}
            rows.append(row | {"negative": ", ".join(found.components.negative)})
    return rows


def _sd(found: Spread) -> str:
    return f"{found.sd:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _variance(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
