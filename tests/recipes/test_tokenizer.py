"""The tokenizer: every text comes back, spaces lead words, the shipped files load."""

from importlib.resources import files
from pathlib import Path

import pytest
from toy_texts import draw_text, toy_tokenizer
from transformers import AutoTokenizer

from tombench.recipes.tokenizer import END_OF_TEXT, train_tokenizer

SHIPPED = files("tombench.data") / "models" / "tiny"


@pytest.fixture(scope="module")
def tokenizer() -> object:
    return toy_tokenizer()


@pytest.mark.parametrize(
    "text",
    [
        "Mara put the ball in the box.",
        "Answer: ",
        "  two  spaces\n\n\ttab \r\n end ",
        "naïve café — “quotes” 東京 🙂 \x00\x7f",
        "don't , . ! 's",
        "",
    ],
)
def test_any_text_comes_back_exactly(tokenizer: object, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_size_and_special_tokens(tokenizer: object) -> None:
    assert len(tokenizer) == 332
    assert tokenizer.eos_token == END_OF_TEXT
    assert tokenizer.pad_token_id not in (None, tokenizer.eos_token_id)
    assert tokenizer.encode(END_OF_TEXT) == [tokenizer.eos_token_id]
    assert tokenizer.model_max_length == 2048


def test_nothing_is_put_before_a_text_and_a_space_belongs_to_the_next_word(
    tokenizer: object,
) -> None:
    assert tokenizer.tokenize(" the") == ["Ġthe"]
    assert tokenizer.tokenize("Answer: ")[-1] == "Ġ"
    assert tokenizer.tokenize("Answer: Yes")[-1] == "ĠYes"


def test_saved_and_loaded_by_the_usual_class(tokenizer: object, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    text = "Does Mara think that 東京 is in the box? "
    assert again.encode(text) == tokenizer.encode(text)
    assert again.eos_token_id == tokenizer.eos_token_id


def test_same_seed_learns_the_same_ids(tokenizer: object) -> None:
    again = train_tokenizer(draw_text, seed=1, count=300, size=332)
    assert again.get_vocab() == tokenizer.get_vocab()


def test_shipped_tokenizer() -> None:
    shipped = AutoTokenizer.from_pretrained(str(SHIPPED))
    assert len(shipped) == 2048
    assert shipped.decode(shipped.encode("Œuvre\n 🙂 ")) == "Œuvre\n 🙂 "
    assert len(shipped.encode(" kitchen")) == 1
