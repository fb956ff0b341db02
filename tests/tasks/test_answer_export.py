"""task.export=answers: the published form, and back."""

import json
from collections.abc import Callable
from pathlib import Path

from conftest import Outcome

from tombench.tasks.answer_files import read_given

Command = Callable[..., Outcome]
QUICK = ("backend=mock", "task.repetitions=3", "limit=2", "prompting=sbs_cot")


def test_a_run_goes_out_and_comes_back(command: Command, tmp_path: Path) -> None:
    run = command(*QUICK, f"output_root={tmp_path}").folder
    said = command(
        "stage=prepare", "task.export=answers", f"task.answers={run}", f"output_root={tmp_path}"
    )
    assert said.status == 0, said.err
    (file,) = (said.folder / "answers").iterdir()
    assert file.name.endswith("_SbS+CoT.json")
    content = json.loads(file.read_text(encoding="utf-8"))
    assert content["step-by_step reasoning"] and content["chain-of-thougth examples"]
    assert content["model parameter"]["top k"] == 50
    assert [len(scene["answers"]) for scene in content["scenarios"]] == [3, 3]
    back, there = (read_given([str(path)]) for path in (said.folder / "answers", run))
    kept = [(a.item, a.repetition, a.text, a.prompting) for a in back]
    assert kept == [(a.item, a.repetition, a.text, a.prompting) for a in there]


def test_whose_answers_must_be_said(command: Command, tmp_path: Path) -> None:
    said = command("stage=prepare", "task.export=answers", f"output_root={tmp_path}")
    assert said.status == 2 and "give task.answers=RUN" in said.err
