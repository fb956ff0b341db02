"""Runs of task=games as a teacher leaves them, written by hand."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tombench.schema import Record, Score

BEHAVIOUR = {
    "_target_": "tombench.strategy.backend.BehaviourBackend",
    "chooser": "quantal_response",
    "rate": 0.5,
}


def record(cell: str, value: float, **changes: Any) -> Record:
    """Of a cell by its id, CONTEXT/GAME.PAYOFFS/…, as exact mode leaves one."""
    context, game, _ = cell.split("/")
    name, payoffs = game.split(".")
    condition = {"game": name, "context": context, "payoffs": payoffs}
    repetition = changes.pop("repetition", 0)
    own: dict[str, Any] = {
        "id": f"{cell}#{repetition}",
        "item": cell,
        "repetition": repetition,
        "cluster": f"{context}/{game}",
        "condition": condition,
        "prompt": "",
        "response": "",
        "target": None,
        "score": Score(value, "C" if value > 0.5 else "D", ""),
    }
    return Record(**own | changes)


def write_run(folder: Path, records: Sequence[Record], **changes: Any) -> Path:
    """A finished run of stage=eval task=games, by a law; `changes` are of run.json."""
    folder.mkdir(parents=True)
    run = {
        "status": "finished",
        "identity": {"stage": "eval", "task": {"name": "games"}},
        "configuration": {"task": {"_target_": "x.Games"}, "backend": BEHAVIOUR},
    }
    (folder / "run.json").write_text(json.dumps(run | changes))
    lines = [json.dumps(asdict(one)) + "\n" for one in records]
    (folder / "records.jsonl").write_text("".join(lines))
    return folder
