"""Choices of a reply as samples: thinking apart, tokens counted or shared."""

import pytest

from tombench.backends.api.client import Refusal
from tombench.backends.api.faults import Malformed
from tombench.backends.api.reply import read_samples, shared
from tombench.schema import Sample


def chat(content: object, finish: str = "stop", **fields: object) -> dict:
    return {"message": {"content": content, **fields}, "finish_reason": finish}


def usage(completion: int, thinking: int | None = None) -> dict:
    details = {} if thinking is None else {"reasoning_tokens": thinking}
    return {
        "prompt_tokens": 5,
        "completion_tokens": completion,
        "completion_tokens_details": details,
    }


@pytest.mark.parametrize(
    ("choice", "counted", "sample"),
    [
        (chat(" Yes."), usage(3), Sample(" Yes.", 3, False)),
        (chat("Yes, beca", "length"), usage(3), Sample("Yes, beca", 3, True)),
        ({"text": "No.", "finish_reason": "stop"}, usage(2), Sample("No.", 2, False)),
        (
            chat("No.", reasoning_content="She left."),
            usage(12, 10),
            Sample("No.", 2, False, "She left.", 10),
        ),
        (
            chat("\n\nNo.", reasoning="She left."),
            usage(12, 10),
            Sample("No.", 2, False, "She left.", 10),
        ),
        (  # no count of thinking: by length, 6 of 9 letters
            chat("<think>abcdef</think>xyz"),
            usage(9),
            Sample("xyz", 3, False, "abcdef", 6),
        ),
        (  # cut off while it thought
            chat(None, "length", reasoning_content="abc"),
            usage(4),
            Sample("", 0, True, "abc", 4),
        ),
        (chat(None, refusal="I cannot."), usage(3), Sample("I cannot.", 3, False)),
        (chat(None), usage(0), Sample("", 0, False)),
        (chat("12345678"), {}, Sample("12345678", 2, False)),  # the server counts nothing
    ],
)
def test_one_choice(choice: dict, counted: dict, sample: Sample) -> None:
    assert read_samples({"choices": [choice], "usage": counted}) == [sample]


def test_several_choices_share_the_count_by_length():
    reply = {"choices": [chat("abcd"), chat("ab"), chat("")], "usage": usage(6)}
    assert [sample.tokens for sample in read_samples(reply)] == [4, 2, 0]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1], [5, 5]),
        (10, [1, 2], [3, 7]),
        (3, [0, 0], [1, 2]),
        (7, [0, 5], [0, 7]),
        (0, [3], [0]),
    ],
)
def test_shares_are_whole_and_add_up(total: int, weights: list[int], parts: list[int]) -> None:
    assert shared(total, weights) == parts


def test_the_content_filter_refuses():
    reply = {"choices": [chat("Well", "content_filter")], "usage": usage(1)}
    assert read_samples(reply) == Refusal("the server's content filter stopped the answer")


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"choices": []},
        {"choices": "x"},
        {"choices": [3]},
        {"choices": [{"finish_reason": "stop"}]},
        {"choices": [{"message": None}]},
        {"choices": [{"message": {"content": 3}}]},
        {"choices": [{"text": None}]},
        {"choices": [chat("So", "error")]},
    ],
)
def test_no_answer_is_malformed(reply: dict) -> None:
    with pytest.raises(Malformed):
        read_samples(reply)
