"""A server on this machine that speaks OpenAI's protocol, and misbehaves on demand.

It answers by rule: what is drawn depends on the prompt and the seed, a token's log-probability on
the token and what stands before it. Every request is kept in `calls`.
"""

import hashlib
import json
import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

ANSWERS = ("Yes.", "No.", "Yes, she does.", "No, he does not.", "It is hard to say.")
TOKEN = re.compile(r" ?[A-Za-z']+|\s+(?=\S)|.", re.DOTALL)
PATIENCE = 3.0  # seconds that a slow answer takes
REPEATED = "You have the key "  # how some error lines begin


def tokens(text: str) -> list[str]:
    return TOKEN.findall(text)


def log_prob(before: str, token: str) -> float:
    """Between -0.5 and -6.5 nats, by a hash."""
    digest = hashlib.sha256(f"{before}|{token}".encode()).digest()
    return -0.5 - 6 * digest[0] / 255


def drawn(prompt: str, seed: int | None, temperature: float) -> str:
    """The answer to a prompt: at temperature 0 always the same, else by the seed."""
    number = seed if temperature > 0 and seed is not None else 0
    return ANSWERS[hashlib.sha256(f"{prompt}|{number}".encode()).digest()[0] % len(ANSWERS)]


@dataclass
class Loopback:
    """What the server does; change it at any time."""

    key: str | None = None  # what it wants
    faults: deque[str] = field(default_factory=deque)  # of the next requests, one each
    always: str | None = None  # the fault of all requests
    fails_after: int | None = None  # requests, all later ones fail
    refuses: frozenset[str] = frozenset()  # fields: 400 names the first of them
    ignores: frozenset[str] = frozenset()  # fields: as if they were not there
    model: str = "mind"
    context: int = 10_000  # tokens
    wait: str = "0.01"  # Retry-After of a 429
    filtered: str | None = None  # a word that the content filter refuses
    reasoning: str | None = None  # thinking before each answer
    listed: Mapping[str, float] | None = None  # likely first tokens; None: it gives none
    prompt_logprobs: bool = False  # vLLM's field
    latency: float = 0.0  # seconds that each answer takes
    calls: list[dict[str, Any]] = field(default_factory=list)
    peak: int = 0  # requests under way at once, at most

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._now = 0
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                loopback.listing(self)

            def do_POST(self) -> None:
                loopback.take(self)

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def listing(self, handler: BaseHTTPRequestHandler) -> None:
        if not self._allowed(handler):
            return self._refuse_key(handler)
        _send(handler, 200, {"object": "list", "data": [{"id": self.model, "object": "model"}]})

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self._lock:
            self.calls.append(body | {"path": handler.path})
            self._now += 1
            self.peak = max(self.peak, self._now)
            fault = self.faults.popleft() if self.faults else self.always
            if self.fails_after is not None and len(self.calls) > self.fails_after:
                fault = "500"
        try:
            time.sleep(self.latency)
            if not self._allowed(handler):
                self._refuse_key(handler)
            elif fault:
                self._misbehave(handler, fault)
            else:
                self._answer(handler, body)
        finally:
            with self._lock:
                self._now -= 1

    def _allowed(self, handler: BaseHTTPRequestHandler) -> bool:
        return self.key is None or handler.headers.get("Authorization") == f"Bearer {self.key}"

    def _refuse_key(self, handler: BaseHTTPRequestHandler) -> None:
        given = handler.headers.get("Authorization", "")
        _send(handler, 401, _error(f"Incorrect API key provided: {given}", "invalid_api_key"))

    def _misbehave(self, handler: BaseHTTPRequestHandler, fault: str) -> None:
        given = handler.headers.get("Authorization", "")
        if fault.isdecimal():
            headers = {"Retry-After": self.wait} if fault == "429" else {}
            _send(handler, int(fault), _error(f"{REPEATED}{given}", None), headers)
        elif fault == "cut":
            handler.close_connection = True
        elif fault == "half":
            handler.send_response(200)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            handler.wfile.write(b'{"choices": [{"index": 0, ')
            handler.close_connection = True
        elif fault == "slow":
            time.sleep(PATIENCE)
            handler.close_connection = True
        elif fault == "credit":
            _send(handler, 429, _error("You exceeded your current quota", "insufficient_quota"))
        elif fault == "gateway":  # status 200, the error of a model behind it inside
            _send(handler, 200, {"error": {"code": 503, "message": "no instance is free"}})
        else:
            text = {
                "not json": "<html>Bad gateway</html>",
                "list": "[]",
                "stream": 'data: {"choices": []}\n\n',
                "half a character": '{"choices": [{"index": 0, "finish_reason": "stop", '
                '"message": {"content": "Yes \\ud800."}}]}',
                "no choices": '{"object": "chat.completion", "choices": []}',
                "no message": '{"choices": [{"index": 0, "finish_reason": "stop"}]}',
            }[fault]
            _send(handler, 200, text)

    def _answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        if body["model"] != self.model:
            said = _error(f"The model `{body['model']}` does not exist.", "model_not_found")
            return _send(handler, 404, said)
        for name in self.refuses & body.keys():
            said = f"Unsupported parameter: '{name}' is not supported with this model."
            if name == "max_tokens":
                said += " Use 'max_completion_tokens' instead."
            return _send(handler, 400, _error(said, "unsupported_parameter"))
        body = {key: value for key, value in body.items() if key not in self.ignores}
        text = body.get("prompt") or "\n".join(m["content"] for m in body["messages"])
        new = body.get("max_tokens", body.get("max_completion_tokens", 16))
        if len(tokens(text)) + new > self.context:
            said = f"This model's maximum context length is {self.context} tokens."
            return _send(handler, 400, _error(said, "context_length_exceeded"))
        if self.filtered and self.filtered in text:
            said = "The prompt was filtered by the content management policy."
            return _send(handler, 400, _error(said, "content_filter"))
        _send(handler, 200, self._reply(body, text, new))

    def _reply(self, body: dict[str, Any], text: str, new: int) -> dict[str, Any]:
        choices, count = [], 0
        for index in range(body.get("n", 1)):
            seed = body.get("seed")
            answer = drawn(text, None if seed is None else seed + index, body.get("temperature", 1))
            told = tokens(answer)[:new]
            count += len(told)
            finish = "length" if len(told) == new else "stop"
            choice: dict[str, Any] = {"index": index, "finish_reason": finish}
            if "messages" in body:
                choice["message"] = {"role": "assistant", "content": "".join(told)}
                if self.reasoning is not None:
                    choice["message"]["reasoning_content"] = self.reasoning
                choice["logprobs"] = self._chat_log_probs(body)
            else:
                choice["text"] = text + "".join(told) if body.get("echo") else "".join(told)
                choice["logprobs"] = self._log_probs(body, text, told)
            choices.append(choice)
        more = {}
        if body.get("prompt_logprobs") and self.prompt_logprobs:
            more["prompt_logprobs"] = _as_vllm(tokens(text))
        thought = len(tokens(self.reasoning or "")) * len(choices)
        usage = {
            "prompt_tokens": len(tokens(text)),
            "completion_tokens": count + thought,
            "total_tokens": len(tokens(text)) + count + thought,
        }
        if self.reasoning is not None:
            usage["completion_tokens_details"] = {"reasoning_tokens": thought}
        return {"id": "x", "model": self.model, "choices": choices, "usage": usage} | more

    def _chat_log_probs(self, body: dict[str, Any]) -> dict[str, Any] | None:
        if not body.get("logprobs") or self.listed is None:
            return None
        top = [{"token": token, "logprob": value} for token, value in self.listed.items()]
        return {"content": [{**top[0], "top_logprobs": top[: body["top_logprobs"]]}]}

    def _log_probs(self, body: dict[str, Any], text: str, told: list[str]) -> dict[str, Any] | None:
        if not body.get("logprobs"):
            return None
        if not body.get("echo"):
            return None if self.listed is None else {"top_logprobs": [dict(self.listed)]}
        names = [*tokens(text), *told]
        values = [log_prob("".join(names[:at]), name) for at, name in enumerate(names)]
        pairs = list(zip(names, values, strict=True))[1:]
        return {
            "tokens": names,
            "token_logprobs": [None, *values[1:]],
            "top_logprobs": [None, *({n: v} for n, v in pairs)],
            "text_offset": [len("".join(names[:at])) for at in range(len(names))],
        }


def _as_vllm(names: list[str]) -> list[dict[str, Any] | None]:
    """{token id: …} at each place but the first, the prompt's own token before a likelier one."""
    places: list[dict[str, Any] | None] = [None]
    for at, name in enumerate(names[1:], start=1):
        value = log_prob("".join(names[:at]), name)
        own = {"logprob": value, "rank": 2, "decoded_token": name}
        places.append({"7": own, "3": {"logprob": -0.1, "rank": 1, "decoded_token": "x"}})
    return places


class Quiet(ThreadingHTTPServer):
    """Clients that go away are no news."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


def _error(message: str, code: str | None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": code}}


def _send(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: Mapping[str, Any] | str,
    headers: Mapping[str, str] | None = None,
) -> None:
    data = (body if isinstance(body, str) else json.dumps(body)).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)
