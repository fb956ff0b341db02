"""Packing: a batch is a function of a random stream, texts do not meet, groups stay together."""

from collections.abc import Sequence
from functools import partial
from random import Random

import numpy as np
import pytest
import torch
from toy_texts import CONTENT_WORDS, draw_pair, draw_text, toy_tokenizer

from tombench.models.encoding import Encoding
from tombench.recipes.base import Texts
from tombench.recipes.packing import Batch, Packer, Rows
from tombench.recipes.weights import LossWeights, Vocabulary
from tombench.stories.text import Text

LENGTH = 100


@pytest.fixture(scope="module")
def packer() -> Packer:
    tokenizer = toy_tokenizer()
    weigh = partial(LossWeights().of, vocabulary=Vocabulary.of(tokenizer, CONTENT_WORDS))
    return Packer(draw_text, Encoding(tokenizer, None), weigh, LENGTH)


def rows_of(packer: Packer, key: str, count: int = 3) -> Rows:
    return packer.rows(Random(key), 0.0, count)


def with_texts(packer: Packer, texts: Texts) -> Packer:
    return Packer(texts, packer.encoding, packer.weigh, packer.length)


def read_back(packer: Packer, rows: Rows) -> list[str]:
    """The texts of all rows, decoded; special tokens are shown."""
    numbers = [(row, number) for row in range(len(rows.ids)) for number in _order(rows.texts[row])]
    return [
        packer.encoding.tokenizer.decode(rows.ids[row][rows.texts[row] == number])
        for row, number in numbers
    ]


def _order(numbers: np.ndarray) -> list[int]:
    return [int(number) for number in dict.fromkeys(numbers.tolist())]


def test_rows_depend_on_the_stream_alone(packer: Packer) -> None:
    first, again, other = rows_of(packer, "a"), rows_of(packer, "a"), rows_of(packer, "b")
    assert (first.ids == again.ids).all() and (first.weights == again.weights).all()
    assert not (first.ids == other.ids).all()


def test_progress_reaches_the_corpus(packer: Packer) -> None:
    early, late = packer.rows(Random(0), 0.0, 2), packer.rows(Random(0), 0.9, 2)
    assert len(np.unique(early.texts)) > len(np.unique(late.texts))


def test_targets_are_the_inputs_shifted(packer: Packer) -> None:
    batch = Batch.of([rows_of(packer, "a"), rows_of(packer, "b", 1)])
    assert all(tensor.shape == (4, LENGTH) for tensor in vars(batch).values())
    assert torch.equal(batch.inputs[:, 1:], batch.targets[:, :-1])


def test_mask_and_positions_begin_again_with_each_text() -> None:
    ids = np.array([[7, 8, 9, 7, 8, 7, 7]])
    texts = np.array([[4, 4, 4, 2, 2, -1, -1]])
    batch = Batch.of([Rows(ids, np.ones(ids.shape, np.float32), texts)])
    assert batch.positions.tolist() == [[0, 1, 2, 0, 1, 0]]
    expected = torch.block_diag(
        torch.ones(3, 3).tril(), torch.ones(2, 2).tril(), torch.ones(1, 1)
    ).bool()
    assert torch.equal(batch.mask()[0, 0], expected)


def test_texts_are_whole_but_for_one_at_the_end_of_each_row(packer: Packer) -> None:
    seen: list[Text] = []
    rows = rows_of(with_texts(packer, remembering(draw_text, seen)), "a", 5)
    end = packer.encoding.tokenizer.eos_token
    drawn = {text.prompt + text.answer + end for text in seen}
    for row in range(5):
        *texts, last = read_back(packer, Rows(*(part[[row]] for part in vars(rows).values())))
        assert len(texts) > 1 and drawn.issuperset(texts)
        assert last in drawn or any(text.startswith(last) for text in drawn)


def remembering(texts: Texts, seen: list[Text]) -> Texts:
    """The same corpus; what it gives is added to `seen`."""

    def drawn(rng: Random, progress: float) -> Sequence[Text]:
        group = texts(rng, progress)
        seen.extend(group)
        return group

    return drawn


def test_groups_are_cut_only_where_the_batch_is_full(packer: Packer) -> None:
    seen: list[Text] = []
    rows = rows_of(with_texts(packer, remembering(draw_pair, seen)), "pairs", 4)
    end = packer.encoding.tokenizer.eos_token
    texts = [text for text in read_back(packer, rows) if text.endswith(end)]
    whole = [f"{text.prompt}{text.answer}{end}" in texts for text in seen]
    first_cut = whole.index(False)
    assert all(whole[:first_cut]) and first_cut >= 12
    lengths = [len(packer.encoding.encode(text.prompt + text.answer)) + 1 for text in seen]
    left = 4 * (LENGTH + 1) - sum(lengths[:first_cut])
    assert left < 4 * max(lengths)  # no row has room for the text that was cut


def test_a_text_longer_than_a_row_is_cut(packer: Packer) -> None:
    long = with_texts(packer, lambda rng, progress: (Text("", "Mara put the ball. " * 60),))
    rows = rows_of(long, "a", 2)
    assert (rows.texts[0] == rows.texts[0, 0]).all() and (rows.ids > 1).all()


def test_what_a_text_begins_with_is_not_to_be_guessed(packer: Packer) -> None:
    batch = Batch.of([rows_of(packer, "a")])
    ends = batch.inputs == packer.encoding.tokenizer.eos_token_id
    assert ends.any() and (batch.weights[ends] == 0).all()


def test_normalised_weights_add_up_in_what_is_predicted(packer: Packer) -> None:
    batch = Batch.of([rows_of(packer, "a").normalised(0.25), rows_of(packer, "b").normalised(0.75)])
    assert batch.weights[:3].sum().item() == pytest.approx(0.25)
    assert batch.weights.sum().item() == pytest.approx(1.0)


def test_prompts_end_in_a_lone_space_or_give_it_to_the_answer(packer: Packer) -> None:
    text = Text("Is it so? Answer: ", "Yes, it is.")
    encode = packer.encoding.tokenizer.encode
    apart = ([*encode(text.prompt), *encode(text.answer)], len(encode(text.prompt)))
    joined = (encode(text.prompt + text.answer), len(encode("Is it so? Answer:")))
    seen = [packer.encoded([text], Random(number))[0] for number in range(20)]
    found = {(tuple(ids[:-1]), start) for ids, start in seen}
    assert found == {(tuple(apart[0]), apart[1]), (tuple(joined[0]), joined[1])}
    assert all(ids[-1] == packer.encoding.tokenizer.eos_token_id for ids, _ in seen)
