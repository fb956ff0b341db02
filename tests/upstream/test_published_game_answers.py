"""The study's published answers and prompts, as task=games reads them."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Outcome

from tombench.strategy.payoffs import DILEMMAS
from tombench.tasks.games import Games

FOLDER = Path(os.environ.get("TOMBENCH_UPSTREAM", "")) / "games"
pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif("TOMBENCH_UPSTREAM" not in os.environ, reason="no TOMBENCH_UPSTREAM"),
]


def test_all_improvements_come_out(command: Callable[..., Outcome], tmp_path: Path) -> None:
    ran = command("task=games", f"task.answers={FOLDER}")
    assert ran.status == 0, ran.err
    found = json.loads((tmp_path / ran.folder / "metrics.json").read_text())
    metrics = found["metrics"]
    assert metrics["improvement_published"]["value"] == pytest.approx(46.26, abs=0.005)
    assert metrics["gap_closed"]["value"] == pytest.approx(0.330, abs=0.0005)
    learnt = next(one for one in found["games"]["learnt"] if one["split"] == "in_sample")
    ours = {one["cell"]: one["improvement"] for one in learnt["cells"]}
    with (FOLDER / "improvement_table.csv").open(newline="") as file:
        theirs = {row["Game"]: float(row["Improvement (%)"]) for row in csv.DictReader(file)}
    assert len(ours) == 20
    assert ours == pytest.approx({key: theirs[key] for key in ours}, abs=1e-9)
    differ = [one for one in found["games"]["tests"] if one["model"] == "7bF" and one["p"] <= 0.05]
    assert [one["cell"] for one in differ] == ["biz_staghunt"]
    assert differ[0]["p"] == pytest.approx(0.036, abs=0.0005)
    assert differ[0]["p_holm"] > 0.05


def test_their_folder_of_prompts_is_asked_as_it_stands() -> None:
    task = Games(data=str(FOLDER / "prompts"), as_published=True)
    items = task.items()
    assert len(items) == 20
    for item in items:
        own = DILEMMAS[item.condition["game"]]
        assert (item.content.game.row, item.content.game.column) == (own.row, own.column)
        assert item.condition["split"] == "in_sample"
    text = (FOLDER / "prompts" / "game" / "prison.txt").read_text().strip()
    prison = next(item for item in items if item.condition["game"] == "prison")
    assert task.prompt(prison.content).endswith(f"User: {text}[/INST]")
