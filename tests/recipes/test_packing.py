"""Packing: a batch is a function of seed and step, and texts do not see one another."""

from random import Random

import pytest
import torch

from tombench.recipes.packing import LossWeights, Packer
from tombench.recipes.tokenizer import train_tokenizer
from tombench.stories.corpus import draw_text
from tombench.stories.layouts import Text


@pytest.fixture(scope="module")
def packer() -> Packer:
    tokenizer = train_tokenizer(draw_text, seed=1, count=300, size=600)
    return Packer(
        draw_text,
        tokenizer,
        LossWeights(first_mention=0.25, answer=2.0, verdict=8.0),
        rows=2,
        length=400,
    )


def test_batch_depends_on_seed_and_step_alone(packer: Packer) -> None:
    first, again = packer.batch(0, 7), packer.batch(0, 7)
    assert torch.equal(first.inputs, again.inputs) and torch.equal(first.weights, again.weights)
    assert not torch.equal(first.inputs, packer.batch(0, 8).inputs)
    assert not torch.equal(first.inputs, packer.batch(1, 7).inputs)


def test_targets_are_the_inputs_shifted(packer: Packer) -> None:
    batch = packer.batch(0, 0)
    assert batch.inputs.shape == batch.targets.shape == batch.weights.shape == (2, 400)
    assert torch.equal(batch.inputs[:, 1:], batch.targets[:, :-1])


def test_mask_is_causal_and_ends_at_the_end_of_a_text(packer: Packer) -> None:
    batch = packer.batch(0, 0)
    row, end = (batch.inputs[:, :-1] == packer.tokenizer.eos_token_id).nonzero()[0].tolist()
    mask = batch.mask[row, 0]
    assert mask[end, : end + 1].all() and not mask[end, end + 1 :].any()
    assert mask[end + 1, end + 1] and not mask[end + 1, : end + 1].any()


def test_next_text_is_not_to_be_guessed_from_the_one_before(packer: Packer) -> None:
    batch = packer.batch(0, 0)
    ends = batch.inputs == packer.tokenizer.eos_token_id
    assert ends.any() and (batch.weights[ends] == 0).all()


def test_prompt_apart_ends_in_a_lone_space(packer: Packer) -> None:
    text = Text("Is it so? Answer: ", "Yes, it is.")
    apart, start = packer.encoded(text, apart=True)
    space = packer.tokenizer.encode(" ")
    assert apart[start - 1 : start] == space
    assert apart[start:-1] == packer.tokenizer.encode("Yes, it is.")
    assert apart[-1] == packer.tokenizer.eos_token_id


def test_prompt_and_answer_joined_are_encoded_as_one_text(packer: Packer) -> None:
    for number in range(40):
        text = draw_text(Random(number))
        ids, _ = packer.encoded(text, apart=False)
        assert ids[:-1] == packer.tokenizer.encode(text.prompt + text.answer)


def test_weights_by_hand(packer: Packer) -> None:
    ids, start = packer.encoded(Text("!,! Answer: ", "Yes,!"), apart=True)
    pieces = packer.tokenizer.convert_ids_to_tokens(ids)
    assert pieces == ["!", ",", "!", "ĠAnswer", ":", "Ġ", "Yes", ",", "!", "<|endoftext|>"]
    expected = [0.0, 0.25, 1.0, 0.25, 0.25, 0.25, 8.0, 2.0, 2.0, 2.0]
    assert packer._weighted(ids, start) == expected
