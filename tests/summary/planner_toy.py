"""Run folders of task=mmtom that are written by hand, for tests of the summary."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

TYPES = ("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4")
POLICY = {"decision": "posterior", "belief_writer": "tracker", "prior_a": 0.5}


def metric(value: float, n: int = 40) -> dict[str, Any]:
    return {
        "value": value,
        "low": max(0.0, value - 0.06),
        "high": min(1.0, value + 0.05),
        "n": n,
        "clusters": n // 2,
    }


def metrics_of(accuracy: float, **more: float) -> dict[str, Any]:
    """What `tasks.planner_metrics.measure` finds, most of it."""
    values = {
        "accuracy": accuracy,
        "accuracy_strict": accuracy - 0.02,
        "accuracy_macro": accuracy - 0.01,
        "ties": 0.04,
        "unparsed": 0.0,
        "belief_accuracy": accuracy + 0.01,
        "goal_accuracy": accuracy - 0.03,
        "brier": 0.1,
        "log_score": 0.32,
        "observer/accuracy": 0.975,
        "observer/ties": 0.02,
        "observer/log_score": 0.12,
        "baseline/last_target": 0.796,
        "baseline/negation": 0.55,
        "baseline/always_a": 0.49,
    }
    return {name: metric(value) for name, value in (values | more).items()}


def run_folder(
    root: Path,
    name: str,
    *,
    policy: Mapping[str, Any] | None = None,
    task: Mapping[str, Any] | None = None,
    label: str = "observer",
    data: str | None = None,
    accuracies: Sequence[float] = (0.9,) * 7,
    themes: Mapping[str, float] | None = None,
    records: Sequence[Mapping[str, Any]] = (),
    more: Mapping[str, float] | None = None,
    **extra: Any,
) -> Path:
    """A finished run; `task` has its fields, `extra` what metrics.json holds at its top level."""
    folder = root / "eval" / "mmtom" / name / "v0001"
    folder.mkdir(parents=True)
    fields = {"suite": "seven_types", "theme": ["home"]} if task is None else dict(task)
    control = "c" if fields.get("suite") == "graded_controls" else ""
    average = sum(accuracies) / 7
    by_type = {t + control: metrics_of(a) for t, a in zip(TYPES, accuracies, strict=True)}
    levels = themes or {"home": average}
    groups = {
        "question_type": by_type,
        "question_family": {f: metrics_of(average, **(more or {})) for f in ("belief", "goal")},
        "theme": {theme: metrics_of(value) for theme, value in levels.items()},
    }
    identity = {
        "stage": "eval",
        "task": {"class": "MMToM", "name": "mmtom", "data": f"{data}-digest", **fields},
        "policy": dict({"name": "observer"} | POLICY if policy is None else policy),
        "model": {},
        "prompting": None,
        "generation": {"temperature": 0.0},
        "seed": 0,
        "limit": None,
    }
    run = {
        "identity_hash": name,
        "status": "finished",
        "started": "2026-01-01T00:00:00",
        "ended": "2026-01-01T00:01:00",
        "command": "tombench task=mmtom",
        "identity": identity,
        "configuration": {"task": {"data": data, "closeness": None, **fields}},
        "label": label,
    }
    metrics = {"metrics": metrics_of(average, **(more or {})), "groups": groups, **extra}
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "metrics.json").write_text(json.dumps(metrics))
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (folder / "records.jsonl").write_text(lines)
    return folder
