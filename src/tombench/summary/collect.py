"""Run folders to one tidy table: a row a run, and a row a record."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tombench.errors import UserError
from tombench.runs import METRICS, read_records, read_run, run_folders
from tombench.schema import Metric, Record

PROMPTINGS = ("base", "sbs", "cot", "sbs_cot")
"""The study's own, in its order; a user's further ones follow."""

logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class EvaluatedRun:
    """A finished evaluation: what was asked of whom, and what came of it."""

    folder: Path
    task: str
    model: str  # the label in tables
    prompting: str
    variant: str  # what else sets it apart from runs of the same model: data, wording, sampling
    limit: int | None
    ended: str
    identity_hash: str
    metrics: dict[str, Metric]

    @property
    def cell(self) -> tuple[str, str, str, str]:
        """Where it stands in the table; of several in one cell the newest is shown."""
        return self.task, self.model, self.variant, self.prompting


def collect(named: Sequence[str], root: Path) -> list[EvaluatedRun]:
    """The finished evaluations among `named` folders, or else all under `root`; one a cell.

    Raises:
        UserError: there is none, or a named folder is no run.
    """
    if named:
        folders = [folder for name in named for folder in _resolved(Path(name))]
    else:
        folders = run_folders(root)
    runs = [run for folder in folders if (run := _read(folder)) is not None]
    if not runs:
        where = ", ".join(named) if named else str(root)
        raise UserError(f"{where}: no finished evaluation there; run tombench stage=eval first")
    return newest(runs)


def newest(runs: Sequence[EvaluatedRun]) -> list[EvaluatedRun]:
    """One run a cell: whole ones before those with a limit, then the newest; others are told."""
    ranked = sorted(
        runs, key=lambda run: (run.limit is None, run.limit or 0, run.ended, str(run.folder))
    )
    kept = {run.cell: run for run in ranked}
    for run in ranked:
        if kept[run.cell] is not run:
            logger.info(
                "left out: %s (%s is shown in its place)", run.folder, kept[run.cell].folder
            )
    return [run for run in sorted(runs, key=_order) if kept[run.cell] is run]


def tidy_records(runs: Sequence[EvaluatedRun]) -> list[dict[str, Any]]:
    """One flat row a record of all runs, its run's columns first."""
    return [
        {"task": run.task, "model": run.model, "prompting": run.prompting, "variant": run.variant}
        | _flat(record)
        | {"run": str(run.folder)}
        for run in runs
        for record in read_records(run.folder)
    ]


def tidy_metrics(runs: Sequence[EvaluatedRun]) -> list[dict[str, Any]]:
    """One row a metric of all runs."""
    return [
        {
            "task": run.task,
            "model": run.model,
            "prompting": run.prompting,
            "variant": run.variant,
            "metric": name,
            "value": metric.value,
            "low": metric.low,
            "high": metric.high,
            "n": metric.n,
            "clusters": metric.clusters,
            "run": str(run.folder),
        }
        for run in runs
        for name, metric in run.metrics.items()
    ]


def _flat(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "item": record.item,
        "repetition": record.repetition,
        "cluster": record.cluster,
        "target": record.target,
        "answer": record.score.answer,
        "score": record.score.value,
        "category": record.score.category,
        "reason": record.score.reason,
        "truncated": record.truncated,
        "tokens": record.tokens,
        "error": record.error,
        "response": record.response,
        **{f"log_prob_{option}": value for option, value in record.log_probs.items()},
        **{f"condition_{factor}": level for factor, level in record.condition.items()},
    }


def _resolved(folder: Path) -> list[Path]:
    """A run folder itself (through `latest` too), or all runs under a folder."""
    if not folder.exists():
        raise UserError(f"run={folder}: no such folder")
    return run_folders(folder.resolve())


def _read(folder: Path) -> EvaluatedRun | None:
    run = read_run(folder)
    identity = run["identity"]
    if identity.get("stage") != "eval":
        return None
    if run["status"] != "finished":
        logger.info("left out: %s (not finished; the command in its run.json goes on)", folder)
        return None
    values = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    return EvaluatedRun(
        folder=folder,
        task=identity["task"]["name"],
        model=run["label"],
        prompting=identity["prompting"]["name"],
        variant=_variant(run),
        limit=identity["limit"],
        ended=run["ended"],
        identity_hash=run["identity_hash"],
        metrics={name: Metric(**metric) for name, metric in values["metrics"].items()},
    )


def _variant(run: dict[str, Any]) -> str:
    """What else sets a run apart in a table of models and promptings, in words without blanks."""
    identity = run["identity"]
    task, model = identity["task"], identity["model"] or {}
    given = run["configuration"]["task"].get("data")
    data = Path(given).name.replace(" ", "_") if given else "own"
    parts = {"data": data, "data_sha256": str(task.get("data"))[:8]}
    parts |= {k: v for k, v in task.items() if k not in ("name", "data", "class")}
    parts |= identity["generation"] | {"seed": identity["seed"]}
    parts |= {key: str(value)[:8] for key, value in model.items()}
    return " ".join(f"{key}={value}" for key, value in parts.items())


def _order(run: EvaluatedRun) -> tuple[str, str, str, int]:
    return run.task, run.model, run.variant, promptings([run]).index(run.prompting)


def promptings(runs: Sequence[EvaluatedRun]) -> tuple[str, ...]:
    """The columns of a table: the study's four, then others that the runs bring."""
    return tuple(dict.fromkeys([*PROMPTINGS, *sorted({run.prompting for run in runs})]))
