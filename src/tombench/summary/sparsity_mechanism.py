"""mechanism.json as it is shown: where the masked weights lie, and what they do to attention."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

KINDS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""Matrices of a decoder layer in the order in which a token meets them; others follow."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """Numbers by layer and something else; NaN where there is none."""

    layers: tuple[int, ...]
    columns: tuple[str, ...]
    values: np.ndarray  # [layers, columns]


@dataclass(frozen=True)
class Kind:
    """All matrices of one kind under the mask."""

    kind: str
    count: int  # masked entries
    size: int
    expected: float  # were the mask spread evenly over all matrices
    rank: float | None  # numerical rank of the masked part, mean over layers
    bound: float | None  # the most that it could be: rows or columns touched


@dataclass(frozen=True)
class Shift:
    """A layer's attention sinks: pairs of text and head whose queries look at the first token."""

    layer: int
    sinks: int
    shifted: int  # by more than the threshold
    before: float  # mean attention on the first token
    after: float


@dataclass(frozen=True)
class Dominance:
    """Masked entries of queries or keys in the dominant frequencies of their head."""

    part: str
    count: int
    of: int
    expected: float  # share, were frequencies alike


@dataclass(frozen=True)
class Stability:
    """How far the masks by either half of the samples agree at one m."""

    m: str
    jaccard: float
    chance: float


@dataclass(frozen=True, eq=False)
class Mechanism:
    """What was measured on the network under its largest mask."""

    m: str
    texts: int
    thresholds: Mapping[str, float]
    weights: Sheet  # masked share by layer and matrix
    heads: Mapping[str, Sheet]  # masked share by layer and head: query, key, value, output
    frequencies: Mapping[str, Sheet]  # by layer and frequency: query, key
    norms: Mapping[str, tuple[Sheet, Sheet]]  # mean norm by layer and frequency: before, after
    angles: Mapping[str, tuple[Sheet, Sheet]]  # degrees by layer and head: before, after the mask
    kinds: tuple[Kind, ...]
    shifts: tuple[Shift, ...]
    dominance: tuple[Dominance, ...]
    stability: tuple[Stability, ...]


def mechanism_of(read: Mapping[str, Any]) -> Mechanism | None:
    """Of the largest m; None where nothing was masked."""
    masked = read.get("masked") or {}
    if not masked:
        return None
    m = max(masked, key=float)
    shares, before, after = masked[m]["shares"], read["unmasked"], masked[m]["activations"]
    return Mechanism(
        m=m,
        texts=read["texts"],
        thresholds=read["thresholds"],
        weights=_matrices(shares["matrices"]),
        heads=_parts(shares["heads"]),
        frequencies=_parts(shares["frequencies"]),
        norms={
            part: (_norms(before, f"{part}_norms"), _norms(after, f"{part}_norms"))
            for part in ("query", "key")
        },
        angles={
            name: (_by_head(before, f"angle_{name}"), _by_head(after, f"angle_{name}"))
            for name in ("before", "after")
        },
        kinds=_kinds(shares["kinds"], masked[m]["ranks"]["kinds"]),
        shifts=_shifts(masked[m]["sink_shifts"], before, after),
        dominance=_dominance(shares["dominant"]),
        stability=tuple(
            Stability(point, told["jaccard"], told["chance"])
            for point, told in sorted(read.get("stability", {}).items(), key=lambda s: float(s[0]))
        ),
    )


def _matrices(rows: Sequence[Mapping[str, Any]]) -> Sheet:
    named = {row["kind"] for row in rows}
    columns = tuple(sorted(named, key=_place))
    cells = {(row["layer"], row["kind"]): row["share"] for row in rows}
    return _sheet(sorted({row["layer"] for row in rows}), columns, cells)


def _parts(rows: Sequence[Mapping[str, Any]]) -> dict[str, Sheet]:
    """Masked share of each head or frequency, by part."""
    found = {}
    for part in dict.fromkeys(row["part"] for row in rows):
        own = {
            row["layer"]: [count / row["size"] for count in row["counts"]]
            for row in rows
            if row["part"] == part
        }
        found[part] = _numbered(own)
    return found


def _norms(activations: Sequence[Mapping[str, Any]], name: str) -> Sheet:
    """Mean over heads, by frequency; layers without rotary embedding are left out."""
    own = {
        row["layer"]: np.mean(_floats(row[name]), axis=0).tolist()
        for row in activations
        if row[name] and row[name][0]
    }
    return _numbered(own)


def _by_head(activations: Sequence[Mapping[str, Any]], name: str) -> Sheet:
    return _numbered({row["layer"]: list(_floats(row[name])) for row in activations})


def _numbered(rows: Mapping[int, Sequence[float]]) -> Sheet:
    """Columns by their number from 0 on."""
    width = max((len(values) for values in rows.values()), default=0)
    cells = {
        (layer, str(number)): value
        for layer, values in rows.items()
        for number, value in enumerate(values)
    }
    return _sheet(sorted(rows), tuple(map(str, range(width))), cells)


def _sheet(
    layers: Sequence[int], columns: tuple[str, ...], cells: Mapping[tuple[int, str], float]
) -> Sheet:
    values = [[cells.get((layer, name), np.nan) for name in columns] for layer in layers]
    return Sheet(tuple(layers), columns, np.array(values, dtype=float))


def _kinds(
    shares: Sequence[Mapping[str, Any]], ranks: Sequence[Mapping[str, Any]]
) -> tuple[Kind, ...]:
    by_kind = {row["kind"]: row for row in ranks}
    return tuple(
        Kind(
            row["kind"],
            row["count"],
            row["size"],
            row["expected"],
            by_kind.get(row["kind"], {}).get("rank"),
            by_kind.get(row["kind"], {}).get("bound"),
        )
        for row in sorted(shares, key=lambda row: _place(row["kind"]))
    )


def _shifts(
    rows: Sequence[Mapping[str, Any]],
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
) -> tuple[Shift, ...]:
    mass = [
        {row["layer"]: float(np.mean(_floats(row["sink_mass"]))) for row in activations}
        for activations in (before, after)
    ]
    return tuple(
        Shift(row["layer"], row["sinks"], row["shifted"], *(each[row["layer"]] for each in mass))
        for row in rows
    )


def _dominance(rows: Sequence[Mapping[str, Any]]) -> tuple[Dominance, ...]:
    """All layers together."""
    found = []
    for part in dict.fromkeys(row["part"] for row in rows):
        own = [row for row in rows if row["part"] == part]
        expected = float(np.mean([row["expected"] for row in own]))
        counts = (sum(row[name] for row in own) for name in ("count", "of"))
        found.append(Dominance(part, *counts, expected))
    return tuple(found)


def _place(kind: str) -> tuple[int, str]:
    """Where a kind of matrix stands among the others."""
    return (KINDS.index(kind) if kind in KINDS else len(KINDS)), kind


def _floats(values: Any) -> np.ndarray:
    """With what could not be had, null in the file, as NaN."""
    return np.array(values, dtype=float)
