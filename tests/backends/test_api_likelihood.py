"""Log-probabilities from a server, in whichever way it gives them, or none."""

import logging
import math
from collections.abc import Iterator

import pytest
from api_requests import OPTIONS, PROMPT, drawing, scoring, server
from loopback import Loopback, log_prob, tokens

from tombench.errors import UserError


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def test_echo_scores_any_continuation_exactly(loopback: Loopback) -> None:
    (found,) = server(loopback, mode="completions").loglikelihood([scoring()])
    assert found.prompt == PROMPT
    assert found.tokens == tuple(len(tokens(" " + option)) for option in OPTIONS)
    for value, option in zip(found.log_likelihoods, OPTIONS, strict=True):
        before, wanted = PROMPT.rstrip(), 0.0
        for token in tokens(" " + option):
            wanted += log_prob(before, token)
            before += token
        assert value == pytest.approx(wanted, abs=1e-9)
    assert len(loopback.calls) == len(OPTIONS)
    assert all(call["max_tokens"] == 1 for call in loopback.calls)


def test_a_token_over_the_boundary_is_the_contexts_own(loopback: Loopback) -> None:
    """The context alone is "The", " answ"; with its continuation "The", " answer", "."."""
    asked = scoring("er.", context="The answ")
    (found,) = server(loopback, mode="completions").loglikelihood([asked])
    assert found.log_likelihoods[0] == pytest.approx(log_prob("The answer", "."))
    assert found.tokens == (1,)


def test_a_server_without_echo_lists_likely_first_tokens(loopback: Loopback) -> None:
    loopback.refuses = frozenset({"echo", "prompt_logprobs"})
    loopback.listed = {" Yes": -0.5, " No": -1.5, " no": -3.0, " Well": -5.0}
    own = server(loopback, mode="completions")
    asked = [scoring("Yes", "yes", "No", "no"), scoring("Yes", "No", context="Other? ")]
    first, second = own.loglikelihood(asked)
    left = 1 - sum(math.exp(v) for v in loopback.listed.values())
    bound = min(-5.0, math.log(left))
    assert first.log_likelihoods == pytest.approx((-0.5, bound, -1.5, -3.0))
    assert first.greedy == (True, False, False, False)
    assert second.log_likelihoods == (-0.5, -1.5)
    assert own.usage()["options_bounded"] == 1
    assert [("echo" in c, "prompt_logprobs" in c) for c in loopback.calls[-2:]] == [
        (False, False)
    ] * 2


@pytest.mark.parametrize("mode", ["chat", "completions"])
def test_vllms_own_field_scores_any_continuation(loopback: Loopback, mode: str) -> None:
    loopback.refuses, loopback.prompt_logprobs = frozenset({"echo"}), True
    (found,) = server(loopback, mode=mode).loglikelihood([scoring()])
    if mode == "chat":
        begun = {call["messages"][1]["content"] for call in loopback.calls}
        assert begun == set(OPTIONS)
        assert all(call["continue_final_message"] for call in loopback.calls)
    for value, option in zip(found.log_likelihoods, OPTIONS, strict=True):
        before, added = PROMPT, "\n" + option  # as the loopback joins messages
        if mode == "completions":
            before, added = PROMPT.rstrip(), " " + option
        pieces = tokens(before + added)[len(tokens(before.rstrip())) :]
        before, wanted = before.rstrip(), 0.0
        for piece in pieces:
            wanted += log_prob(before, piece)
            before += piece
        assert value == pytest.approx(wanted, abs=1e-9)
    assert found.greedy == (False,) * len(OPTIONS)


@pytest.mark.parametrize("how", ["ignores", "refuses"])
def test_chat_lists_likely_first_tokens(loopback: Loopback, how: str) -> None:
    setattr(loopback, how, frozenset({"prompt_logprobs"}))
    loopback.listed = {"No": -0.25, "Yes": -2.0}
    own = server(loopback)
    asked = [scoring("Yes", "No", context=f"{n}? ") for n in range(5)]
    found = own.loglikelihood(asked)
    assert {response.log_likelihoods for response in found} == {(-2.0, -0.25)}
    by_first = [call for call in loopback.calls if "top_logprobs" in call]
    assert len(by_first) == 5
    own.loglikelihood(asked[:1])  # how it is asked is known now
    assert len(loopback.calls) == 2 + 5 + 1


def test_a_server_without_log_probabilities_is_told_once(
    loopback: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    own = server(loopback)
    own.batches([[drawing(1), scoring()]])
    with caplog.at_level(logging.WARNING, "tombench"):
        found = own.loglikelihood([scoring(context=f"{n}? ") for n in range(3)])
        asked = len(loopback.calls)
        found += own.loglikelihood([scoring()])
    assert len(loopback.calls) == asked
    assert {response.error for response in found} == {"the server gives no log-probabilities"}
    assert len(caplog.messages) == 1
    assert "records hold no log_probs" in caplog.messages[0]


def test_a_task_that_needs_them_ends_with_one_line(loopback: Loopback) -> None:
    own = server(loopback)
    own.batches([[scoring()]])
    with pytest.raises(UserError, match=r"task\.repetitions=0") as caught:
        own.loglikelihood([scoring()])
    assert len(caught.value.mistakes) == 1


def test_none_are_asked_for_where_the_user_wants_none(loopback: Loopback) -> None:
    own = server(loopback, log_probs=False)
    own.batches([[drawing(1), scoring()]])
    (found,) = own.loglikelihood([scoring()])
    assert found.error == "the server gives no log-probabilities"
    assert loopback.calls == []
    own.batches([[scoring()]])
    with pytest.raises(UserError, match=r"backend\.log_probs=false"):
        own.loglikelihood([scoring()])


def test_a_context_that_does_not_fit_is_its_own_error(loopback: Loopback) -> None:
    loopback.context = 60
    asked = [scoring(context="word " * 99), scoring()]
    long, short = server(loopback, mode="completions").loglikelihood(asked)
    assert "do not fit" in long.error
    assert short.error is None
