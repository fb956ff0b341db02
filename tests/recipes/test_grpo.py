"""GRPO: the oracles' rewards, a word that is learnt, a kill, refusals."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from toy_models import job, rows, saying_box, settings, untrained, weights_digest

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.recipes.base import TrainingJob
from tombench.recipes.grpo import Grpo
from tombench.stories.text import Text
from tombench.tasks.first_word import first_word_rewards


def grpo(**changes: Any) -> Grpo:
    small = {"batch_size": 8, "generations": 4, "max_new_tokens": 2, "steps": 6}
    return Grpo(**settings("grpo", **small | changes))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return untrained(tmp_path_factory.mktemp("untrained"))


def test_the_oracles_answer_is_paid() -> None:
    said = [" box. And", " basket", "", "box", " box"]
    answers = [" box.", " box.", " box.", None, " basket."]
    assert first_word_rewards(["?"] * 5, said, answers) == [1.0, 0.0, 0.0, 0.0, 0.0]


def test_it_learns_to_say_a_rewarded_word(tmp_path: Path) -> None:
    prompts = [Text(f"{name} puts the ball in the", " x") for name in ("Anna", "Ben", "Tom")]
    given = TrainingJob(
        Model("tiny", "data:models/tiny", dtype="float32"),
        tmp_path,
        seed=0,
        examples=lambda rng, progress: [rng.choice(prompts)],
        reward=saying_box,
    )
    recipe = grpo(
        lora=None, steps=60, batch_size=64, accumulation=1, generations=32, learning_rate=3e-4,
        schedule="constant",
    )  # fmt: skip
    recipe.train(given)
    paid = [
        float(r["value"]) for r in rows(tmp_path / "curve.csv") if r["name"] == "training/reward"
    ]
    assert paid[0] < 0.3 and paid[-1] > 0.8


@pytest.mark.parametrize("iterations", [1, 3])
def test_killed_and_run_again_gives_the_same_weights(
    weights: Path, tmp_path: Path, iterations: int
) -> None:
    lora = f"lora={{'rank': 4, 'dropout': 0.1}}, iterations={iterations}, steps=9"
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "sys.path[:0] = sys.argv[1:3]\n"
        "from toy_models import job; from test_grpo import grpo\n"
        "def die(done, total):\n"
        "    if done == 8: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"grpo({lora}).train(\n"
        "    job(Path(sys.argv[3]), Path(sys.argv[4]), progress=die))\n"
    )
    here, killed = Path(__file__).parent, tmp_path / "killed"
    words = [sys.executable, "-c", code, *map(str, (here, here.parent, weights, killed))]
    assert subprocess.run(words, check=False, timeout=600).returncode == -signal.SIGKILL
    recipe = grpo(lora={"rank": 4, "dropout": 0.1}, iterations=iterations, steps=9)
    seen: list[int] = []
    recipe.train(job(weights, killed, progress=lambda done, total: seen.append(done)))
    assert seen[0] == 5 if iterations == 1 else 7
    recipe.train(job(weights, tmp_path / "whole"))
    assert weights_digest(killed) == weights_digest(tmp_path / "whole")


def test_answers_come_in_whole_groups() -> None:
    with pytest.raises(UserError, match=r"multiple of recipe\.generations=3"):
        grpo(generations=3)


@pytest.mark.parametrize(
    ("changes", "given", "told"),
    [
        ({}, {"reward": None}, r"recipe\.reward=package"),
        ({}, {"examples": None}, r"recipe\.data=FILE"),
        ({"reward": "no.such.function"}, {}, "cannot be imported"),
        ({"max_length": 16}, {}, "most of the task's prompts are longer"),
        ({}, {"reward": lambda *_: 1 / 0}, "the function raised ZeroDivisionError"),
    ],
)
def test_what_cannot_be_done_is_refused(
    weights: Path, tmp_path: Path, changes: Any, given: Any, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        grpo(**changes).train(job(weights, tmp_path, **given))


def test_the_plan_shows_prompts_with_the_right_answer(weights: Path, tmp_path: Path) -> None:
    lines = grpo().plan(job(weights, tmp_path))
    assert lines[0] == "steps  6 of 16 examples (8 x 2 accumulated)"
    assert sum("right is 'b" in line or "right is 'd" in line for line in lines) == 3
