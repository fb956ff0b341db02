"""Tests as they are shown: differences, p-values, bias."""

from collections.abc import Sequence
from typing import Any

from tombench.summary.behind import behind_run, placed, within
from tombench.summary.comparisons import Bias, Comparison, Entry, Inference
from tombench.summary.grid import Grid
from tombench.summary.tables import heading

STATISTICS = ("Difference", "t", "df", "p", "p Holm", "p perm.", "Holm", "MDD")
COMPARED = (
    "Difference: of mean scores over items, [95 % t interval]; t, df, p: the paired t-test over "
    "items, as the study's report has it; p perm.: sign-flip permutation test; Holm: the p before "
    "it, adjusted for {family}; MDD: the true difference that such a test finds with power .8 "
    "(α .05)."
)
CONSTANT = "No spread (t ±inf): all items differ by the same amount; read the permutation p."
BIASED = (
    "Yes, No: mean score of the items where that answer is right. Unpaired t-test with pooled "
    "variance, as the study's report has it; above 0 leans to yes; its interval is this "
    "test's, that of 'yes bias' above a score interval. Not adjusted for their number."
)


def prompting_grid(task: str, tests: Inference) -> Grid:
    """Each prompting against base; notes on what was not compared."""
    rows = [
        (row.within, f"{heading(row.first)} − {heading(row.second)}", *_statistics(row))
        for row in tests.promptings
    ]
    notes = _notes(tests.promptings, "the promptings of one model that are compared with base")
    return Grid(
        f"{task}: promptings against base, paired over items",
        ("Model", "Compared", *STATISTICS),
        tuple(rows),
        (*notes, *tests.notes),
    )


def model_grid(task: str, tests: Inference) -> Grid:
    """Model against model under the same prompting."""
    rows = [
        (heading(row.within), f"{row.first} − {row.second}", *_statistics(row))
        for row in tests.models
    ]
    return Grid(
        f"{task}: models under the same prompting, paired over items",
        ("Prompting", "Compared", *STATISTICS),
        tuple(rows),
        tuple(_notes(tests.models, "all pairs of models under that prompting")),
    )


def bias_grid(task: str, biases: Sequence[Bias], entries: Sequence[Entry]) -> Grid:
    """The yes/no bias test of each model and prompting; `entries` are those that were tested."""
    rows = [
        (
            row.model,
            heading(row.prompting),
            f"{row.found.yes:.2f}",
            f"{row.found.no:.2f}",
            difference_text(row.found.difference, row.found.low, row.found.high),
            _signed(row.found.t),
            str(row.found.df),
            p_text(row.found.p),
        )
        for row in biases
    ]
    header = ("Model", "Prompting", "Yes", "No", "Difference", "t", "df", "p")
    runs = {(entry.label, entry.run.prompting): entry.run for entry in entries}
    tested = [behind_run(runs[row.model, row.prompting]) for row in biases]
    yes, no = ({"target": (name,)} for name in ("yes", "no"))
    behind = placed({-1: own, 2: within(own, yes), 3: within(own, no)} for own in tested)
    return Grid(f"{task}: yes/no bias", header, tuple(rows), (BIASED,), behind=behind)


def comparison_rows(tests: Inference) -> list[dict[str, Any]]:
    """Both kinds of comparison, a row each, unrounded."""
    kinds = (("promptings", tests.promptings), ("models", tests.models))
    return [_csv_row(kind, row) for kind, rows in kinds for row in rows]


def bias_rows(biases: Sequence[Bias]) -> list[dict[str, Any]]:
    """A row a bias test, unrounded."""
    return [
        {
            "model": row.model,
            "prompting": row.prompting,
            "yes": row.found.yes,
            "no": row.found.no,
            "yes_items": row.found.yes_items,
            "no_items": row.found.no_items,
            "difference": row.found.difference,
            "low": row.found.low,
            "high": row.found.high,
            "t": row.found.t,
            "df": row.found.df,
            "p": row.found.p,
        }
        for row in biases
    ]


def p_text(p: float) -> str:
    """ ".0442", "<.0001", "1.0000"."""
    return "<.0001" if p < 1e-4 else f"{p:.4f}".removeprefix("0")


def difference_text(value: float, low: float, high: float) -> str:
    """ "−0.19 [−0.39, −0.01]"."""
    return f"{value:+.2f} [{low:+.2f}, {high:+.2f}]".replace("-", "−")


def _signed(t: float) -> str:
    return f"{t:.2f}".replace("-", "−")


def _statistics(row: Comparison) -> tuple[str, ...]:
    found = row.found
    return (
        difference_text(found.difference, found.low, found.high),
        _signed(found.t),
        str(found.df),
        p_text(found.p),
        p_text(row.holm),
        p_text(row.p_permutation),
        p_text(row.holm_permutation),
        "–" if row.detectable is None else f"{row.detectable:.2f}",
    )


def _notes(rows: Sequence[Comparison], family: str) -> list[str]:
    if not rows:
        return []
    constant = any(row.found.constant and row.found.difference for row in rows)
    return [COMPARED.format(family=family), *([CONSTANT] if constant else [])]


def _csv_row(kind: str, row: Comparison) -> dict[str, Any]:
    found = row.found
    return {
        "compared": kind,
        "within": row.within,
        "first": row.first,
        "second": row.second,
        "items": found.items,
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "sd": found.sd,
        "dz": found.dz,
        "t": found.t,
        "df": found.df,
        "p": found.p,
        "p_holm": row.holm,
        "p_permutation": row.p_permutation,
        "p_permutation_holm": row.holm_permutation,
        "family": row.family,
        "minimum_detectable_difference": row.detectable,
    }
