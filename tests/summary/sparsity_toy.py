"""A finished run of task=sparsity as it lies in a folder, its numbers simple."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

M = ("0", "0.01", "0.02")
KINDS = ("down_proj", "q_proj")
METRIC = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 80, "clusters": 40}
NULL = {
    **{"seeds": [-0.4, 0.0], "mean": -0.2, "low": -0.39, "high": -0.01},
    **{"as_harmful": METRIC | {"n": 2}, "percentile": 50.0, "p": 2 / 3},
}


def run_folder(
    root: Path, model: str = "tiny", masked: bool = True, mechanism: bool = True
) -> Path:
    """outputs/eval/sparsity/MODEL/v0001 with run.json, metrics.json and mechanism.json."""
    folder = root / "eval" / "sparsity" / model / "v0001"
    folder.mkdir(parents=True)
    task = {"class": "Sparsity", "name": "sparsity", "suite": "false_belief", "data": "0" * 64}
    identity = {"stage": "eval", "task": task, "model": {}, "prompting": None, "limit": None}
    run = {
        **{"identity": identity | {"generation": {}, "seed": 0}, "identity_hash": model},
        **{"status": "finished", "ended": "2026-01-01T00:00:00+00:00", "label": model},
        "configuration": {"task": {"data": None}},
    }
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "metrics.json").write_text(json.dumps(_values(masked)))
    if mechanism:
        (folder / "mechanism.json").write_text(json.dumps(measured()))
    return folder


def _values(masked: bool) -> dict[str, Any]:
    scores = ("false_belief_accuracy", "true_belief_accuracy", "reality", "perplexity")
    metrics = {name: METRIC for name in scores}
    grid = M if masked else M[:1]
    rows: dict[str, Any] = {"grid": list(grid), "points": list(grid[1:])}
    rows["study"] = [_study(m) for m in grid]
    rows["effects"] = [
        _effect(mask, m, measure, scale)
        for mask in ("tom", "general")
        for m in grid[1:]
        for measure, scale in _measures()
    ]
    rows["null"] = [
        {"mask": "random", "m": m, "measure": measure, "scale": scale, "effect": -0.2, "null": NULL}
        for m in grid[1:]
        for measure, scale in _measures()
    ]
    effect = METRIC | {"value": -0.2, "low": -0.3, "high": -0.1}
    rows["headline"] = [
        {"measure": measure, "scale": scale, "points": list(grid[1:]), "effect": effect}
        | {"general": None, "nulls": {"random": NULL}}
        for measure, scale in _measures()
        if masked and measure != "controls"
    ]
    said = {"question": "hurts false belief", "scale": "margin", "answer": "yes", "why": "-0.2"}
    rows["verdict"] = [said] if masked else []
    by_m = {m: metrics for m in grid}
    return {"metrics": metrics, "groups": {"m": by_m}, "sparsity": rows}


def _measures() -> list[tuple[str, str]]:
    both = [
        (m, s) for m in ("false_belief", "controls", "selective") for s in ("accuracy", "margin")
    ]
    return [*both, ("log_perplexity", "nats")]


def _study(m: str) -> Mapping[str, Any]:
    row: dict[str, Any] = {"m": m, "repetitions": 2}
    for paradigm in ("contents", "transfer"):
        for part, cells, mean in (
            ("", 160, 130.0),
            ("_false_belief", 40, 12.0),
            ("_control", 120, 118.0),
        ):
            row |= {f"{paradigm}{part}_cells": cells, f"{paradigm}{part}_total_mean": mean}
            row |= {f"{paradigm}{part}_total_var": 2.5}
    return row | {"avg_percent_unexpected_transfer": 81.25, "perplexity": 7.5}


def _effect(mask: str, m: str, measure: str, scale: str) -> Mapping[str, Any]:
    told = {"mask": mask, "m": m, "measure": measure, "scale": scale}
    return (
        told
        | {"value": -0.2, "low": -0.3, "high": -0.1, "n": 80, "clusters": 40}
        | {**{"p": 0.0001, "p_holm": 0.0002}}
    )


def measured() -> dict[str, Any]:
    """mechanism.json of two layers; the second has no rotary embedding."""
    counts = {"count": 8, "size": 100, "share": 0.08, "expected": 4.0}
    shares = {
        "kinds": [{"kind": kind, **counts} for kind in KINDS],
        "matrices": [{"layer": n, "kind": kind, **counts} for n in (0, 1) for kind in KINDS],
        "heads": [{"layer": n, "part": "query", "counts": [6, 2], "size": 50} for n in (0, 1)],
        "frequencies": [{"layer": 0, "part": "query", "counts": [1, 7], "size": 50}],
        "dominant": [
            {"layer": 0, "part": "query", "count": 6, "of": 8, "share": 0.75, "expected": 0.5}
        ],
    }
    ranks = {"kinds": [{"kind": "q_proj", "rank": 3.0, "bound": 5.0, "matrices": 2}]}
    shifts = [
        {"layer": 0, "sinks": 10, "shifted": 4, "share": 0.4},
        {"layer": 1, "sinks": 0, "shifted": 0, "share": None},
    ]
    masked = {"shares": shares, "ranks": ranks, "sink_shifts": shifts}
    return {
        **{"texts": 40, "thresholds": {"sink": 0.3, "shift": 0.01, "dominant": 0.1}},
        "unmasked": [_activations(0, 2.0), _activations(1, 2.0, rotary=False)],
        "masked": {
            "0.01": {},
            "0.02": masked | {"activations": [_activations(0, 1.0), _activations(1, 1.0, False)]},
        },
        "stability": {
            "0.02": {"jaccard": 0.5, "chance": 0.01},
            "0.01": {"jaccard": 0.25, "chance": 0.005},
        },
    }


def _activations(layer: int, norm: float, rotary: bool = True) -> Mapping[str, Any]:
    pairs = [[norm, 2 * norm], [3 * norm, 2 * norm]] if rotary else []
    angles = {"angle_before": [80.0, 90.0], "angle_after": [90.0, None]}
    return {
        "layer": layer,
        "query_norms": pairs,
        "key_norms": pairs,
        "sink_mass": [0.25, 0.75],
    } | angles
