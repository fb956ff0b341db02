"""The study's published answers, scored by our rules, beside its labels by hand."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Outcome

UPSTREAM = os.environ.get("TOMBENCH_UPSTREAM")
pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif(not UPSTREAM, reason="no TOMBENCH_UPSTREAM"),
]


def test_the_rules_agree_with_the_labels_by_hand(
    command: Callable[..., Outcome], tmp_path: Path
) -> None:
    folder = Path(str(UPSTREAM)) / "vignettes"
    outcome = command(
        "stage=eval",
        "task=vignettes",
        f"task.answers={folder / 'answers'}",
        f"task.data={folder / 'scenarios.json'}",
        f"task.hand_counts={folder / 'hand_counts.json'}",
        f"output_root={tmp_path}",
    )
    assert outcome.status == 0, outcome.err
    run = tmp_path / "eval" / "vignettes" / "answers" / "v0001"
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["metrics"]["accuracy"]["n"] == 12 * 16 * 20
    assert {name for by in metrics["cell_counts"].values() for name in by} == {
        "base", "sbs", "cot", "sbs_cot"
    }  # fmt: skip
    hand = metrics["hand_counts"]
    assert hand["cells"]["n"] == 12
    assert hand["cells"]["mean_absolute_difference"] < 0.024  # first yes or no word: .130
    assert hand["scenarios"]["mean_absolute_difference"] < 0.7
    assert hand["scenarios"]["correlation"] > 0.97
