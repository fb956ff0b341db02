"""Requests to a server that misbehaves: what is tried again, what ends the run, what is told."""

import logging
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from loopback import Loopback

from tombench.backends.api.backend import ApiBackend
from tombench.backends.api.client import Ask, Client, Refusal, in_the_clear
from tombench.backends.api.reply import read_samples
from tombench.errors import RunFailed, UserError

KEY = "a-very-secret-word"
AGAIN = ["429", "500", "502", "503", "529", "cut", "half", "not json", "list", "no choices"]
AGAIN += ["no message", "gateway"]


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with Loopback() as server:
        yield server


def client(loopback: Loopback, **fields: object) -> Client:
    settings = {"backoff": 0.001, "retries": 3, "timeout": 20.0} | fields
    return Client(ApiBackend(base_url=loopback.url, **settings), loopback.model)


def asking(number: int = 0, **fields: object) -> Ask:
    body: dict[str, Any] = {
        "model": "mind",
        "messages": [{"role": "user", "content": f"Question {number}?"}],
        "temperature": 0.7,
        "seed": number,
        "max_tokens": 20,
    }
    return Ask(body | fields, tokens=30)


def texts(found: list[Any]) -> list[str]:
    return [samples[0].text for samples in found]


@pytest.mark.parametrize("fault", AGAIN)
def test_what_passes_is_tried_again(loopback: Loopback, fault: str) -> None:
    wanted = client(loopback).ask([asking()], read_samples)
    loopback.calls.clear()
    loopback.faults = deque([fault, fault])
    own = client(loopback)
    assert own.ask([asking()], read_samples) == wanted
    assert len(loopback.calls) == 3
    assert own.tally.retries == 2
    assert all(call == loopback.calls[0] for call in loopback.calls)


def test_a_server_that_only_streams_is_asked_once(loopback: Loopback) -> None:
    loopback.always = "stream"
    with pytest.raises(UserError, match="the server streams its answers"):
        client(loopback).ask([asking()], read_samples)
    assert len(loopback.calls) == 1


def test_half_a_character_is_a_question_mark(loopback: Loopback) -> None:
    loopback.always = "half a character"
    assert texts(client(loopback).ask([asking()], read_samples)) == ["Yes ?."]


def test_a_slow_answer_is_given_up_and_asked_again(loopback: Loopback) -> None:
    loopback.faults = deque(["slow"])
    own = client(loopback, timeout=0.3)
    assert len(own.ask([asking()], read_samples)) == 1
    assert len(loopback.calls) == 2


@pytest.mark.parametrize("fault", ["429", "500", "cut", "not json"])
def test_retries_run_out(loopback: Loopback, fault: str) -> None:
    loopback.always = fault
    with pytest.raises(RunFailed, match="3 retries did not help") as caught:
        client(loopback).ask([asking()], read_samples)
    assert len(loopback.calls) == 4
    assert "give the same command again" in str(caught.value)
    assert len(caught.value.mistakes) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"model": "mnd"}, "knows no model"),
        ({"top_k": 3}, "backend.send_top_k=false leaves top_k out"),
        ({"top_p": 0.5}, "set generation.temperature and generation.top_p"),
        ({"colour": "red"}, "backend.extra_body"),
    ],
)
def test_what_cannot_pass_ends_the_run_at_once(
    loopback: Loopback, fields: Mapping[str, Any], said: str
) -> None:
    loopback.refuses = frozenset({"top_k", "top_p", "colour"})
    with pytest.raises(UserError, match=said) as caught:
        client(loopback).ask([asking(**fields)], read_samples)
    assert len(loopback.calls) == 1
    assert loopback.url in str(caught.value)


def test_a_wrong_model_name_is_told_with_the_servers_own(loopback: Loopback) -> None:
    own = client(loopback)
    own.lines.served = "mnd"
    with pytest.raises(UserError, match="did you mean 'mind'"):
        own.ask([asking(model="mnd")], read_samples)


def test_a_used_up_account_is_not_asked_again(loopback: Loopback) -> None:
    loopback.always = "credit"
    with pytest.raises(RunFailed, match="used up"):
        client(loopback).ask([asking()], read_samples)
    assert len(loopback.calls) == 1


def test_a_server_that_asks_to_wait_for_hours_ends_the_run(loopback: Loopback) -> None:
    loopback.always, loopback.wait = "429", "7200"
    with pytest.raises(RunFailed, match=r"asks to wait 120 minutes"):
        client(loopback).ask([asking()], read_samples)
    assert len(loopback.calls) == 1


def test_one_that_is_told_to_wait_holds_the_others_back(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    loopback.faults, loopback.wait = deque(["429", "500"]), "0.2"
    own = client(loopback, concurrency=1)
    pauses: list[float] = []
    monkeypatch.setattr(own.limits, "pause", pauses.append)
    own.ask([asking(n) for n in range(3)], read_samples)
    assert len(loopback.calls) == 5
    assert pauses == [0.2]


def test_too_long_and_filtered_prompts_spoil_themselves_alone(loopback: Loopback) -> None:
    loopback.context, loopback.filtered = 60, "bomb"
    long = [{"role": "user", "content": "word " * 100}]
    bad = [{"role": "user", "content": "bomb"}]
    asks = [asking(), asking(messages=long), asking(messages=bad), asking(1)]
    first, too_long, filtered, last = client(loopback).ask(asks, read_samples)
    assert isinstance(first, list)
    assert isinstance(last, list)
    assert too_long == Refusal(
        "prompt and answer do not fit, the server says: This model's maximum context length is 60"
        " tokens. (context_length_exceeded)"
    )
    assert "content filter" in filtered.told
    assert len(loopback.calls) == 4


def test_a_refused_seed_is_left_out_with_one_note(
    loopback: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    loopback.refuses = frozenset({"seed"})
    own = client(loopback, concurrency=1)
    with caplog.at_level(logging.WARNING, "tombench"):
        assert len(own.ask([asking(n) for n in range(4)], read_samples)) == 4
    assert ["seed" in call for call in loopback.calls] == [True, False, False, False, False]
    assert len(caplog.messages) == 1
    assert "takes no seed" in caplog.messages[0]


@pytest.mark.parametrize("name", ["temperature", "top_p"])
def test_a_refused_one_is_left_out_and_nothing_else(loopback: Loopback, name: str) -> None:
    loopback.refuses = frozenset({name})
    own = client(loopback)
    own.ask([asking(**{name: 1})], read_samples)
    assert [name in call for call in loopback.calls] == [True, False]
    with pytest.raises(UserError, match=rf"set generation\.temperature .*{name}|{name}"):
        own.ask([asking(**{name: 0.5})], read_samples)
    assert name in loopback.calls[-1]


def test_the_newer_name_of_the_limit_is_taken_where_it_is_wanted(loopback: Loopback) -> None:
    loopback.refuses = frozenset({"max_tokens"})
    own = client(loopback, concurrency=1)
    own.ask([asking(), asking(1)], read_samples)
    assert [call.get("max_completion_tokens") for call in loopback.calls] == [None, 20, 20]


def test_what_a_server_need_not_take_comes_back_as_a_refusal(loopback: Loopback) -> None:
    loopback.refuses = frozenset({"logprobs"})
    ask = asking(logprobs=True)
    (found,) = client(loopback).ask([Ask(ask.body, 1, optional=True)], read_samples)
    assert found.whole
    assert "logprobs" in found.told


def test_answers_keep_their_order_and_the_bound_on_concurrency(loopback: Loopback) -> None:
    loopback.latency = 0.02
    asks = [asking(n) for n in range(24)]
    one = client(loopback, concurrency=1).ask(asks, read_samples)
    assert loopback.peak == 1
    loopback.calls.clear()
    many = client(loopback, concurrency=5).ask(asks, read_samples)
    assert one == many
    assert len(set(texts(one))) > 2
    assert len(loopback.calls) == 24
    assert 2 <= loopback.peak <= 5


def test_what_was_asked_is_counted(loopback: Loopback) -> None:
    own = client(loopback)
    found = own.ask([asking(), asking(1)], read_samples)
    assert own.tally.requests == 2
    assert own.tally.prompt_tokens == 8  # "Question", " ", "0", "?"
    assert own.tally.completion_tokens == sum(samples[0].tokens for samples in found)


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("http://localhost:8000/v1", False),
        ("http://127.0.0.1:8000/v1", False),
        ("http://[::1]:8000/v1", False),
        ("https://api.example.org/v1", False),
        ("http://api.example.org/v1", True),
        ("http://localhost.example.org/v1", True),
        ("http://10.0.0.7:8000/v1", True),
    ],
)
def test_where_a_key_could_be_read_on_its_way(url: str, clear: bool) -> None:
    assert in_the_clear(url) == clear


class TestConnect:
    def test_a_server_with_and_without_a_key(
        self, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client(loopback).connect()
        loopback.key = KEY
        with pytest.raises(UserError, match=r"wants a key, and \$OPENAI_API_KEY is not set"):
            client(loopback).connect()
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        client(loopback).connect()
        monkeypatch.setenv("OPENAI_API_KEY", "another-key-altogether")
        with pytest.raises(UserError, match=r"refuses the key in \$OPENAI_API_KEY") as caught:
            client(loopback).connect()
        assert "another-key" not in str(caught.value)

    def test_another_variable_is_read_alone(
        self, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loopback.key = KEY
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        with pytest.raises(UserError, match=r"\$MINE is not set"):
            client(loopback, key_variable="MINE").connect()

    def test_no_server(self) -> None:
        with Loopback() as gone:
            pass
        with pytest.raises(UserError, match="no server answers"):
            client(gone).connect()

    def test_a_key_that_expires_ends_the_run(self, loopback: Loopback) -> None:
        own = client(loopback)
        own.connect()
        loopback.key = KEY
        with pytest.raises(UserError, match="wants a key"):
            own.ask([asking()], read_samples)
        assert len(loopback.calls) == 1

    def test_the_key_is_hidden_in_what_a_server_says(
        self, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MINE", KEY)
        loopback.always = "500"
        with pytest.raises(RunFailed) as caught:
            client(loopback, key_variable="MINE").ask([asking()], read_samples)
        assert "You have the key" in str(caught.value)
        assert KEY not in str(caught.value)
