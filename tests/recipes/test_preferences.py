"""DPO and reward models: losses by hand, the reference is the adapter switched off, kills."""

import json
import math
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from toy_models import job, rows, settings, untrained, weights_digest
from toy_texts import draw_preferences
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.load import load_fresh
from tombench.recipes.dpo import Dpo
from tombench.recipes.merge import Merge
from tombench.recipes.reward import Reward


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return untrained(tmp_path_factory.mktemp("untrained"))


def dpo(**changes: Any) -> Dpo:
    return Dpo(**settings("dpo", **changes))


def reward(**changes: Any) -> Reward:
    return Reward(**settings("reward", **changes))


def first_pairs(count: int) -> list[Any]:
    """Those that the first update sees."""
    rng, pairs = Random("preferences/3/0"), []
    while len(pairs) < count:
        pairs += draw_preferences(rng)
    return pairs[:count]


@pytest.mark.parametrize("lora", [{"rank": 4}, None])
def test_dpo_begins_at_log_two_and_learns_to_prefer(
    weights: Path, tmp_path: Path, lora: dict[str, int] | None
) -> None:
    """-log sigmoid(0) = log 2 while policy and reference agree (Rafailov et al. 2023, eq. 7)."""
    first = dpo(steps=1, lora=lora).train(job(weights, tmp_path / "one"))
    assert first["loss"] == pytest.approx(math.log(2), abs=1e-5)
    dpo(steps=20, lora=lora).train(job(weights, tmp_path / "more"))
    losses = [float(row["loss"]) for row in rows(tmp_path / "more" / "log.csv")]
    assert losses[-1] < losses[0] < math.log(2)


def test_the_reference_is_the_adapter_switched_off(weights: Path, tmp_path: Path) -> None:
    """The loss of a second update, by hand from the adapter after the first."""
    one = dpo(steps=1, lora={"rank": 4}, schedule="constant", warmup=0, learning_rate=0.05)
    one.train(job(weights, tmp_path / "one"))
    two = dpo(steps=2, lora={"rank": 4}, schedule="constant", warmup=0, learning_rate=0.05)
    mean_of_two = two.train(job(weights, tmp_path / "two"))["loss"]

    rng, pairs = Random("preferences/3/1"), []
    while len(pairs) < 8:
        pairs += draw_preferences(rng)
    base = AutoModelForCausalLM.from_pretrained(weights)
    tuned = load_fresh(
        Model("local", str(weights), adapter=str(tmp_path / "one" / "adapter")), "cpu"
    ).network
    tokenizer = AutoTokenizer.from_pretrained(weights)

    def log_prob(model: Any, prompt: str, answer: str) -> float:
        before = tokenizer.encode(prompt.rstrip())
        ids = [*tokenizer.encode(f"{prompt.rstrip()} {answer}"), tokenizer.eos_token_id]
        with torch.no_grad():
            scores = model(torch.tensor([ids])).logits[0].log_softmax(-1)
        return sum(scores[at - 1, ids[at]].item() for at in range(len(before), len(ids)))

    total = 0.0
    for pair in pairs[:8]:
        better, worse = (
            log_prob(tuned, pair.prompt, answer) - log_prob(base, pair.prompt, answer)
            for answer in (pair.chosen, pair.rejected)
        )
        total -= math.log(1 / (1 + math.exp(-0.1 * (better - worse))))
    assert mean_of_two == pytest.approx((math.log(2) + total / 8) / 2, abs=2e-4)


def test_a_reward_models_loss_by_hand(weights: Path, tmp_path: Path) -> None:
    """-log sigmoid(r(chosen) - r(rejected)) (Ouyang et al. 2022, eq. 1), at the last token."""
    loss = reward(steps=1, lora=None, learning_rate=1e-12).train(job(weights, tmp_path))["loss"]
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "model")
    tokenizer = AutoTokenizer.from_pretrained(weights)
    assert model.config.num_labels == 1
    total = 0.0
    for pair in first_pairs(8):
        scores = []
        for answer in (pair.chosen, pair.rejected):
            ids = [*tokenizer.encode(f"{pair.prompt.rstrip()} {answer}"), tokenizer.eos_token_id]
            with torch.no_grad():
                scores.append(model(torch.tensor([ids])).logits.item())
        total += math.log(1 + math.exp(scores[1] - scores[0]))
    assert loss == pytest.approx(total / 8, abs=1e-5)


def test_a_reward_adapter_holds_its_head_and_merges(weights: Path, tmp_path: Path) -> None:
    reward(steps=6, lora={"rank": 4}).train(job(weights, tmp_path / "run"))
    config = json.loads((tmp_path / "run" / "adapter" / "adapter_config.json").read_text())
    assert config["task_type"] == "SEQ_CLS" and "score" in config["modules_to_save"]
    (tmp_path / "merged").mkdir()
    adapted = Model("local", str(weights), adapter=str(tmp_path / "run" / "adapter"))
    Merge().train(job(weights, tmp_path / "merged", model=adapted))
    merged = AutoModelForSequenceClassification.from_pretrained(tmp_path / "merged" / "merged")
    assert merged.config.num_labels == 1 and float(merged.score.weight.detach().std()) > 0


def test_a_reward_model_cannot_answer(weights: Path, tmp_path: Path) -> None:
    reward(steps=2).train(job(weights, tmp_path))
    for model in (
        Model("local", str(tmp_path / "adapter")),
        Model("local", str(weights), adapter=str(tmp_path / "adapter")),
    ):
        with pytest.raises(UserError, match=r"reward model.*recipe\.reward_model"):
            load_fresh(model, "cpu")


@pytest.mark.parametrize("name", ["Dpo", "Reward"])
def test_killed_and_run_again_gives_the_same_weights(
    weights: Path, tmp_path: Path, name: str
) -> None:
    build = f"{name}(**settings('{name.lower()}', lora={{'rank': 4, 'dropout': 0.1}}))"
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "sys.path[:0] = sys.argv[1:2]\n"
        "from toy_models import job, settings\n"
        f"from tombench.recipes.{name.lower()} import {name}\n"
        "def die(done, total):\n"
        "    if done == 7: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{build}.train(job(Path(sys.argv[2]), Path(sys.argv[3]), progress=die))\n"
    )
    here = Path(__file__).parents[1]
    words = [sys.executable, "-c", code, *map(str, (here, weights, tmp_path / "killed"))]
    assert subprocess.run(words, check=False, timeout=600).returncode == -signal.SIGKILL
    recipe = eval(build, {"settings": settings, "Dpo": Dpo, "Reward": Reward})
    seen: list[int] = []
    progress = lambda done, total: seen.append(done)  # noqa: E731
    recipe.train(job(weights, tmp_path / "killed", progress=progress))
    assert seen[0] == 5
    recipe.train(job(weights, tmp_path / "whole"))
    assert weights_digest(tmp_path / "killed") == weights_digest(tmp_path / "whole")


@pytest.mark.parametrize("recipe", [dpo(), reward()], ids=["dpo", "reward"])
def test_a_task_without_pairs_is_refused(weights: Path, tmp_path: Path, recipe: Any) -> None:
    with pytest.raises(UserError, match="chosen and rejected"):
        recipe.check(job(weights, tmp_path, preferences=None))


def test_the_plan_shows_both_answers(weights: Path, tmp_path: Path) -> None:
    lines = "\n".join(dpo().plan(job(weights, tmp_path)))
    assert lines.count("better ⟦") == lines.count("worse  ⟦") == 3
