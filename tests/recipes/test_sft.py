"""Fine-tuning: the loss falls, a kill changes nothing, embeddings stay, replay has its share."""

import csv
import hashlib
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from test_pretrain import SMALL, configured
from toy_texts import CONTENT_WORDS, count_words, draw_pair, draw_text, toy_tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer

from tombench.errors import UserError
from tombench.models.base import Model
from tombench.models.load import load
from tombench.recipes.base import TrainingJob
from tombench.recipes.scratch import new_model
from tombench.recipes.sft import Sft
from tombench.recipes.tuning import Replayed, pupil


def recipe(**changes: object) -> Sft:
    settings = configured("recipe/sft.yaml")
    settings.pop("_target_")
    small = {"steps": 30, "batch_size": 4, "sequence_length": 64, "warmup": 3}
    small |= {"learning_rate": 0.02, "embedding_learning_rate": 0.01, "frozen_embeddings": False}
    small |= {"evaluate_every": 10, "checkpoint_every": 8}
    return Sft(**settings | small | changes)


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder: random weights in float32 and a tokenizer of the toy corpus."""
    folder = tmp_path_factory.mktemp("untrained")
    torch.manual_seed(0)
    new_model(SMALL, toy_tokenizer()).save_pretrained(folder)
    toy_tokenizer().save_pretrained(folder)
    return folder


def job(weights: Path, folder: Path, **changes: object) -> TrainingJob:
    of = Model("local", str(weights))
    given = TrainingJob(of, folder, 3, draw_text, draw_pair, CONTENT_WORDS, count_words)
    return replace(given, **changes)


@pytest.fixture(scope="module")
def finished(untrained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    recipe().train(job(untrained, folder))
    return folder


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "model" / "model.safetensors").read_bytes()).hexdigest()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_loss_falls_and_the_model_loads(finished: Path) -> None:
    losses = [float(row["loss"]) for row in rows(finished / "log.csv")]
    assert losses[-1] < 0.8 * losses[0]
    model = AutoModelForCausalLM.from_pretrained(finished / "model")
    assert model.dtype == torch.bfloat16
    assert model.config.vocab_size == len(AutoTokenizer.from_pretrained(finished / "model")) == 332


def test_killed_and_run_again_gives_the_same_weights(
    untrained: Path, finished: Path, tmp_path: Path
) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "sys.path[:0] = sys.argv[1:3]\n"
        "from test_sft import job, recipe\n"
        "def die(done, total):\n"
        "    if done == 21: os.kill(os.getpid(), signal.SIGKILL)\n"
        "recipe().train(job(Path(sys.argv[3]), Path(sys.argv[4]), progress=die))\n"
    )
    here = Path(__file__).parent
    words = [sys.executable, "-c", code, *map(str, (here, here.parent, untrained, tmp_path))]
    assert subprocess.run(words, check=False, timeout=1200).returncode == -signal.SIGKILL
    assert not (tmp_path / "model").exists()
    seen: list[int] = []
    recipe().train(job(untrained, tmp_path, progress=lambda done, total: seen.append(done)))
    assert seen[0] == 17
    assert digest(tmp_path) == digest(finished)
    curves = [
        [(row["step"], row["name"], row["value"]) for row in rows(folder / "curve.csv")]
        for folder in (tmp_path, finished)
    ]
    assert curves[0] == curves[1] and len(curves[0]) == 12  # 3 names at steps 0, 10, 20, 30


@pytest.mark.parametrize("frozen", [True, False])
def test_frozen_embeddings_stay_as_they_are(untrained: Path, tmp_path: Path, frozen: bool) -> None:
    recipe(steps=3, frozen_embeddings=frozen).train(job(untrained, tmp_path))
    before = AutoModelForCausalLM.from_pretrained(untrained, dtype=torch.bfloat16)
    after = AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype=torch.bfloat16)
    for layer in ("get_input_embeddings", "get_output_embeddings"):
        same = torch.equal(getattr(before, layer)().weight, getattr(after, layer)().weight)
        assert same == frozen
    assert not torch.equal(
        before.model.layers[0].mlp.up_proj.weight, after.model.layers[0].mlp.up_proj.weight
    )


def test_what_evaluation_has_loaded_is_not_trained(untrained: Path, tmp_path: Path) -> None:
    held = load(Model("local", str(untrained)), "cpu").network
    before = [weight.clone() for weight in held.parameters()]
    recipe(steps=2).train(job(untrained, tmp_path))
    assert all(torch.equal(a, b) for a, b in zip(before, held.parameters(), strict=True))


@pytest.mark.parametrize(("share", "expected"), [(0.25, [1, 1, 1, 1]), (0.375, [1, 2, 1, 2])])
def test_rows_of_replay_come_to_their_share(
    untrained: Path, tmp_path: Path, share: float, expected: list[int]
) -> None:
    batches = pupil(recipe(replay=share), job(untrained, tmp_path)).batches
    assert [batches.replayed_rows(step) for step in range(4)] == expected
    batch = batches.batch(1)
    assert batch.inputs.shape == (4, 64)
    assert batch.weights[-expected[1] :].sum().item() == pytest.approx(expected[1] / 4)
    assert batch.weights.sum().item() == pytest.approx(1.0)


def test_batches_depend_on_seed_and_step_alone(untrained: Path, tmp_path: Path) -> None:
    batches = pupil(recipe(), job(untrained, tmp_path)).batches
    again: Replayed = replace(batches)
    assert torch.equal(batches.batch(2).inputs, again.batch(2).inputs)
    other = replace(batches, seed=4)
    for row in (0, -1):  # of examples, of replay
        assert not torch.equal(batches.batch(2).inputs[row], batches.batch(3).inputs[row])
        assert not torch.equal(batches.batch(2).inputs[row], other.batch(2).inputs[row])


def test_an_adapter_is_merged_and_trained_on(untrained: Path, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model

    base = AutoModelForCausalLM.from_pretrained(untrained)
    get_peft_model(base, LoraConfig(r=2, target_modules=["q_proj"])).save_pretrained(
        tmp_path / "adapter"
    )
    adapted = Model("local", str(untrained), adapter=str(tmp_path / "adapter"))
    (tmp_path / "run").mkdir()
    recipe(steps=2).train(job(untrained, tmp_path / "run", model=adapted))
    assert not (tmp_path / "run" / "model" / "adapter_config.json").exists()
    AutoModelForCausalLM.from_pretrained(tmp_path / "run" / "model")


@pytest.mark.parametrize(
    ("changes", "settings", "told"),
    [
        ({"examples": None}, {}, "no training examples"),
        ({"text": None}, {}, "recipe.replay=0"),
        ({}, {"sequence_length": 16}, "recipe.sequence_length=16: an example has"),
    ],
)
def test_what_cannot_be_done_is_refused(
    untrained: Path,
    tmp_path: Path,
    changes: dict[str, object],
    settings: dict[str, object],
    told: str,
) -> None:
    with pytest.raises(UserError, match=told):
        recipe(**settings).train(job(untrained, tmp_path, **changes))


def test_quantized_weights_are_refused(untrained: Path, tmp_path: Path) -> None:
    packed = Model("local", str(untrained), quantization="nf4")
    with pytest.raises(UserError, match=r"model\.quantization=none"):
        recipe().train(job(untrained, tmp_path, model=packed))


def test_without_replay_no_text_is_needed(untrained: Path, tmp_path: Path) -> None:
    numbers = recipe(steps=2, replay=0.0).train(job(untrained, tmp_path, text=None))
    assert numbers["tokens"] == 2 * 4 * 64 and numbers["words/held_out"] == 0.25


def test_the_plan_marks_what_carries_loss(untrained: Path, tmp_path: Path) -> None:
    lines = recipe().plan(job(untrained, tmp_path))
    assert lines[:2] == ["steps  30 of 4 x 64 tokens", "tokens 7,680"]
    assert lines[2].startswith("replay 25%")
    assert lines[-1].count("⟦") == 1 and lines[-1].endswith(".⟧") and " is in the ⟦" in lines[-1]


def test_settings_are_checked_before_anything_heavy_is_imported() -> None:
    code = (
        "import sys, tombench.recipes.sft as s\n"
        "heavy = {'torch', 'transformers', 'tokenizers', 'matplotlib', 'numpy'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
