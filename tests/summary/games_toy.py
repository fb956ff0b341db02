"""Finished runs of task=games as they lie in folders, their numbers simple."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from math import log
from pathlib import Path
from typing import Any

from tombench.schema import Record, Score

CONTEXTS, GAMES = ("business", "team"), ("prison", "delight")
METRIC = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 4, "clusters": 4}
FITS = [
    {"model": "coin", "parameters": {}, "log_likelihood": -20.0},
    {"model": "constant", "parameters": {"share": 0.75}, "log_likelihood": -18.0},
    {"model": "quantal_response", "parameters": {"rate": 0.5}, "log_likelihood": None},
]
Shares = Mapping[str, float]
"""The share of first actions, or of the endowment, by the cell's id."""


def cell(context: str, game: str, payoffs: str = "published", told: str = "cd.first") -> str:
    """A cell's id."""
    return f"{context}/{game}.{payoffs}/{told}"


def shares(*values: float) -> dict[str, float]:
    """Of business prison, business delight, team prison, team delight."""
    ids = [cell(context, game) for context in CONTEXTS for game in GAMES]
    return dict(zip(ids, values, strict=True))


def condition_of(item: str) -> dict[str, str]:
    """What the id says; roommates' cells are of a new context."""
    context, game, told = item.split("/")
    name, payoffs = game.split(".")
    labels, order = told.split(".") if "." in told else ("cd", "first")
    split = "in_sample" if payoffs == "published" else "new_payoffs"
    split = "new_context" if context == "sharing_a_room" else split
    if name == "public_goods":
        split = "public_goods"
    elif name.startswith("r"):
        split = "new_game"
    own = {"context": context, "game": name, "payoffs": payoffs, "split": split}
    return own | {"labels": labels, "order": order, "game_class": "cyclic"}


def exact(cells: Shares, invalid: float = 0.2) -> list[Record]:
    """A record a cell: what is not invalid falls on C by its share; donations on 0 and 10."""
    records = []
    for item, share in cells.items():
        first, last = ("10", "0") if "public_goods" in item else ("C", "D")
        chances = {first: share * (1 - invalid), last: (1 - share) * (1 - invalid)}
        chances["invalid"] = invalid
        logs = {name: log(max(chance, 1e-300)) for name, chance in chances.items()}
        logs |= {f"sampled/{name}": value for name, value in logs.items()}
        records.append(_record(item, 0, Score(share, first, "", "answered"), log_probs=logs))
    return records


def drawn(cells: Shares, draws: int, invalid: int = 0, model: str = "") -> list[Record]:
    """A record a draw: C first, then D, then what could not be parsed; donations are 10 or 0."""
    records = []
    for item, share in cells.items():
        first, last = ("10", "0") if "public_goods" in item else ("C", "D")
        answers = [first] * round(share * draws) + [last] * round((1 - share) * draws)
        for number, answer in enumerate([*answers, *["unparsed"] * invalid], start=1):
            score = Score(float(answer == first), answer, "")
            records.append(_record(item, number, score, model))
    return records


def _record(item: str, number: int, score: Score, model: str = "", **changes: Any) -> Record:
    condition = condition_of(item) | ({"model": model} if model else {})
    own = {"prompt": "", "response": "", "target": None, "score": score}
    cluster = item.rpartition("/")[0]
    name = f"{model}{item}/{number}"
    return Record(name, item, number, cluster, condition, **own | changes)


def run_folder(
    root: Path, name: str, records: Sequence[Record], model: str | None = None, **task: Any
) -> Path:
    """outputs/eval/games/NAME/v0001 of a model of that path, or of a law where there is none."""
    folder = root / "eval" / "games" / name / "v0001"
    identity = {
        **{"stage": "eval", "task": {"class": "Games", "name": "games", "data": "0" * 64}},
        **{"model": {"digest": name} if model else None, "prompting": None, "limit": None},
        **{"backend": {"class": "Some", "rate": 0.5}, "generation": {}, "seed": 0},
    }
    configuration = {"task": {"data": None} | task, "model": {"path": model or "unread"}}
    metrics = {"cooperation_rate": METRIC, "mean_donation": METRIC | {"value": 5.0}}
    values = {"metrics": metrics, "groups": {}, "games": {"fits": FITS}}
    _write(folder, identity, configuration, values, label=name)
    _write_records(folder, records)
    return folder


def answers_folder(root: Path, models: Mapping[str, Sequence[Record]]) -> Path:
    """outputs/eval/games/answers/v0001: files that hold the answers of several models."""
    folder = root / "eval" / "games" / "answers" / "v0001"
    task = {"class": "Games", "name": "games", "answers": "1" * 64, "models": [*models]}
    values = {
        **{"metrics": {}, "groups": {}, "games": {"learnt": []}},
        "cells": {model: {"none": {"cooperation_rate": METRIC}} for model in models},
    }
    identity = {"stage": "eval", "task": task, "limit": None}
    _write(folder, identity, {"task": {"data": None}, "model": {"path": "tiny"}}, values)
    _write_records(folder, [record for records in models.values() for record in records])
    return folder


def training_folder(root: Path, base: str, teacher: Path | None) -> Path:
    """outputs/finetune/games/NAME-sft/v0001."""
    folder = root / "finetune" / "games" / "tiny-sft" / "v0001"
    configuration = {
        "task": {"teacher": str(teacher) if teacher else None},
        "model": {"path": base, "adapter": None},
    }
    _write(folder, {"stage": "finetune", "task": {"name": "games"}}, configuration, {})
    return folder


def school(root: Path, teach: Sequence[Record], before: Sequence[Record], after: Sequence[Record]
           ) -> Path:  # fmt: skip
    """A law that teaches, a model before its training and after it; the student's run."""
    teacher = run_folder(root, "law", teach)
    run_folder(root, "tiny", before, "data:models/tiny")
    trained = training_folder(root, "data:models/tiny", teacher)
    return run_folder(root, "local", after, str(trained))


def _write(
    folder: Path, identity: Any, configuration: Any, values: Any, label: str = "answers"
) -> None:
    folder.mkdir(parents=True)
    run = {
        **{"identity": identity, "identity_hash": str(folder), "configuration": configuration},
        **{"status": "finished", "ended": "2026-01-01T00:00:00+00:00", "label": label},
    }
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "metrics.json").write_text(json.dumps(values))


def _write_records(folder: Path, records: Sequence[Record]) -> None:
    def lines() -> Iterator[str]:
        return (json.dumps(asdict(record)) + "\n" for record in records)

    (folder / "records.jsonl").write_text("".join(lines()))
