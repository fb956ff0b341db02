"""The masks that are studied among random ones: how often is one of these as harmful?

The headline is fixed before anything is measured: the mean effect over the points at which random
masks were run, beside the same mean of each random mask (masks of one seed are nested over m).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tombench.metrics import share
from tombench.schema import Metric
from tombench.statistics.intervals import POINT
from tombench.tasks.sparsity_answers import SCALES, Scale
from tombench.tasks.sparsity_conditions import Condition, MaskKind, level
from tombench.tasks.sparsity_effects import PERPLEXITY, SELECTIVE, Effects

NULLS: tuple[MaskKind, ...] = ("random", "matched")
"""Masks of as many entries a matrix: anywhere; or of entries of like size."""
HEADLINE: tuple[tuple[str, Scale], ...] = (
    *(("false_belief", scale) for scale in SCALES),
    *((SELECTIVE, scale) for scale in SCALES),
    (PERPLEXITY, "nats"),
)
ROUNDING = 1e-9
"""Effects that are closer are equal."""


@dataclass(frozen=True)
class Null:
    """The effects of the masks of one kind, and where the studied mask lies among them."""

    seeds: tuple[float, ...]  # an effect each
    mean: float
    low: float  # 2.5 % and 97.5 % points of the seeds
    high: float
    as_harmful: Metric  # the share of seeds whose effect is as harmful or more
    percentile: float  # of the studied mask's effect among the seeds, 0 to 100, equal ones half
    p: float  # (1 + seeds as harmful) / (1 + seeds): one-sided


@dataclass(frozen=True)
class NullRow:
    """One measure at one m."""

    mask: MaskKind
    m: str
    measure: str
    scale: Scale
    effect: float  # of the studied mask
    null: Null


@dataclass(frozen=True)
class HeadlineRow:
    """A measure's mean effect over the points."""

    measure: str
    scale: Scale
    points: tuple[str, ...]
    effect: Metric
    general: float | None  # of the masks by general text alone; None where they were not run
    nulls: Mapping[str, Null]  # by kind, those that were run


def null_rows(effects: Sequence[Effects], points: Sequence[float]) -> list[NullRow]:
    """Every measure at every point, beside random and matched masks."""
    rows = []
    for one in effects:
        for kind in NULLS:
            for m in points:
                effect = one.value(Condition("tom", m))
                null = None if effect is None else _null(one, kind, effect, [m])
                if null:
                    rows.append(NullRow(kind, level(m), one.measure, one.scale, effect, null))
    return rows


def headline_rows(effects: Sequence[Effects], points: Sequence[float]) -> list[HeadlineRow]:
    """The headline's measures, those that were asked in two clusters or more."""
    named = {(one.measure, one.scale): one for one in effects}
    rows = []
    for measure, scale in HEADLINE:
        one = named.get((measure, scale))
        effect = one and one.mean_over([Condition("tom", m) for m in points])
        if one is None or effect is None:
            continue
        general = one.mean_over([Condition("general", m) for m in points])
        nulls = {kind: _null(one, kind, effect.value, points) for kind in NULLS}
        rows.append(
            HeadlineRow(
                measure,
                scale,
                tuple(level(m) for m in points),
                effect,
                general.value if general else None,
                {kind: null for kind, null in nulls.items() if null},
            )
        )
    return rows


def beside(effect: float, seeds: Sequence[float], harm: int) -> Null:
    """An effect among those of random masks.

    p counts the studied mask among them, so it is never 0 (Phipson & Smyth 2010).

    Args:
        harm: −1 where a lower effect is the more harmful, 1 where a higher one is.
    """
    values = np.asarray(seeds, dtype=float)
    worse = harm * (values - effect) >= -ROUNDING
    equal = np.abs(values - effect) <= ROUNDING
    below = (values < effect) & ~equal
    low, high = np.quantile(values, [1 - POINT, POINT])
    return Null(
        tuple(map(float, values)),
        float(values.mean()),
        float(low),
        float(high),
        share(worse.astype(float).tolist(), [str(n) for n in range(len(values))]),
        100 * float(np.mean(below + equal / 2)),
        (1 + int(worse.sum())) / (1 + len(values)),
    )


def _null(effects: Effects, kind: MaskKind, effect: float, points: Sequence[float]) -> Null | None:
    """Of the seeds that were run at all the points; None: there is none."""
    numbers = sorted({c.seed for c in effects.conditions if c.kind == kind and c.seed is not None})
    found = []
    for seed in numbers:
        values = [effects.value(Condition(kind, m, seed)) for m in points]
        if all(value is not None and not np.isnan(value) for value in values):
            found.append(float(np.mean(values)))
    return beside(effect, found, effects.harm) if found else None
