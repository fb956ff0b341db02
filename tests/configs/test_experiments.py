"""Every experiment's trial runs, and its published cells stand beside what it came to."""

import json
import os
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from conftest import Outcome
from hydra import compose, initialize_config_module
from omegaconf import DictConfig

from tombench.config import build
from tombench.summary.collect import EvaluatedRun, collect
from tombench.summary.expected import Expected
from tombench.summary.expected_beside import compare
from tombench.summary.expected_grid import beside
from tombench.summary.expected_trials import trial_words

Command = Callable[..., Outcome]

FOLDER = Path(str(files("tombench.configs"))) / "experiment"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
PUBLISHED = {
    "boosting_answers": 12, "boosting_rlhf": 4, "boosting_sft_dpo": 4, "boosting_table": 20,
    "boosting_tests": 21, "planner_scaling": 15, "planner_worlds": 20,
    "scaled_planner_8b_405b": 10, "scaled_planner_8b_70b": 1, "sparsity_deepseek_8b": 0,
    "sparsity_jamba_mini": 0, "sparsity_llama3_8b": 3, "sparsity_qwen2_7b": 0,
    "strategic_doubled": 36, "strategic_in_sample": 46, "strategic_new_contexts": 36,
    "strategic_public_goods": 4, "strategy_study": 3,
}  # fmt: skip
"""Cells of each table."""
FINETUNED = {"boosting_rlhf", "boosting_sft_dpo", "strategy_study"}
"""Their trial trains; what their numbers are of is asked by another experiment."""
ANSWERS_ALONE = {"boosting_answers", "boosting_tests", "strategic_public_goods"}
"""Their cells are of published answers: no trial stands beside them."""
UPSTREAM = os.environ.get("TOMBENCH_UPSTREAM")
SCENES = [
    ("Bo hid a cup. Al left.", "Does Al know it?", "no"),
    ("Bo hid a cap. Al saw it.", "Does Al know it?", "yes"),
    ("Bo hid a cat. Al slept.", "Does Al know it?", "no"),
    ("A fox came. Cy looked up.", "Does Cy see a fox?", "yes"),
]


def summarized(name: str) -> DictConfig:
    with initialize_config_module("tombench.configs", version_base="1.3"):
        return compose("config", [f"experiment={name}", "stage=summarize"])


def evaluations() -> list[EvaluatedRun]:
    return collect([], Path("outputs/eval"))


def written(path: Path, content: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))


def own_files(folder: Path) -> None:
    """What trials call files of the user's, a few entries each."""
    scenarios = [
        {"id": n, "context": context, "question": question, "answer": answer}
        for n, (context, question, answer) in enumerate(SCENES, start=1)
    ]
    written(folder / "scenarios.json", {"scenarios": scenarios})
    for prompting in ("Base", "SbS", "CoT", "SbS+CoT"):
        given = [
            {"scenario id": n, "answers": [{"repetition": 1, "output": "No."}]} for n in range(1, 5)
        ]
        answers = {
            "model": "/Lab-J_PPO_x1/",
            "step-by_step reasoning": "SbS" in prompting,
            "chain-of-thougth examples": "CoT" in prompting,
            "scenarios": given,
        }
        written(folder / "answers" / f"{prompting}.json", answers)
    counts = {"Base": [1, 0, 1, 0], "SbS": [1, 1, 1, 0], "CoT": [0] * 4, "SbS+CoT": [1, 0, 0, 1]}
    written(folder / "hand_counts.json", {"Lab-J PPO": counts})
    pairs = [
        {"prompt": f"What is {n} and {n}?", "chosen": f"It is {2 * n}.", "rejected": "No idea."}
        for n in range(12)
    ]
    written(folder / "pairs.json", pairs)
    choices = [
        {"instruction": "Choose C or D.", "input": f"Round {n}.", "output": "CD"[n % 2]}
        for n in range(8)
    ]
    written(folder / "choices.json", choices)


def teacher(command: Command, word: str) -> str:
    """A run that a trial learns from."""
    if word == "LAW":
        words = ["backend=behaviour", "backend.chooser=quantal_response", "backend.rate=0.5"]
    else:
        words = ["backend=behaviour", "backend.chooser=quantal_response", "backend.rate=0.5",
                 "task.mode=sample", "task.draws=4"]  # fmt: skip
    ran = command("task=games", "task.games=[prison]", "quiet=true", *words)
    assert ran.status == 0, ran.err
    return str(ran.folder)


SLOW = {
    "boosting_rlhf", "planner_worlds", "scaled_planner_8b_405b", "sparsity_deepseek_8b",
    "sparsity_jamba_mini", "sparsity_qwen2_7b",
}  # fmt: skip
"""Long, and of the same machinery as others that are not."""


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOW)) for n in NAMES]
)
def test_its_trial_runs_and_its_cells_say_that_it_is_one(
    command: Command, tmp_path: Path, name: str
) -> None:
    own_files(tmp_path)
    words = trial_words(FOLDER / f"{name}.yaml")
    assert words[0] == f"experiment={name}"
    words = [
        f"{key}={teacher(command, value)}" if value in ("LAW", "TEACHER") else word
        for word in words
        for key, _, value in [word.partition("=")]
    ]
    ran = command(*words, "quiet=true")
    assert ran.status == 0, ran.err
    if name not in PUBLISHED:
        assert beside(summarized(name), []) == []
        return
    trained = name in FINETUNED
    expected, cells = compare(summarized(name), [] if trained else evaluations())
    assert len(cells) == PUBLISHED[name]
    assert {one.verdict for one in cells} <= {"not run"}
    (grid,) = beside(summarized(name), [] if trained else evaluations())
    assert len(grid.rows) == len(cells)
    notes = "\n".join(grid.notes)
    told = re.findall(r"^Not run \((\d+) cell", notes, re.MULTILINE)
    assert sum(map(int, told)) == len(cells)
    if cells and not trained and name not in ANSWERS_ALONE:
        assert any(one.unlike is not None for one in cells)
        assert "Not comparable: " in notes and expected.name == name


def test_every_published_table_is_counted() -> None:
    assert {name for name in NAMES if summarized(name).expected is not None} == {*PUBLISHED}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_tolerance_has_a_reason_and_lets_something_fall_outside(name: str) -> None:
    expected: Expected = build(summarized(name), "expected")
    assert expected.name == name
    assert expected.rows or "could not be had" in expected.note
    for row in expected.rows:
        assert len(row.why) > 15, row.row
        share = row.metric.partition("/")[0] in ("accuracy", "study_accuracy", "cooperation")
        assert not share or row.tolerance / row.per <= 0.11, row.row
    for cell in expected.cells:
        assert cell.published is not None, (cell.row.row, cell.column)


def test_a_users_word_stands_in_the_place_of_the_sweeps(command: Command) -> None:
    sweep = command("experiment=boosting_table", "limit=1", "task.repetitions=0", "quiet=true",
                    "backend=mock", "model=tiny", "prompting=base,cot")  # fmt: skip
    assert sweep.status == 0, sweep.err
    runs = sorted(Path("outputs/eval").glob("*/*/v*/run.json"))
    asked = [json.loads(path.read_text()) for path in runs]
    assert [run["identity"]["prompting"]["name"] for run in asked] == ["base", "cot"]
    assert not any("hydra" in json.dumps(run["identity"]) for run in asked)


def test_a_word_of_a_sweep_that_is_wrong_is_told(command: Command) -> None:
    ran = command("experiment=boosting_table", "model=tinny")
    assert ran.status == 2
    assert "model=tinny: no such option" in ran.err


@pytest.mark.upstream
@pytest.mark.skipif(not UPSTREAM, reason="no TOMBENCH_UPSTREAM")
@pytest.mark.parametrize(
    ("name", "inside"),
    [
        *(("boosting_answers", 12), ("boosting_tests", 21)),
        *(("strategic_in_sample", 25), ("strategic_doubled", 20)),
    ],
)
def test_published_answers_come_out_as_published(command: Command, name: str, inside: int) -> None:
    folder = Path(str(UPSTREAM))
    vignettes = folder / "vignettes"
    files_of_theirs = [
        f"task.answers={vignettes / 'answers'}",
        f"task.data={vignettes / 'scenarios.json'}",
        f"task.hand_counts={vignettes / 'hand_counts.json'}",
    ]
    words = files_of_theirs if "boosting" in name else [f"task.answers={folder / 'games'}"]
    ran = command(f"experiment={name}", *words, "quiet=true")
    assert ran.status == 0, ran.err
    _, cells = compare(summarized(name), evaluations())
    verdicts = [one.verdict for one in cells if "task.answers" in one.cell.where]
    assert verdicts == ["inside"] * inside
    others = {one.verdict for one in cells if "task.answers" not in one.cell.where}
    assert others <= {"not run"}
