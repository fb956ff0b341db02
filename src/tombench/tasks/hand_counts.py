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
    ours: tuple[float, ...]  # right answers of each scenario
    asked: tuple[int, ...]  # answers of each scenario


HandCounts = Mapping[str, Mapping[str, Sequence[float]]]


def read_hand_counts(path: Path) -> HandCounts:
    """Counts by hand: model -> prompting (our name) -> a count a scenario.

    Raises:
        UserError: the file is not of that form.
    """
    try:
        content = json.loads(read_text(path))
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

    Cells differ by |share of right answers, ours − by hand|, scenes by |right answers, ours −
    by hand|. Cells that were not counted by hand are left out.

    Raises:
        UserError: no cell was counted by hand, or for another number of scenarios.
    """
    both = [(cell, hand) for cell in cells if (hand := _of(cell, by_hand)) is not None]
    if not both:
        raise UserError(
            f"{path}: none of {', '.join({cell.model: 0 for cell in cells})} is counted there; "
            f"it has {', '.join(by_hand)}"
        )
    for cell, hand in both:
        if len(hand) != len(cell.ours):
            raise UserError(
                f"{path}: {len(hand)} counts of {cell.model}, {cell.prompting}, "
                f"for {len(cell.ours)} scenarios; give one a scenario"
            )
    shares = [(sum(c.ours) / sum(c.asked), sum(hand) / sum(c.asked)) for c, hand in both]
    ours = np.array([count for cell, _ in both for count in cell.ours], dtype=float)
    theirs = np.array([count for _, hand in both for count in hand], dtype=float)
    cell_differences = [abs(a - b) for a, b in shares]
    varies = ours.std() > 0 and theirs.std() > 0
    by_cell: dict[str, dict[str, dict[str, float]]] = {}
    for (cell, _), (own, hand_share) in zip(both, shares, strict=True):
        by_cell.setdefault(cell.model, {})[cell.prompting] = {"ours": own, "by_hand": hand_share}
    return {
        "source": path.name,
        "cells": {
            "mean_absolute_difference": mean(cell_differences),
            "largest": max(cell_differences),
            "n": len(both),
        },
        "scenarios": {
            "mean_absolute_difference": float(np.abs(ours - theirs).mean()),
            "equal": int((ours == theirs).sum()),
            "correlation": float(np.corrcoef(ours, theirs)[0, 1]) if varies else None,
            "n": len(ours),
        },
        "by_cell": by_cell,
    }


def _of(cell: Cell, by_hand: HandCounts) -> Sequence[float] | None:
    """The counts of a cell: of the model whose name's words all stand in the cell's, the longest.

    "GPT4All-J DPO" is counted; the answer file says /GPT4All-J_DPO_cp4000/.
    """
    said = _letters(cell.model)
    words = {name: [_letters(word) for word in re.split(r"[\s_]+", name)] for name in by_hand}
    fitting = [name for name in by_hand if all(word in said for word in words[name])]
    best = max(fitting, key=len, default=None)
    return by_hand[best].get(cell.prompting) if best else None


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _counts(counts: Any) -> tuple[float, ...]:
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in counts):
        raise ValueError("a count is no number")
    return tuple(counts)
