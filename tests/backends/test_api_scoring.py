"""Log-probabilities out of replies, by hand."""

import math

import pytest

from tombench.backends.api.faults import Malformed
from tombench.backends.api.scoring import (
    Continuation,
    Place,
    Token,
    bounded,
    place_of,
    read_echo,
    read_first_tokens,
    read_prompt_log_probs,
    summed,
)


def spelt(*texts: str) -> list[Token]:
    return [Token(text, -1.0, -1.0) for text in texts]


@pytest.mark.parametrize(
    ("tokens", "continuation", "place"),
    [
        (["Answer", ":", " Yes"], " Yes", Place(2)),
        (["Answer", ":", " ", "Yes"], " Yes", Place(2)),
        (["<s>", "Answer", ":", " Y", "es"], " Yes", Place(3)),
        (["▁Answer", ":", "▁Yes"], " Yes", Place(2)),
        (["▁Answer", ":", "▁", "Yes"], " Yes", Place(2)),
        (["ĠAnswer", ":", "ĠYes"], " Yes", Place(2)),
        (["Answer", ":", "Yes"], " Yes", Place(2)),  # decoded one by one, blanks lost
        (["Answer", ":", " Yes"], "Yes", Place(2)),  # blanks before it count as its own
        (["Answer", ":", "▁Yes"], "Yes", Place(2)),
        (["<assistant>", "\n", "Yes"], "Yes", Place(1)),
        (["�", "�", ":", " Yes"], " Yes", Place(3)),  # broken characters before do not matter
        (["", ":", " Yes"], " Yes", Place(2)),
        (["(", "A", ")"], ")", Place(2)),
        (["The", " answ", "er"], "swer", Place(2, straddled=True)),
        (["answer"], "swer", Place(1, straddled=True)),
        (["Answer", ":", " No"], " Yes", None),
        (["Yes"], "Yes, yes", None),
        ([], "Yes", None),
    ],
)
def test_where_a_continuation_begins(
    tokens: list[str], continuation: str, place: Place | None
) -> None:
    assert place_of(spelt(*tokens), continuation) == place


def test_a_sum_and_whether_each_token_was_the_likeliest():
    best, other = Token("a", -0.5, -0.5), Token("b", -2.0, -1.0)
    assert summed([best, best]) == Continuation(-1.0, 2, True)
    assert summed([best, other]) == Continuation(-2.5, 2, False)
    assert summed([Token("a", -0.5, None)]) == Continuation(-0.5, 1, False)
    assert summed([best, Token("c", None, None)]) == (
        "the server leaves out log-probabilities of the prompt"
    )
    assert summed([]) == "a merge leaves the continuation without a token"


ECHO = {
    "tokens": ["A", ":", " Yes", "."],
    "token_logprobs": [None, -1.5, -0.25, -3],
    "top_logprobs": [None, {" is": -0.5}, {" Yes": -0.25}, {"!": -1}],
}


@pytest.mark.parametrize("usage", [{"usage": {"completion_tokens": 1}}, {}])
def test_echo_without_what_was_drawn(usage: dict) -> None:
    tokens = read_echo({"choices": [{"logprobs": ECHO}], **usage})
    assert tokens == [Token("A", None, None), Token(":", -1.5, -0.5), Token(" Yes", -0.25, -0.25)]


def test_echo_of_a_server_that_drew_nothing():
    tokens = read_echo({"choices": [{"logprobs": ECHO}], "usage": {"completion_tokens": 0}})
    assert [token.text for token in tokens] == ["A", ":", " Yes", "."]


@pytest.mark.parametrize(
    "log_probs",
    [
        None,
        {"content": []},
        {"tokens": ["A"], "token_logprobs": []},
        {"tokens": [" drawn"], "token_logprobs": [-1.0]},  # llama.cpp: of what was drawn alone
    ],
)
def test_no_echo(log_probs: object) -> None:
    assert read_echo({"choices": [{"logprobs": log_probs}]}) is None


def test_prompt_log_probs_as_vllm_gives_them():
    places = [
        None,
        {
            "7": {"logprob": -2.0, "rank": 5, "decoded_token": ":"},
            "9": {"logprob": -0.5, "rank": 1, "decoded_token": " is"},
        },
        {"4": {"logprob": -0.25, "rank": 1, "decoded_token": " Yes"}},
    ]
    wanted = [Token("", None, None), Token(":", -2.0, -0.5), Token(" Yes", -0.25, -0.25)]
    assert read_prompt_log_probs({"choices": [{"prompt_logprobs": places}]}) == wanted
    assert read_prompt_log_probs({"choices": [{}], "prompt_logprobs": places}) == wanted
    assert read_prompt_log_probs({"choices": [{}]}) is None
    assert read_prompt_log_probs({"choices": [{"prompt_logprobs": [{"3": -1.0}]}]}) is None


def test_first_tokens_of_both_protocols():
    chat = {"token": "Yes", "logprob": -0.1, "top_logprobs": [{"token": "No", "logprob": -3}]}
    assert read_first_tokens({"choices": [{"logprobs": {"content": [chat]}}]}) == {
        "Yes": -0.1,
        "No": -3.0,
    }
    top = {"▁Yes": -0.1, " No": -3.0}
    assert read_first_tokens({"choices": [{"logprobs": {"top_logprobs": [top]}}]}) == {
        " Yes": -0.1,
        " No": -3.0,
    }
    for none in (None, {}, {"content": []}, {"content": None}, {"top_logprobs": [None]}):
        assert read_first_tokens({"choices": [{"logprobs": none}]}) is None


def test_a_log_probability_above_zero_is_malformed():
    with pytest.raises(Malformed):
        read_first_tokens({"choices": [{"logprobs": {"top_logprobs": [{"a": 0.5}]}}]})


def test_listed_options_are_exact():
    listed = {"Yes": -0.5, "No": -1.0, "Well": -4.0}
    assert bounded(listed, ["Yes", "No"]) == [
        Continuation(-0.5, 1, True),
        Continuation(-1.0, 1, False),
    ]


def test_an_option_that_is_not_listed_is_bounded_by_the_last_that_is():
    listed = {"Yes": math.log(0.6), "Well": math.log(0.05)}  # 0.35 are left over
    found = bounded(listed, ["Yes", "No"])
    assert found[1].log_likelihood == pytest.approx(math.log(0.05))


def test_an_option_that_is_not_listed_is_bounded_by_what_is_left_over():
    listed = {"Yes": math.log(0.6), "Well": math.log(0.39)}
    found = bounded(listed, ["Yes", "No"])
    assert found[1].log_likelihood == pytest.approx(math.log(0.01))


def test_options_that_could_outweigh_the_listed_one_tell_nothing():
    listed = {"Well": math.log(0.5), "Yes": math.log(0.1)}
    assert isinstance(bounded(listed, ["Yes", "yes", "No", "no"]), str)  # 3 x 0.1 > 0.1
    assert isinstance(bounded(listed, ["Never"]), str)
    assert isinstance(bounded({"Well": -0.01}, ["Yes", "No"]), str)
