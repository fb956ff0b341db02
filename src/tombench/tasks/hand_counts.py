"""Our counts of right answers beside counts by hand, cell by cell and scene by scene.

    tombench task=vignettes task.answers=FOLDER task.data=FILE task.hand_counts=hand_counts.json

The file: {model: {prompting: [right answers of each scenario, in the data's order]}}.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from tombench.datafile import read_text
from tombench.errors import UserError

NAMES = {"base": "base", "sbs": "sbs", "cot": "cot", "sbscot": "sbs_cot"}
"""A prompting as files spell it, letters alone -> ours."""


@dataclass(frozen=True)
class Cell:
    """One model under one prompting."""

    model: str
    prompting: str
    scenarios: tuple[str, ...]  # those that were answered, in the data's order
    places: tuple[int, ...]  # of each in the data, from 0
    total: int  # scenarios of the data
    ours: tuple[float, ...]  # right answers of each scenario
    asked: tuple[int, ...]  # answers of each scenario


@dataclass(frozen=True)
class Counted:
    """A scenario of a cell: right answers by rule and by hand."""

    scenario: str
    answers: int
    ours: float
    by_hand: float

    @property
    def apart(self) -> float:
        return abs(self.ours - self.by_hand)


HandCounts = Mapping[str, Mapping[str, Sequence[float]]]


def read_hand_counts(path: Path) -> HandCounts:
    """Counts by hand: model -> prompting (our name) -> a count a scenario.

    Raises:
        UserError: the file is not of that form.
    """
    try:
        content = json.loads(read_text(path))
        if "scenarios" in content:
            raise ValueError("these are scenarios or answers")
        found = {
            str(model): {NAMES[_letters(name)]: _counts(counts) for name, counts in by.items()}
            for model, by in content.items()
            if not model.startswith("_")
        }
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise UserError(
            f"{path}: no counts by hand ({error}); they are JSON, "
            '{model: {"Base" | "SbS" | "CoT" | "SbS+CoT": [right answers of each scenario]}}'
        ) from error
    return found


def compare(cells: Sequence[Cell], by_hand: HandCounts, path: Path) -> dict[str, Any]:
    """How far our counts are from those by hand; what metrics.json holds under `hand_counts`.

    Cells differ by |share of right answers, ours − by hand|, scenarios by |right answers, ours −
    by hand|. Cells that were not counted by hand are left out.

    Raises:
        UserError: no cell was counted by hand, or for another number of scenarios; or two models
            of the file fit one of ours.
    """
    both = [(cell, hand) for cell in cells if (hand := _of(cell, by_hand, path)) is not None]
    if not both:
        raise UserError(
            f"{path}: none of {', '.join({cell.model: 0 for cell in cells})} is counted there; "
            f"it has {', '.join(by_hand)}"
        )
    by_cell: dict[str, dict[str, dict[str, float]]] = {}
    by_scenario: dict[str, dict[str, list[Counted]]] = {}
    for cell, hand in both:
        own, hand_share = sum(cell.ours) / sum(cell.asked), sum(hand) / sum(cell.asked)
        by_cell.setdefault(cell.model, {})[cell.prompting] = {"ours": own, "by_hand": hand_share}
        rows = zip(cell.scenarios, cell.asked, cell.ours, hand, strict=True)
        by_scenario.setdefault(cell.model, {})[cell.prompting] = [Counted(*row) for row in rows]
    apart = [abs(one["ours"] - one["by_hand"]) for of in by_cell.values() for one in of.values()]
    return {
        "source": path.name,
        "cells": {
            "mean_absolute_difference": mean(apart),
            "largest": max(apart),
            "n": len(both),
        },
        "scenarios": _summary(
            [one for of in by_scenario.values() for rows in of.values() for one in rows]
        ),
        "by_cell": by_cell,
        "by_scenario": by_scenario,
    }


def _summary(rows: Sequence[Counted]) -> dict[str, Any]:
    """Over all scenarios of all cells, and each scenario's mean over its cells."""
    ours = np.array([row.ours for row in rows], dtype=float)
    theirs = np.array([row.by_hand for row in rows], dtype=float)
    varies = ours.std() > 0 and theirs.std() > 0
    over_cells: dict[str, list[float]] = {}
    for row in rows:
        over_cells.setdefault(row.scenario, []).append(row.apart)
    return {
        "mean_absolute_difference": float(np.abs(ours - theirs).mean()),
        "over_cells": {scenario: mean(found) for scenario, found in over_cells.items()},
        "equal": int((ours == theirs).sum()),
        "correlation": float(np.corrcoef(ours, theirs)[0, 1]) if varies else None,
        "n": len(rows),
    }


def _of(cell: Cell, by_hand: HandCounts, path: Path) -> Sequence[float] | None:
    """The counts of a cell's scenarios: one for each that it answers, or for each of the data."""
    name = _model(cell.model, list(by_hand), path)
    hand = by_hand[name].get(cell.prompting) if name else None
    if hand is None or len(hand) == len(cell.ours):
        return hand
    if len(hand) == cell.total:
        return tuple(hand[place] for place in cell.places)
    raise UserError(
        f"{path}: {len(hand)} counts of {cell.model}, {cell.prompting}, for {len(cell.ours)} "
        f"scenarios answered of {cell.total}; give one for each that the data has, in its order"
    )


def _model(said: str, names: Sequence[str], path: Path) -> str | None:
    """The name in the file that a model goes by: the longest all of whose words stand in `said`.

    "GPT4All-J DPO" is counted; the answer file says /GPT4All-J_DPO_cp4000/. "LLaMa2-Chat" before
    "LLaMa2", if the model is Llama-2-7b-chat-hf.

    Raises:
        UserError: another one fits that says something else, or the same.
    """
    if said in names:
        return said
    fitting = sorted((name for name in names if _fits(name, said)), key=lambda n: -len(_plain(n)))
    if not fitting:
        return None
    best = _plain(fitting[0])
    for other in fitting[1:]:
        if _plain(other) == best or not all(word in best for word in _words(other)):
            raise UserError(
                f"{path}: '{fitting[0]}' and '{other}' both fit the model {said}; "
                f"call the one that is meant {said}"
            )
    return fitting[0]


def _fits(name: str, said: str) -> bool:
    """Is each word of `name`, or the whole, made of neighbouring words of `said`?"""
    parts = [(part.start(), part.end()) for part in re.finditer(r"[a-z0-9]+", said.lower())]
    spans = {
        _plain(said[start:end])
        for first, (start, _) in enumerate(parts)
        for _, end in parts[first:]
    }
    words = _words(name)
    return _plain(name) in spans or (bool(words) and all(word in spans for word in words))


def _words(name: str) -> list[str]:
    return [_plain(word) for word in re.split(r"[\s_-]+", name) if _plain(word)]


def _plain(name: str) -> str:
    """Letters and digits alone; numbers stay apart: "Llama-2-7b" is no Llama 27b."""
    apart = re.sub(r"(?<=[0-9])[^a-z0-9]+(?=[0-9])", ".", name.lower())
    return re.sub(r"[^a-z0-9.]|(?<![0-9])\.|\.(?![0-9])", "", apart)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _counts(counts: Any) -> tuple[float, ...]:
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in counts):
        raise ValueError("a count is no number")
    return tuple(counts)
