"""Examples as ids: boundaries as in scoring, chats through the template."""

import pytest
from toy_texts import toy_tokenizer

from tombench.errors import UserError
from tombench.models.encoding import Encoding
from tombench.recipes.data.rows import Completion, Message, Preference
from tombench.recipes.trainers.tokens import SoftLabels, tokens_of

CHAT = (
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


@pytest.fixture
def encoding() -> Encoding:
    return Encoding(toy_tokenizer(), None)


def text(encoding: Encoding, ids: list[int]) -> str:
    return encoding.tokenizer.decode(ids, clean_up_tokenization_spaces=False)


def test_a_completion_ends_with_the_end_of_text(encoding: Encoding) -> None:
    found = tokens_of(encoding, Completion("The ball is in the", " box."))
    assert text(encoding, found.prompt) == "The ball is in the"
    assert text(encoding, found.chosen) == " box.<|endoftext|>"
    assert found.rejected is None and found.length == len(found.prompt) + len(found.chosen)


def test_a_space_at_a_prompts_end_belongs_to_the_completion(encoding: Encoding) -> None:
    with_space = tokens_of(encoding, Completion("The ball is in the ", "box."))
    assert with_space == tokens_of(encoding, Completion("The ball is in the", " box."))


def test_both_answers_follow_one_prompt(encoding: Encoding) -> None:
    found = tokens_of(encoding, Preference("It is in the", " box.", " big basket."))
    assert text(encoding, found.chosen) == " box.<|endoftext|>"
    assert text(encoding, found.rejected) == " big basket.<|endoftext|>"
    assert found.length == len(found.prompt) + len(found.rejected)


def test_prose_begins_with_what_stands_for_an_empty_context(encoding: Encoding) -> None:
    found = tokens_of(encoding, Completion("", "Mara put the ball in the box."))
    assert found.prompt == encoding.start
    assert text(encoding, found.chosen) == "Mara put the ball in the box.<|endoftext|>"


def test_a_chat_goes_through_the_template_with_its_earlier_turns() -> None:
    encoding = Encoding(toy_tokenizer(), CHAT)
    chat = (Message("user", "Hi"), Message("assistant", "Yes?"), Message("user", "Where?"))
    found = tokens_of(encoding, Completion(chat, "In the box."))
    assert text(encoding, found.prompt) == "<user>Hi\n<assistant>Yes?\n<user>Where?\n<assistant>"
    assert text(encoding, found.chosen) == "In the box.<|endoftext|>"


def test_a_prompt_is_one_message_where_there_is_a_template() -> None:
    found = tokens_of(Encoding(toy_tokenizer(), CHAT), Completion("Where?", "In the box."))
    assert text(Encoding(toy_tokenizer(), CHAT), found.prompt) == "<user>Where?\n<assistant>"


def test_a_chat_without_a_template_is_refused(encoding: Encoding) -> None:
    with pytest.raises(UserError, match=r"model\.template=FILE"):
        tokens_of(encoding, Completion((Message("user", "Hi"),), "Yes."))


def test_a_template_that_cannot_render_a_chat_is_told() -> None:
    broken = Encoding(toy_tokenizer(), "{{ raise_exception('roles must alternate') }}")
    with pytest.raises(UserError, match=r"roles must alternate"):
        tokens_of(broken, Completion((Message("user", "Hi"),), "Yes."))


def test_soft_labels_follow_the_path_that_was_drawn() -> None:
    """1 2 9 is drawn; of what begins with 1 two thirds go on with 2."""
    every = [([1, 2, 9], 0.5), ([1, 3, 9], 0.25), ([4, 9], 0.25)]
    found = SoftLabels.of([1, 2, 9], every)
    assert found.ids == [[1, 4], [2, 3], [9]]
    assert found.probabilities == [[0.75, 0.25], [2 / 3, 1 / 3], [1.0]]


def test_a_completion_with_a_distribution_has_soft_labels(encoding: Encoding) -> None:
    shares = ((" box.", 0.25), (" basket.", 0.75))
    found = tokens_of(encoding, Completion("The ball is in the", " basket.", shares))
    hard = tokens_of(encoding, Completion("The ball is in the", " basket."))
    assert (found.prompt, found.chosen) == (hard.prompt, hard.chosen)
    first = dict(zip(found.soft.ids[0], found.soft.probabilities[0], strict=True))
    other = tokens_of(encoding, Completion("The ball is in the", " box.")).chosen[0]
    assert first == {other: 0.25, hard.chosen[0]: 0.75}
    assert found.soft.probabilities[1:] == [[1.0]] * (len(hard.chosen) - 1)
