"""Test-only models of the toy corpus: random weights in float32, and jobs that train them."""

import csv
import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from toy_texts import (
    CONTENT_WORDS,
    count_words,
    draw_pair,
    draw_preferences,
    draw_text,
    toy_tokenizer,
)

from tombench.models.base import Model
from tombench.recipes.base import TrainingJob
from tombench.tasks.first_word import first_word_rewards

SMALL = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
}
CONFIGS = Path(__file__).parents[1] / "configs"


def untrained(folder: Path, seed: int = 0) -> Path:
    """Write a model and its tokenizer to a folder."""
    import torch

    from tombench.recipes.scratch import new_model

    torch.manual_seed(seed)
    new_model(SMALL, toy_tokenizer()).save_pretrained(folder)
    toy_tokenizer().save_pretrained(folder)
    return folder


def job(weights: Path, folder: Path, **changes: Any) -> TrainingJob:
    """A job on the toy corpus."""
    given = TrainingJob(
        model=Model("local", str(weights)),
        folder=folder,
        seed=3,
        text=draw_text,
        examples=draw_pair,
        content_words=CONTENT_WORDS,
        probe=count_words,
        preferences=draw_preferences,
        reward=first_word_rewards,
    )
    return replace(given, **changes)


def settings(name: str, **changes: Any) -> dict[str, Any]:
    """A recipe's YAML with changes: what its class is built from."""
    values = yaml.safe_load((CONFIGS / "recipe" / f"{name}.yaml").read_text(encoding="utf-8"))
    values.pop("_target_")
    small = {"steps": 12, "batch_size": 4, "accumulation": 2, "warmup": 2, "max_length": 64}
    small |= {"learning_rate": 0.01, "checkpoint_every": 4, "threads": 1}
    return values | small | changes


def weights_digest(folder: Path, name: str = "adapter/adapter_model.safetensors") -> str:
    """sha256 of saved weights."""
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file's rows."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def saying_box(
    prompts: Sequence[str], completions: Sequence[str], answers: Sequence[str | None]
) -> list[float]:
    """A reward: 1 for answers that begin with this word."""
    return [float(bool(re.match(r"\s*box\b", said))) for said in completions]
