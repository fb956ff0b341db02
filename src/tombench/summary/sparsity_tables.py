"""Tables of runs under masks, m by m: the study's columns, and ours."""

from collections.abc import Mapping, Sequence
from typing import Any

from tombench.summary.behind import placed
from tombench.summary.behind_masks import behind_drawn, behind_level
from tombench.summary.grid import Grid
from tombench.summary.sparsity import Masked
from tombench.summary.tables import interval_text

CAUTION = (
    "Three quarters of the study's score need no theory of mind: who always says what is so gets "
    "75 % of contents and of transfer cells, and not one false-belief cell."
)
STUDY = ("contents", "transfer", "irony")
BOTH = "avg_percent_unexpected_transfer"
LEVELS = {
    "false_belief_accuracy": "false belief",
    "true_belief_accuracy": "true belief",
    "reality": "reality",
    "memory": "memory",
    "cell_accuracy": "cells",
    "perplexity": "perplexity",
}
STUDY_NOTES = (
    CAUTION,
    "m: the share of weights that is masked; 0: none. contents, transfer, irony: right cells of "
    "those asked, by the first word of drawn answers, mean over repetitions (variance). false "
    "belief, control: the cells of contents and transfer that need theory of mind, and those that "
    "do not.",
    "cont., trans. %: the study's score, the mean of the right percentages of contents and of "
    "transfer. ppl: perplexity of a text that is not about minds, as the study averages it.",
)
LEVEL_NOTES = (
    CAUTION,
    "Forced choices by log-probability under the mask that is studied; m: the share of weights "
    "that is masked, 0: none. false belief, true belief: the question on belief or action in "
    "false-belief cells, in all others. reality: what is so. memory: what was so, in other "
    "stories. cells: both headline questions of a story right. perplexity: of a text, over all its "
    "tokens. [low, high]: 95 % interval.",
)


def study_grid(title: str, runs: Mapping[str, Masked], compact: bool = False) -> Grid:
    """The study's columns by m."""
    columns = (*STUDY, "false_belief", "control")
    shown = [
        (label, run, row)
        for label, run in runs.items()
        for row in run.study
        if not compact or row["m"] in few(run)
    ]
    rows = [
        (
            label,
            str(row["m"]),
            *(_counted(row, name) for name in columns),
            number(row.get(BOTH), 1),
            number(row.get("perplexity"), 2),
        )
        for label, _, row in shown
    ]
    header = ("Model", "m", *STUDY, "false belief", "control", "cont., trans. %", "ppl")
    behind = placed(
        {2 + n: behind_drawn(run, row["m"], name) for n, name in enumerate((*columns, "both"))}
        | {len(header) - 1: behind_level(run, row["m"], "perplexity")}
        for _, run, row in shown
    )
    return Grid(title, header, tuple(rows), STUDY_NOTES, parted(rows), behind)


def level_grid(title: str, runs: Mapping[str, Masked], compact: bool = False) -> Grid:
    """What the masked model gets, by m."""
    columns = [
        name
        for name in LEVELS
        if any(name in metrics for run in runs.values() for metrics in run.by_m.values())
    ]
    shown = [
        (label, run, m)
        for label, run in runs.items()
        for m in sorted(run.by_m, key=float)
        if not compact or m in few(run)
    ]
    rows = [
        (label, m, *(interval_text(run.level(m, name)) for name in columns))
        for label, run, m in shown
    ]
    header = ("Model", "m", *(LEVELS[name] for name in columns))
    behind = placed(
        {2 + n: behind_level(run, m, name) for n, name in enumerate(columns)} for _, run, m in shown
    )
    return Grid(title, header, tuple(rows), LEVEL_NOTES, parted(rows), behind)


def _counted(row: Mapping[str, Any], name: str) -> str:
    """ "120.4/160 (2.3)"; of false-belief and control cells those of contents and transfer."""
    named = [name] if name in STUDY else [f"{paradigm}_{name}" for paradigm in STUDY[:2]]
    there = [one for one in named if f"{one}_cells" in row]
    if not there:
        return "–"
    cells, mean = (sum(row[f"{one}_{key}"] for one in there) for key in ("cells", "total_mean"))
    told = f"{mean:.1f}/{cells}"
    return f"{told} ({row[f'{name}_total_var']:.1f})" if name in STUDY else told


def number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def few(run: Masked) -> tuple[str, ...]:
    """No mask, and the points: what a terminal has room for."""
    return ("0", *(run.points or run.grid[-1:]))


def parted(rows: Sequence[Sequence[str]]) -> frozenset[int]:
    """Rows at which another run begins."""
    return frozenset(n for n in range(1, len(rows)) if rows[n][0] != rows[n - 1][0])
