"""The shipped model `tiny`: loads, is small, and keeps to the answer's form."""

import re
from importlib.resources import files
from random import Random

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tombench.stories.layouts import PROMPTINGS, evaluation_text
from tombench.stories.questions import draw_question

SHIPPED = files("tombench.data") / "models" / "tiny"


@pytest.fixture(scope="module")
def tiny() -> tuple[object, object]:
    torch.set_num_threads(1)  # two threads on busy cores take ten times as long
    model = AutoModelForCausalLM.from_pretrained(str(SHIPPED), dtype=torch.float32).eval()
    return model, AutoTokenizer.from_pretrained(str(SHIPPED))


def test_size_and_ends(tiny: tuple[object, object]) -> None:
    model, tokenizer = tiny
    assert (SHIPPED / "model.safetensors").stat().st_size < 2_500_000
    assert model.config.max_position_embeddings == tokenizer.model_max_length == 2048
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id
    assert model.generation_config.pad_token_id == tokenizer.pad_token_id


@pytest.mark.parametrize("prompting", PROMPTINGS)
def test_answers_in_the_trained_form(tiny: tuple[object, object], prompting: str) -> None:
    model, tokenizer = tiny
    formed = 0
    for number in range(6):
        rng = Random(f"form/{prompting}/{number}")
        asked = draw_question(rng, "belief", number % 2 == 0)
        shots = 2 if prompting.endswith("cot") else 0
        examples = tuple(draw_question(rng, "reality", True) for _ in range(shots))
        text = evaluation_text("context", prompting, asked, examples)
        ids = torch.tensor([tokenizer.encode(text.prompt)])
        new = model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=96, do_sample=False
        )[0, ids.shape[1] :]
        said = tokenizer.decode(new, skip_special_tokens=True)
        ended = new[-1] == tokenizer.eos_token_id
        formed += bool(ended and re.search(r"(^|: )(Yes|No), \S.*\.$", said))
    assert formed >= 5


def test_card_names_command_seed_and_what_was_never_trained_on() -> None:
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    command = "tombench stage=finetune task=vignettes recipe=pretrain model=tiny seed=0"
    assert command in card and "MIT" in card and "never trained on" in card
