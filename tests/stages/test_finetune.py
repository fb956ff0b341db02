"""stage=finetune recipe=pretrain: a run folder with weights that stage=eval takes as they are."""

import json
from pathlib import Path

import pytest

from tombench.cli import run

SMALL = [
    "stage=finetune",
    "recipe=pretrain",
    "model=tiny",
    "recipe.steps=3",
    "recipe.batch_size=1",
    "recipe.sequence_length=64",
    "recipe.tokenizer_texts=200",
    "recipe.vocabulary=300",
    "recipe.checkpoint_every=2",
    "model.architecture.hidden_size=16",
    "model.architecture.intermediate_size=32",
    "model.architecture.num_hidden_layers=1",
    "model.architecture.num_attention_heads=2",
    "model.architecture.num_key_value_heads=2",
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("outputs")
    assert run([*SMALL, f"output_root={root}"]) == 0
    return root / "finetune" / "vignettes" / "tiny-pretrain" / "v0001"


def test_the_run_folder_holds_weights_curve_and_facts(trained):
    names = {path.relative_to(trained).as_posix() for path in trained.rglob("*")}
    assert {
        "model/model.safetensors",
        "model/tokenizer.json",
        "log.csv",
        "figures/loss.png",
    } <= names
    about = json.loads((trained / "run.json").read_text())
    assert about["status"] == "finished" and about["results"]["tokens"] == 3 * 64
    assert (trained.parent / "latest").resolve() == trained.resolve()


def test_a_finished_training_is_left_alone(trained, capsys):
    weights = trained / "model" / "model.safetensors"
    before = weights.stat().st_mtime_ns
    assert run([*SMALL, f"output_root={trained.parents[3]}"]) == 0
    assert capsys.readouterr().out.strip() == f"results: {trained}"
    assert weights.stat().st_mtime_ns == before


def test_another_seed_is_another_run(trained):
    assert run([*SMALL, "seed=1", f"output_root={trained.parents[3]}"]) == 0
    other = trained.with_name("v0002") / "model" / "model.safetensors"
    assert other.read_bytes() != (trained / "model" / "model.safetensors").read_bytes()


def test_the_run_is_a_model(trained, tmp_path):
    words = ["model=local", f"model.path={trained}", "limit=1", "task.repetitions=2"]
    words += ["generation.max_new_tokens=3", f"output_root={tmp_path}", "backend.device=cpu"]
    assert run(words) == 0
    folder = tmp_path / "eval" / "vignettes" / "local" / "v0001"
    assert len((folder / "records.jsonl").read_text().splitlines()) == 2
    assert json.loads((folder / "run.json").read_text())["label"] == "local:v0001"


def test_a_dry_run_writes_nothing(tmp_path, capsys):
    assert run([*SMALL, "dry_run=true", f"output_root={tmp_path}"]) == 0
    assert "results:" not in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_model_without_a_shape_cannot_be_trained_from_scratch(tmp_path, capsys):
    words = ["stage=finetune", "recipe=pretrain", "model=qwen3-8b", f"output_root={tmp_path}"]
    assert run(words) == 2
    assert "no architecture" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
