"""What servers really say when they refuse, and what is made of it."""

import time
from email.utils import formatdate

import pytest

from tombench.backends.api.faults import Kind, message, of_status, wait_asked

CASES = [
    (429, {"message": "Rate limit reached for gpt-4o", "code": "rate_limit_exceeded"}, Kind.AGAIN),
    (429, {"message": "You exceeded your quota", "code": "insufficient_quota"}, Kind.CREDIT),
    (402, {"message": "Insufficient credits"}, Kind.CREDIT),
    (500, "Internal Server Error", Kind.AGAIN),
    (502, "<html>Bad gateway</html>", Kind.AGAIN),
    (503, {"message": "Loading model", "code": 503}, Kind.AGAIN),
    (529, {"message": "Overloaded"}, Kind.AGAIN),
    (408, None, Kind.AGAIN),
    (501, {"message": "This server does not support completions."}, Kind.REFUSED),
    (401, {"message": "Incorrect API key provided: sk-abc"}, Kind.KEY),
    (403, {"message": "You are not allowed to request logprobs"}, Kind.REFUSED),
    (404, {"message": "The model `x` does not exist", "code": "model_not_found"}, Kind.UNKNOWN),
    (
        400,
        {"message": "This model's maximum context length is 8192 tokens.", "code": None},
        Kind.ITEM,
    ),
    (400, {"message": "the request exceeds the available context size"}, Kind.ITEM),
    (400, {"message": "Input is too long", "code": "context_length_exceeded"}, Kind.ITEM),
    (400, {"message": "The prompt is too long: 9000 tokens"}, Kind.ITEM),
    (413, "Request Entity Too Large", Kind.ITEM),
    (400, {"message": "triggering Azure OpenAI's content management policy"}, Kind.ITEM),
    (400, {"message": "Unsupported parameter: 'top_k'"}, Kind.REFUSED),
    (422, {"detail": "Unexpected fields in the request: {'top_k'}"}, Kind.REFUSED),
    (400, {"message": "max_tokens is too large: 99999"}, Kind.REFUSED),
]


@pytest.mark.parametrize(("status", "body", "kind"), CASES)
def test_what_a_status_means(status: int, body: object, kind: Kind) -> None:
    assert of_status(status, body, {}).kind is kind


def test_a_refused_key_is_not_repeated():
    assert of_status(401, {"message": "Incorrect API key provided: sk-abc"}, {}).told == "401"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"error": {"message": "no\n  way", "code": "x"}}, "no way (x)"),
        (
            {"detail": [{"loc": ["body", "n"], "msg": "not allowed", "input": 2}]},
            "body.n: not allowed",
        ),
        ({"message": "m", "code": 400}, "m"),
        ("text", "text"),
        (None, "no reason given"),
        ({}, "no reason given"),
        ("x" * 500, "x" * 199 + "…"),
    ],
)
def test_an_error_is_one_line(body: object, told: str) -> None:
    assert message(body) == told


def test_how_long_a_server_asks_to_wait():
    assert wait_asked({}) is None
    assert wait_asked({"retry-after": "7"}) == 7
    assert wait_asked({"retry-after": "1.5"}) == 1.5
    assert wait_asked({"retry-after": "9", "retry-after-ms": "250"}) == 0.25
    assert wait_asked({"retry-after": "soon"}) is None
    date = formatdate(time.time() + 3600, usegmt=True)
    assert 3590 < wait_asked({"retry-after": date}) <= 3600
    assert wait_asked({"retry-after": formatdate(0, usegmt=True)}) == 0
