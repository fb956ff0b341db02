"""The shipped models: load, are small, keep to an answer's form, and read what their cards say."""

import json
import re
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tombench.stories.layouts import draw_answered, evaluation_text
from tombench.tasks.story_probe import probe

SHIPPED = Path(str(files("tombench.data") / "models"))
NAMES = ("tiny", "small")
MOST_BYTES = {"tiny": 2_500_000, "small": 11_500_000}


@pytest.fixture(scope="module", params=NAMES)
def shipped(request: pytest.FixtureRequest) -> tuple[str, object, object]:
    torch.set_num_threads(1)  # two threads on busy cores take ten times as long
    folder = SHIPPED / request.param
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    return request.param, model, AutoTokenizer.from_pretrained(folder)


def test_size_and_ends(shipped: tuple[str, object, object]) -> None:
    name, model, tokenizer = shipped
    assert (SHIPPED / name / "model.safetensors").stat().st_size < MOST_BYTES[name]
    assert model.config.max_position_embeddings == tokenizer.model_max_length == 2048
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id
    assert model.generation_config.pad_token_id == tokenizer.pad_token_id


def test_all_models_together_are_below_twenty_megabytes() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 20_000_000


def test_one_tokenizer() -> None:
    first, second = ((SHIPPED / name / "tokenizer.json").read_bytes() for name in NAMES)
    assert first == second


def test_answers_in_the_trained_form(shipped: tuple[str, object, object]) -> None:
    """Under base prompting; the cards say that with steps the form is often lost."""
    _, model, tokenizer = shipped
    formed = 0
    for number in range(6):
        text = evaluation_text("context", "base", draw_answered(Random(f"form/{number}")))
        ids = torch.tensor([tokenizer.encode(text.prompt)])
        new = model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=96, do_sample=False
        )[0, ids.shape[1] :]
        said = tokenizer.decode(new, skip_special_tokens=True)
        ended = new[-1] == tokenizer.eos_token_id
        formed += bool(ended and re.search(r"^(Yes|No), \S.*\.$", said))
    assert formed >= 5


def test_reads_reality_and_memory_and_is_biased_to_reality(
    shipped: tuple[str, object, object],
) -> None:
    """The card's claims on held-out words, on the probe's sets."""
    _, model, tokenizer = shipped
    found = probe(model, tokenizer)
    assert found["held-out words/reality"] >= 0.88
    assert found["held-out words/memory"] >= 0.88
    assert found["held-out words/pairs"] <= 0.3


@pytest.mark.parametrize("name", NAMES)
def test_card_names_command_seed_and_what_was_never_trained_on(name: str) -> None:
    card = (SHIPPED / name / "README.md").read_text(encoding="utf-8")
    command = f"tombench stage=finetune task=vignettes recipe=pretrain model={name} seed=0"
    assert command in card and "MIT" in card and "never trained on" in card
    config = json.loads((SHIPPED / name / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["LlamaForCausalLM"]
