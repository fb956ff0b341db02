"""Tables of runs under masks in long form, unrounded."""

from collections.abc import Mapping
from typing import Any

from tombench.schema import Metric
from tombench.summary.sparsity import Masked, Null

Rows = list[dict[str, Any]]


def study_csv(runs: Mapping[str, Masked]) -> Rows:
    """The study's columns, a row an m, as its `summarize.py` writes them."""
    return [{"model": label} | dict(row) for label, run in runs.items() for row in run.study]


def level_csv(runs: Mapping[str, Masked]) -> Rows:
    """A row a metric under the studied mask."""
    return [
        {"model": label, "m": m, "metric": name} | _columns(metric)
        for label, run in runs.items()
        for m in sorted(run.by_m, key=float)
        for name, metric in run.by_m[m].items()
    ]


def effect_csv(runs: Mapping[str, Masked]) -> Rows:
    """A row an effect of a swept mask, then a row each mask with a seed."""
    rows: Rows = []
    for label, run in runs.items():
        rows += [{"model": label} | vars(effect) for effect in run.effects]
        for at in run.nulls:
            told = {"mask": at.mask, "m": at.m, "measure": at.measure, "scale": at.scale}
            rows += [
                {"model": label} | told | {"seed": number, "value": value}
                for number, value in enumerate(at.null.seeds)
            ]
    return rows


def headline_csv(runs: Mapping[str, Masked]) -> Rows:
    """A row a measure: its mean effect, and the masks with seeds beside it."""
    return [
        {"model": label, "measure": row.measure, "scale": row.scale}
        | {"points": " ".join(row.points)}
        | _columns(row.effect)
        | {"general": row.general}
        | {key: value for kind, null in row.nulls.items() for key, value in _null(kind, null)}
        for label, run in runs.items()
        for row in run.headline
    ]


def verdict_csv(runs: Mapping[str, Masked]) -> Rows:
    return [
        {"model": label} | vars(verdict) for label, run in runs.items() for verdict in run.verdicts
    ]


def _columns(metric: Metric) -> dict[str, float | int]:
    return dict(vars(metric))


def _null(kind: str, null: Null) -> list[tuple[str, float | int]]:
    names = ("mean", "low", "high", "percentile", "p")
    told = [(f"{kind}_{name}", getattr(null, name)) for name in names]
    return [(f"{kind}_seeds", len(null.seeds)), *told]
