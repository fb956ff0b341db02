"""Windows as the study draws them, and our own texts, of which no two purposes share one."""

import random

import pytest

from tombench.errors import UserError
from tombench.tasks.sparsity_text import TRIES, joined, own_texts, study_windows

DOCUMENTS = ["1 2", "10 11 12 13", "20 21 22 23 24 25", "30 31 32"]


def ids(text: str) -> list[int]:
    return [int(word) for word in text.split()]


def test_windows_follow_the_draws_of_the_random_module():
    # after random.seed(1), randint(0, 3) and, of six tokens, randint(0, 2) come to:
    # 1 -> document of four; 0 -> too short, 2 -> six, start 0; 3 -> too short, …
    random.seed(1)
    expected = []
    while len(expected) < 5:
        drawn = ids(DOCUMENTS[random.randint(0, 3)])
        if len(drawn) >= 4:
            start = 0 if len(drawn) == 4 else random.randint(0, len(drawn) - 4)
            expected.append(tuple(drawn[start : start + 4]))
    assert study_windows(DOCUMENTS, ids, samples=5, sequence_length=4, seed=1) == expected
    assert {window[0] for window in expected} >= {10, 20}


def test_a_document_as_long_as_a_window_takes_no_draw():
    random.seed(7)
    places = [random.randint(0, 1) for _ in range(6)]
    windows = study_windows(["1 2 3", "4 5 6"], ids, samples=6, sequence_length=3, seed=7)
    assert windows == [((1, 2, 3), (4, 5, 6))[place] for place in places]
    assert set(places) == {0, 1}


def test_windows_begin_anywhere():
    windows = study_windows(["0 1 2 3 4"], ids, samples=60, sequence_length=3, seed=0)
    assert set(windows) == {(0, 1, 2), (1, 2, 3), (2, 3, 4)}


def test_only_what_is_drawn_is_encoded():
    encoded = []

    def encode(text: str) -> list[int]:
        encoded.append(text)
        return [1, 2, 3]

    study_windows([str(n) for n in range(1000)], encode, samples=4, sequence_length=2, seed=0)
    assert len(encoded) == 4


def test_too_short_documents_are_told_after_so_many_tries():
    encoded = []
    with pytest.raises(UserError) as told:
        study_windows(["1"], lambda text: encoded.append(text) or [1], 1, 128, seed=0)
    assert str(told.value) == (
        "task.general_data: none of 100 documents drawn has 128 tokens; give longer ones, or a "
        "smaller task.general_length"
    )
    assert len(encoded) == TRIES == 100


def test_own_texts_are_many_and_differ():
    texts = own_texts(50, "general", 0)
    assert len(texts) == len(set(texts)) == 50
    assert all(text.strip() for text in texts)
    assert own_texts(20, "general", 0) == texts[:20]
    assert own_texts(20, "general", 1) != texts[:20]


def test_no_text_has_two_purposes():
    general = {text for seed in range(3) for text in own_texts(300, "general", seed)}
    perplexity = {text for seed in range(3) for text in own_texts(300, "perplexity", seed)}
    assert not general & perplexity


def test_documents_are_joined_by_blank_lines():
    assert joined(["One.", "", "Two."]) == "One.\n\n\n\nTwo."
