"""What tokens count in the loss, by hand."""

import numpy as np
from toy_texts import toy_tokenizer

from tombench.recipes.weights import LossWeights, Tokens, Vocabulary

#          0    1      2    3     4
WORDS = ("the", "box", ".", "Yes", "No")
VOCABULARY = Vocabulary(
    content=np.array([word == "box" for word in WORDS]),
    verdict=np.array([word in ("Yes", "No") for word in WORDS]),
)
WEIGHTS = LossWeights(first_mention=0.25, content=4.0, function=0.5, answer=2.0, verdict=8.0)


def tokens(ids: list[int], text: list[int], answer: list[int]) -> Tokens:
    return Tokens(np.array(ids), np.array(text), np.array(answer, dtype=bool))


def test_first_mentions_repetitions_answers_and_verdicts() -> None:
    given = tokens(
        ids=[0, 1, 2, 0, 1, 3, 1, 0, 2, 3],
        text=[0] * 10,
        answer=[0, 0, 0, 0, 0, 0, 1, 1, 1, 1],
    )
    expected = [0.25, 0.25, 0.25, 0.5, 4.0, 8.0, 8.0, 1.0, 1.0, 8.0]
    assert WEIGHTS.of(given, VOCABULARY).tolist() == expected


def test_a_new_word_in_an_answer_is_still_a_first_mention() -> None:
    given = tokens([0, 1], [0, 0], [0, 1])
    assert WEIGHTS.of(given, VOCABULARY).tolist() == [0.25, 0.5]


def test_each_text_has_its_own_first_mentions() -> None:
    given = tokens([1, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 0])
    assert WEIGHTS.of(given, VOCABULARY).tolist() == [0.25, 4.0, 0.25, 4.0]


def test_ids_are_known_by_their_words() -> None:
    tokenizer = toy_tokenizer()
    known = Vocabulary.of(tokenizer, frozenset({"box", "mara"}))
    pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    assert {p for p, is_one in zip(pieces, known.content, strict=True) if is_one} == {
        "Ġbox",
        "ĠMara",
        "Mara",
    }
    verdicts = {p for p, is_one in zip(pieces, known.verdict, strict=True) if is_one}
    assert {"ĠYes", "ĠNo"} <= verdicts <= {"ĠYes", "ĠNo", "Yes", "No"}
