"""Questions of a task through a server: seeds, samples, thinking, cost."""

import dataclasses
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
from api_requests import GREEDY, PROMPT, drawing, scoring, server
from loopback import Loopback, drawn, tokens

from tombench.backends.api.backend import ApiBackend
from tombench.backends.api.body import SEEDS
from tombench.errors import UserError
from tombench.models.base import Model


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


class TestGenerate:
    def test_a_request_a_sample_with_its_own_seed(self, loopback: Loopback) -> None:
        seeds = (3, 5, 2**63 + 7)
        (response,) = server(loopback).generate([drawing(*seeds)])
        assert response.prompt == PROMPT
        assert [s.text for s in response.samples] == [
            drawn(PROMPT, seed % SEEDS, 0.4) for seed in seeds
        ]
        assert {call["seed"] for call in loopback.calls} == {3, 5, (2**63 + 7) % SEEDS}
        (body, *_) = loopback.calls
        assert body["messages"] == [{"role": "user", "content": PROMPT}]
        assert (body["temperature"], body["top_p"], body["top_k"]) == (0.4, 0.95, 50)
        assert body["max_tokens"] == 20
        assert "chat_template_kwargs" not in body

    def test_completions_send_the_bare_text(self, loopback: Loopback) -> None:
        (response,) = server(loopback, mode="completions").generate([drawing(3)])
        assert loopback.calls[0]["prompt"] == PROMPT
        assert loopback.calls[0]["path"] == "/v1/completions"
        assert response.samples[0].text == drawn(PROMPT, 3, 0.4)

    def test_greedy_is_asked_once(self, loopback: Loopback) -> None:
        asked = [drawing(1, 2, 3, sampling=GREEDY), drawing(4, 5, sampling=GREEDY)]
        first, second = server(loopback).generate(asked)
        assert len(loopback.calls) == 1
        assert len({s.text for s in (*first.samples, *second.samples)}) == 1
        assert (len(first.samples), len(second.samples)) == (3, 2)
        assert not {"seed", "top_p", "top_k"} & loopback.calls[0].keys()

    def test_together_asks_all_samples_at_once(self, loopback: Loopback) -> None:
        (response,) = server(loopback, samples="together").generate([drawing(3, 4, 5)])
        assert len(loopback.calls) == 1
        assert loopback.calls[0]["n"] == 3
        assert [s.text for s in response.samples] == [drawn(PROMPT, n, 0.4) for n in (3, 4, 5)]

    @pytest.mark.parametrize("how", ["ignores", "refuses"])
    def test_a_server_without_n_is_asked_for_the_rest(self, loopback: Loopback, how: str) -> None:
        setattr(loopback, how, frozenset({"n"}))
        (response,) = server(loopback, samples="together").generate([drawing(3, 9, 27)])
        assert [s.text for s in response.samples] == [drawn(PROMPT, n, 0.4) for n in (3, 9, 27)]
        assert len(loopback.calls) == (3 if how == "ignores" else 4)

    def test_a_prompt_that_does_not_fit_is_an_error_of_its_item(self, loopback: Loopback) -> None:
        loopback.context = 60
        long, short = server(loopback).generate([drawing(1, prompt="word " * 99), drawing(1)])
        assert "do not fit" in long.error
        assert long.samples == ()
        assert short.error is None
        assert len(short.samples) == 1

    def test_thinking_is_kept_apart_and_told(
        self, loopback: Loopback, caplog: pytest.LogCaptureFixture
    ) -> None:
        loopback.reasoning = "She left before."
        own = server(loopback)
        with caplog.at_level(logging.WARNING, "tombench"):
            own.generate([drawing(1)])
            (response,) = own.generate([drawing(1)])
        assert response.samples[0].thinking == "She left before."
        assert response.samples[0].thinking_tokens == len(tokens("She left before."))
        assert [m for m in caplog.messages if "thinks although model.thinking=off" in m] != []
        assert len(caplog.messages) == 1
        assert own.usage()["thinking_tokens"] == 2 * len(tokens("She left before."))

    def test_thinking_makes_room_and_is_switched_on(self, loopback: Loopback) -> None:
        server(loopback, {"thinking": 1000}).generate([drawing(1)])
        assert loopback.calls[0]["max_tokens"] == 1020
        assert loopback.calls[0]["chat_template_kwargs"] == {"enable_thinking": True}

    def test_further_fields_and_a_system_message(self, loopback: Loopback) -> None:
        own = server(loopback, system="Be brief.", extra_body={"reasoning_effort": "low"})
        (response,) = own.generate([drawing(1)])
        assert loopback.calls[0]["reasoning_effort"] == "low"
        assert loopback.calls[0]["messages"][0] == {"role": "system", "content": "Be brief."}
        assert response.prompt == f"[system] Be brief.\n[user] {PROMPT}"

    def test_top_k_is_told_where_it_is_left_out(
        self, loopback: Loopback, caplog: pytest.LogCaptureFixture
    ) -> None:
        loopback.refuses = frozenset({"top_k"})
        with pytest.raises(UserError, match=r"backend\.send_top_k=false"):
            server(loopback).generate([drawing(1)])
        own = server(loopback, send_top_k=False)
        with caplog.at_level(logging.WARNING, "tombench"):
            own.batches([[drawing(1, sampling=GREEDY)]])
            assert caplog.messages == []
            own.batches([[drawing(1)]])
        assert "top_k=50 is not applied" in caplog.messages[0]
        assert own.generate([drawing(1)])[0].error is None


def test_cost_is_counted_and_priced(loopback: Loopback) -> None:
    own = server(loopback, price_per_million_input=2.0, price_per_million_output=10.0)
    (response,) = own.generate([drawing(1, 2)])
    drawn_tokens = sum(sample.tokens for sample in response.samples)
    usage = own.usage()
    assert usage["requests"] == 2
    assert usage["prompt_tokens"] == 2 * len(tokens(PROMPT))
    assert usage["completion_tokens"] == drawn_tokens
    money = (2 * usage["prompt_tokens"] + 10 * drawn_tokens) / 1e6
    assert usage["money"] == pytest.approx(money, abs=1e-6)


def test_the_plan_before_anything_is_sent() -> None:
    backend = ApiBackend(price_per_million_input=1.0, price_per_million_output=2.0)
    preview = backend.preview(Model(name="local", path="mind"))
    item = [drawing(1, 2, prompt="x" * 40), scoring("Yes", "No", context="x" * 40)]
    plan = preview.estimate([item, item])
    assert plan.prompt_tokens == 10  # one text, 4 characters a token
    assert plan.new_tokens == 2 * (2 * 20 + 2)
    assert plan.notes[0] == "calls      8, with 80 prompt tokens in all"
    assert "4 characters" in plan.how


@pytest.mark.parametrize(
    ("fields", "model", "said"),
    [
        ({}, {"path": "data:models/tiny"}, "backend.served_name"),
        ({"base_url": "localhost:8000"}, {}, "backend.base_url"),
        ({"base_url": "http://user:word@host/v1"}, {}, "without login"),
        ({"base_url": "http://host/v1?key=word"}, {}, "without login"),
        ({"mode": "completions", "system": "x"}, {}, "no system message"),
        ({"mode": "completions"}, {"thinking": "on"}, "model.thinking=on"),
    ],
)
def test_what_cannot_be_asked_is_refused_early(fields: dict, model: dict, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        ApiBackend(**fields).check(Model(name="local", **{"path": "mind"} | model))
    assert "word" not in str(caught.value)


def test_what_is_not_identity_is_a_field() -> None:
    assert ApiBackend.not_identity <= {field.name for field in dataclasses.fields(ApiBackend)}
    assert {name.removeprefix("model.") for name in ApiBackend.unused} <= {
        field.name for field in dataclasses.fields(Model)
    }


def test_reading_a_configuration_imports_no_client() -> None:
    code = (
        "import sys, tombench.backends.api.backend; print({'openai', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_key_with_blanks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "two words")
    with pytest.raises(UserError, match=r"\$OPENAI_API_KEY is no key") as caught:
        ApiBackend().check(Model(name="local", path="mind"))
    assert "two words" not in str(caught.value)


@pytest.mark.parametrize("name", ["temperature", "model", "seed", "stream"])
def test_fields_that_others_set_are_not_free(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        ApiBackend(extra_body={name: 1})
