"""Pretraining: settings are checked, a kill changes nothing, a bad loss stops it."""

import csv
import hashlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
import torch
import yaml
from pydantic import ValidationError
from toy_texts import CONTENT_WORDS, count_words, draw_text
from transformers import AutoModelForCausalLM, AutoTokenizer

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.recipes import forward
from tombench.recipes.base import TrainingJob
from tombench.recipes.pretrain import Pretrain

SMALL = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
}


def configured(name: str) -> dict[str, object]:
    return yaml.safe_load((files("tombench.configs") / name).read_text(encoding="utf-8"))


def recipe() -> Pretrain:
    settings = configured("recipe/pretrain.yaml")
    settings.pop("_target_")
    small = {"steps": 30, "batch_size": 2, "sequence_length": 64, "warmup": 3, "vocabulary": 300}
    small |= {"tokenizer_texts": 100, "evaluate_every": 7, "checkpoint_every": 8}
    return Pretrain(**settings | small)


def job(folder: Path, **changes: object) -> TrainingJob:
    model = Model("small", "nowhere", architecture=SMALL)
    given = TrainingJob(model, folder, 3, draw_text, None, CONTENT_WORDS, count_words)
    return replace(given, **changes)


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "model" / "model.safetensors").read_bytes()).hexdigest()


def log_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def curve(folder: Path) -> list[tuple[str, str, str]]:
    with (folder / "curve.csv").open(newline="") as file:
        rows = csv.DictReader(file)
        return [(row["step"], row["name"], row["value"]) for row in rows]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    recipe().train(job(folder))
    return folder


def run_until_killed(folder: Path, step: int) -> None:
    """Train in a child that stands still after `step` steps, and kill it there."""
    code = (
        "import sys, time; from pathlib import Path\n"
        "sys.path[:0] = sys.argv[1:3]\n"
        "from test_pretrain import job, recipe\n"
        "folder = Path(sys.argv[3])\n"
        "def wait(done, total):\n"
        f"    if done == {step}:\n"
        "        (folder / 'reached').touch(); time.sleep(600)\n"
        "recipe().train(job(folder, progress=wait))\n"
    )
    here = Path(__file__).parent
    words = [sys.executable, "-c", code, str(here), str(here.parent), str(folder)]
    child = subprocess.Popen(words)
    try:
        for _ in range(600):
            if (folder / "reached").exists() or child.poll() is not None:
                break
            time.sleep(0.1)
        assert (folder / "reached").exists()
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()


def test_killed_and_run_again_gives_the_same_weights(finished: Path, tmp_path: Path) -> None:
    run_until_killed(tmp_path, step=21)  # five steps after a checkpoint, one after a log row
    assert not (tmp_path / "model").exists()
    seen: list[int] = []
    recipe().train(job(tmp_path, progress=lambda done, total: seen.append(done)))
    assert seen[0] == 17  # from the checkpoint, not from the beginning
    assert digest(tmp_path) == digest(finished)
    for key in ("step", "loss", "tokens"):
        expected = [row[key] for row in log_rows(finished) if key != "loss" or row["step"] != "20"]
        resumed = [row[key] for row in log_rows(tmp_path) if key != "loss" or row["step"] != "20"]
        assert resumed == expected  # row 20 of the resumed run is a mean of steps 17-20 alone
    assert curve(tmp_path) == curve(finished)


def test_what_a_finished_training_leaves(finished: Path) -> None:
    weights = AutoModelForCausalLM.from_pretrained(finished / "model")
    tokenizer = AutoTokenizer.from_pretrained(finished / "model")
    assert weights.dtype == torch.bfloat16
    assert weights.config.vocab_size == len(tokenizer) == 300
    assert weights.generation_config.eos_token_id == tokenizer.eos_token_id
    assert (finished / "figures" / "loss.png").stat().st_size > 1000
    losses = [float(row["loss"]) for row in log_rows(finished)]
    assert len(losses) == 3 and losses[-1] < losses[0]


def test_the_probe_is_asked_at_the_start_on_the_way_and_at_the_end(finished: Path) -> None:
    names = {"words/held_out": "0.25", "words/training": "0.5", "mode/training": "0.0"}
    steps = ("0", "7", "14", "21", "28", "30")
    assert curve(finished) == [(step, *pair) for step in steps for pair in names.items()]
    assert (finished / "figures" / "curve.png").stat().st_size > 1000


def test_without_a_probe_there_is_no_curve(tmp_path: Path) -> None:
    numbers = replace(recipe(), steps=2).train(job(tmp_path, probe=None))
    assert set(numbers) == {"loss", "tokens", "seconds", "parameters"}
    assert not (tmp_path / "curve.csv").exists()


def test_another_seed_trains_another_model(finished: Path, tmp_path: Path) -> None:
    recipe().train(job(tmp_path, seed=4))
    assert digest(tmp_path) != digest(finished)


def test_checkpoint_of_another_training_is_refused(finished: Path) -> None:
    with pytest.raises(UserError, match="another training"):
        replace(recipe(), weight_decay=0.5).train(job(finished))


def test_loss_that_is_no_number_stops_and_keeps_the_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    honest = forward.Forward.learn

    def broken(*given: object) -> float:
        calls.append(given)
        return honest(*given) * (float("nan") if len(calls) == 12 else 1.0)

    monkeypatch.setattr(forward.Forward, "learn", broken)
    with pytest.raises(UserError, match="step 12: loss nan"):
        recipe().train(job(tmp_path))
    monkeypatch.undo()
    seen: list[int] = []
    recipe().train(job(tmp_path, progress=lambda done, total: seen.append(done)))
    assert seen[0] == 9


def test_model_without_architecture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no architecture"):
        recipe().train(job(tmp_path, model=Model("formless", "nowhere")))


def test_task_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no training text"):
        recipe().train(job(tmp_path, text=None))


def test_adamw_alone_trains_too(tmp_path: Path) -> None:
    numbers = replace(
        recipe(), optimizer="adamw", learning_rate=0.003, steps=10, precision="float32"
    ).train(job(tmp_path))
    assert numbers["loss"] < 6.0 and numbers["tokens"] == 10 * 2 * 64


@pytest.mark.parametrize(
    "mistake",
    [{"steps": 0}, {"optimizer": "sgd"}, {"precision": "int8"}, {"decay": 2}, {"stepz": 3}],
)
def test_bad_settings_are_refused(mistake: dict[str, object]) -> None:
    settings = configured("recipe/pretrain.yaml") | mistake
    settings.pop("_target_")
    with pytest.raises(ValidationError):
        Pretrain(**settings)


def test_config_files_build() -> None:
    model = configured("model/tiny.yaml")
    assert model.pop("_target_") == "tombench.models.base.Model"
    assert Model(**model).architecture["hidden_size"] == 128
    assert configured("recipe/pretrain.yaml")["_target_"] == "tombench.recipes.pretrain.Pretrain"


def test_plan_counts_the_tokens() -> None:
    lines = recipe().plan(job(Path("unused")))
    assert "3,840" in lines[1]  # 30 steps of 2 x 64
    assert "hidden_size 32" in lines[2]


def test_settings_are_checked_before_anything_heavy_is_imported() -> None:
    code = (
        "import sys, tombench.recipes.pretrain as p\n"
        "heavy = {'torch', 'transformers', 'tokenizers', 'matplotlib', 'numpy'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
