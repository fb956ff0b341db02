"""Tables of the masked weights: how many of each matrix, their rank, and attention under them."""

from collections.abc import Iterator, Mapping
from typing import Any

from tombench.summary.grid import Grid
from tombench.summary.sparsity import Masked
from tombench.summary.sparsity_mechanism import Mechanism
from tombench.summary.sparsity_tables import CAUTION, number, parted

MECHANISM_NOTES = (
    "Under the largest mask. × even: beside as many as the mask has spread evenly over all "
    "matrices. rank: numerical rank of the masked part, mean over layers; at most: the rows or "
    "columns that are touched.",
)


def mechanism_grid(title: str, runs: Mapping[str, Masked]) -> Grid:
    """Of each kind of matrix how much is masked, and the rank of it."""
    rows, notes = [], [CAUTION]
    for label, run in runs.items():
        if (found := run.mechanism) is None:
            continue
        for kind in found.kinds:
            ratio = f"{kind.count / kind.expected:.2f}" if kind.expected else "–"
            share = f"{100 * kind.count / kind.size:.3g} %"
            ranks = (number(kind.rank, 1), number(kind.bound, 1))
            rows.append((label, kind.kind, str(kind.count), share, ratio, *ranks))
        notes += [f"{label}: {told}" for told in _attention(found)]
    header = ("Model", "matrix", "masked", "share", "× even", "rank", "rank at most")
    return Grid(title, header, tuple(rows), (*notes, *MECHANISM_NOTES), parted(rows))


def mechanism_csv(runs: Mapping[str, Masked]) -> list[dict[str, Any]]:
    """A row a kind of matrix, then a row a layer's attention sinks."""
    rows = []
    for label, run in runs.items():
        if run.mechanism:
            named = {"model": label, "m": run.mechanism.m}
            rows += [named | vars(kind) for kind in run.mechanism.kinds]
            rows += [named | vars(shift) for shift in run.mechanism.shifts]
            rows += [named | vars(one) for one in run.mechanism.dominance]
    return rows


def _attention(found: Mechanism) -> Iterator[str]:
    """What is masked of dominant frequencies, and what becomes of sinks, at the largest m."""
    for one in found.dominance:
        if one.of:
            yield (
                f"{one.part}: {100 * one.count / one.of:.0f} % of masked weights in dominant "
                f"frequencies, {100 * one.expected:.0f} % were they spread evenly"
            )
    sinks = sum(shift.sinks for shift in found.shifts)
    if sinks:
        shifted = sum(shift.shifted for shift in found.shifts)
        yield f"{shifted} of {sinks} attention sinks shift by {found.thresholds['shift']:g} or more"
