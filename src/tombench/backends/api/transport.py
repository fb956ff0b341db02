"""One request to a server and what came of it, by OpenAI's own client."""

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tombench.backends.api.faults import Fault, Kind, Malformed, of_status
from tombench.backends.api.lines import Lines

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from tombench.backends.api.backend import ApiBackend

NO_KEY = "none"  # servers that want none do not read it, and the client insists on one
NAMED = ("model", "messages", "prompt")  # what the client's methods want by name


class Transport:
    """Sends to one address; the client's own retries are off, since ours know the whole run."""

    def __init__(self, settings: "ApiBackend", lines: Lines) -> None:
        self.settings, self.lines = settings, lines

    def open(self) -> "AsyncOpenAI":
        """A pool of connections, to be used in one event loop."""
        import openai

        return openai.AsyncOpenAI(
            api_key=self.lines.key or NO_KEY,
            base_url=self.settings.base_url,
            timeout=self.settings.timeout,
            max_retries=0,
        )

    async def hello(self, patience: float) -> str | None:
        """None where a server answers, be it with an error; else why it does not.

        Raises UserError where the key is refused.
        """
        import openai

        try:
            async with self.open() as server, asyncio.timeout(patience):
                await server.models.with_raw_response.list()
        except openai.AuthenticationError:
            raise self.lines.about_key() from None
        except (openai.APIConnectionError, TimeoutError) as error:
            return str(error.__cause__ or error) or "no answer"
        except openai.APIError:
            pass  # not every server lists its models, and not every key may see the list
        return None

    async def names(self, server: "AsyncOpenAI") -> list[str]:
        """The models that the server lists; [] where it does not say."""
        import openai

        try:
            async with asyncio.timeout(self.settings.timeout):
                listing = await server.models.with_raw_response.list()
            data = json.loads(listing.http_response.text)["data"]
            return [str(entry["id"]) for entry in data]
        except (openai.APIError, TimeoutError, ValueError, LookupError, TypeError):
            return []

    async def send(
        self, server: "AsyncOpenAI", body: Mapping[str, Any]
    ) -> Mapping[str, Any] | Fault:
        """The JSON object that answers a request, or what went wrong; raises Malformed."""
        import openai

        try:
            async with asyncio.timeout(self.settings.timeout):
                text = await self._post(server, body)
        except (TimeoutError, openai.APITimeoutError):
            return Fault(Kind.AGAIN, f"no answer within {self.settings.timeout:g} s")
        except openai.APIConnectionError as error:
            why = f"connection lost: {error.__cause__ or error}"
            return Fault(Kind.AGAIN, self.lines.safe(why))
        except openai.APIStatusError as error:
            said = error.body if error.body is not None else error.response.text
            return self._safe(of_status(error.status_code, said, error.response.headers))
        except UnicodeDecodeError as error:
            raise Malformed("not UTF-8") from error
        if text.lstrip().startswith("data:"):
            return Fault(
                Kind.REFUSED, "the server streams its answers, which it was not asked to do"
            )
        reply = self._parsed(text)
        fault = _error_inside(reply)
        return reply if fault is None else self._safe(fault)

    async def _post(self, server: "AsyncOpenAI", body: Mapping[str, Any]) -> str:
        rest = {key: value for key, value in body.items() if key not in NAMED}
        named = {key: body[key] for key in NAMED if key in body}
        endpoint = server.chat.completions if "messages" in body else server.completions
        answer = await endpoint.with_raw_response.create(**named, extra_body=rest)
        return answer.http_response.content.decode()

    def _parsed(self, text: str) -> Mapping[str, Any]:
        try:
            reply = json.loads(self.lines.without_key(text))
        except ValueError as error:
            raise Malformed(f"not JSON ({error})") from error
        if not isinstance(reply, Mapping):
            raise Malformed("not a JSON object")
        return _of_whole_characters(reply)

    def _safe(self, fault: Fault) -> Fault:
        return Fault(fault.kind, self.lines.safe(fault.told), fault.wait)


def _of_whole_characters(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    """The reply with "?" for every half of a character, which no file could hold."""
    text = json.dumps(reply, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(text.encode("utf-8", "replace"))
    return reply


def _error_inside(reply: Mapping[str, Any]) -> Fault | None:
    """Some gateways send errors of the model behind them with status 200."""
    error = reply.get("error")
    if not error or reply.get("choices"):
        return None
    code = error.get("code") if isinstance(error, Mapping) else None
    status = code if isinstance(code, int) and 400 <= code < 600 else 502
    return of_status(status, error, {})
