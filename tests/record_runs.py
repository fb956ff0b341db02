"""Run folders made by hand, for what is read from records alone."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tombench.summary.answers import read_answers
from tombench.summary.collect import EvaluatedRun
from tombench.summary.columns import RunColumns, Shelf


def line(item: str, repetition: int = 1, **changes: Any) -> dict[str, Any]:
    """A record as a line holds it; `score` and others can be set, the score's parts too."""
    score = {"value": 1.0, "answer": "yes", "reason": "the first word", "category": "answered"}
    score |= {"needs_review": False}
    score |= {name: changes.pop(name) for name in list(changes) if name in score}
    record = {
        "id": f"{item}/{repetition:02d}",
        "item": item,
        "repetition": repetition,
        "cluster": item.split(".")[0],
        "condition": {"cell": "informed"},
        "prompt": f"Where is {item}?",
        "response": "Yes.",
        "target": "yes",
        "score": score,
        "log_probs": {"yes": -0.5, "no": -1.25},
        "tokens": 2,
        "truncated": False,
        "thinking": "",
        "thinking_tokens": 0,
        "error": None,
    }
    return record | changes


def made(folder: Path, lines: Iterable[Mapping[str, Any]], **about: Any) -> EvaluatedRun:
    """A run folder with these records and no metrics, and what `collect` would tell of it."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(one) + "\n" for one in lines)
    (folder / "records.jsonl").write_text(text, encoding="utf-8")
    (folder / "metrics.json").write_text(json.dumps({"metrics": {}, "groups": {}}))
    known: dict[str, Any] = {
        "task": "vignettes", "model": "m", "prompting": "base", "variant": "seed=0", "asked": "",
        "put": "", "limit": None, "ended": "", "identity_hash": "", "metrics": {},
    }  # fmt: skip
    return EvaluatedRun(folder=folder, **(known | about))


def put_aside(shelf: Shelf, runs: Sequence[EvaluatedRun]) -> Sequence[RunColumns]:
    """Their records on a shelf."""
    return read_answers(runs, shelf).columns
