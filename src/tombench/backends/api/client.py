"""Ask a server many things: at once, within limits, again where that can help."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from tombench.backends.api.faults import Fault, Kind, Malformed
from tombench.backends.api.lines import Lines
from tombench.backends.api.pace import Limits, backoff
from tombench.backends.api.tally import Tally
from tombench.backends.api.transport import Transport

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from tombench.backends.api.backend import ApiBackend

T = TypeVar("T")

DROPPED_NOTES = {
    "seed": "the server takes no seed: the same command would draw other answers",
    "n": "the server takes no n: each request asks one sample",
    "max_tokens": "the server wants max_completion_tokens in place of max_tokens",
    "temperature": "the server takes no temperature: 1 is left out",
    "top_p": "the server takes no top_p: 1 is left out",
}
"""Fields that a server may refuse without harm, and what is said once when it does."""
NEUTRAL = {"temperature": 1, "top_p": 1}
"""Fields that do no harm to leave out at this value alone."""
REPLACED = {"max_tokens": "max_completion_tokens"}
"""What goes in the place of a refused field; servers name it when they refuse."""
LONGEST_WAIT = 600.0  # seconds; a server that asks for more ends the run
HELLOS, HELLO_SECONDS = 3, 30  # tries to reach the server at the start, and patience with each
PATIENT = 2  # retries of one request before the user is told of them


def in_the_clear(url: str) -> bool:
    """Does what is sent there leave this machine unencrypted?"""
    parts = urlsplit(url)
    here = re.fullmatch(r"localhost|127(\.\d+){3}|::1", parts.hostname or "")
    return parts.scheme == "http" and here is None


@dataclass(frozen=True)
class Ask:
    """One request."""

    body: Mapping[str, Any]
    tokens: float  # expected, prompt and answer: for backend.tokens_per_minute
    optional: bool = False  # the server may refuse such requests (log-probabilities)


@dataclass(frozen=True)
class Refusal:
    """An answer that will not come, and why; `whole` where the server takes no such requests."""

    told: str
    whole: bool = False


class Client:
    """A server with everything that requests to it share."""

    def __init__(self, settings: "ApiBackend", served: str) -> None:
        self.settings = settings
        self.lines = Lines(settings, served)
        self.limits = Limits(settings.requests_per_minute, settings.tokens_per_minute)
        self.tally = Tally()
        self._transport = Transport(settings, self.lines)
        self._dropped: set[str] = set()
        self._random = Random()  # jitter alone: no result depends on it

    def connect(self) -> None:
        """See that a server answers: UserError where none does or the key is refused."""
        if self.lines.key and in_the_clear(self.settings.base_url):
            self.lines.warn_once("backend.base_url is http: the key goes there for all to read")
        asyncio.run(self._connect())

    async def _connect(self) -> None:
        why: str | None = None
        for retry in range(HELLOS):
            why = await self._transport.hello(HELLO_SECONDS)
            if why is None:
                return
            if retry + 1 < HELLOS:
                await self._back_off(retry)
        raise self.lines.no_server(str(why))

    def ask(self, asks: Sequence[Ask], read: Callable[[Mapping[str, Any]], T]) -> list[T | Refusal]:
        """Send requests and read the answers, in their order.

        `read` raises Malformed where an answer lacks what it should hold: it is asked again.
        Raises UserError where the server refuses such requests, RunFailed where retries ran out.
        """
        return asyncio.run(self._ask_all(asks, read)) if asks else []

    async def _ask_all(
        self, asks: Sequence[Ask], read: Callable[[Mapping[str, Any]], T]
    ) -> list[T | Refusal]:
        slots = asyncio.Semaphore(self.settings.concurrency)
        async with self._transport.open() as server:
            tasks = [asyncio.create_task(self._ask(server, slots, ask, read)) for ask in asks]
            try:
                return await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(
        self,
        server: "AsyncOpenAI",
        slots: asyncio.Semaphore,
        ask: Ask,
        read: Callable[[Mapping[str, Any]], T],
    ) -> T | Refusal:
        retry = 0
        while True:
            async with slots:
                await self._turn(ask.tokens)
                body = self._body(ask.body)
                outcome = await self._try(server, body, ask.tokens, read)
            if not isinstance(outcome, Fault):
                return outcome
            if outcome.kind is Kind.ITEM:
                return Refusal(outcome.told)
            if outcome.kind is Kind.REFUSED and self._drop(outcome.told, body):
                continue
            if outcome.kind is Kind.REFUSED and ask.optional:
                return Refusal(outcome.told, whole=True)
            if outcome.kind is not Kind.AGAIN:
                known = outcome.kind is not Kind.UNKNOWN
                names = [] if known else await self._transport.names(server)
                raise self.lines.ended(outcome, names)
            await self._wait(outcome, retry)
            retry += 1

    async def _turn(self, tokens: float) -> None:
        """Wait until limits and pauses let one more request start."""
        await asyncio.sleep(self.limits.reserve(tokens))
        while (left := self.limits.pause_left()) > 0:
            await asyncio.sleep(left)

    async def _try(
        self,
        server: "AsyncOpenAI",
        body: Mapping[str, Any],
        expected: float,
        read: Callable[[Mapping[str, Any]], T],
    ) -> T | Fault:
        """Send once; what was read, or what went wrong."""
        try:
            reply = await self._transport.send(server, body)
            if isinstance(reply, Fault):
                return reply
            used = self.tally.add(reply)
            self.limits.correct(used - expected if used else 0)
            return read(reply)
        except Malformed as error:
            return Fault(Kind.AGAIN, self.lines.safe(f"no sound answer: {error}"))

    async def _wait(self, fault: Fault, retry: int) -> None:
        """Wait before a request is tried again; raises RunFailed where it is not to be."""
        if retry == self.settings.retries:
            raise self.lines.gave_up(fault, retry)
        if fault.wait is not None and fault.wait > LONGEST_WAIT:
            raise self.lines.must_wait(fault)
        if retry == PATIENT:
            self.lines.warn_once(f"the server answers '{fault.told}'; trying again")
        self.tally.retries += 1
        if fault.wait is not None:
            self.limits.pause(fault.wait)
        await self._back_off(retry)

    async def _back_off(self, retry: int) -> None:
        await asyncio.sleep(backoff(self.settings.backoff, retry, self._random))

    def _body(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A request with what the server refused taken out, or put as it wants it."""
        kept = {
            key: value
            for key, value in body.items()
            if key not in self._dropped or NEUTRAL.get(key, value) != value
        }
        for name in REPLACED.keys() & self._dropped & body.keys():
            kept[REPLACED[name]] = body[name]
        return kept

    def _drop(self, said: str, sent: Mapping[str, Any]) -> bool:
        """Was a field refused that can be left out? It is, from here on."""
        for name, note in DROPPED_NOTES.items():
            word = REPLACED.get(name, name)
            free = name in sent and NEUTRAL.get(name, sent[name]) == sent[name]
            if free and re.search(rf"(?<![\w-]){word}(?![\w-])", said):
                self._dropped.add(name)
                self.lines.warn_once(note)
                return True
        return False
