"""What a failed request means: try again, give up this item, send less, or end the run."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

LONGEST_LINE = 200  # characters of a server's message that are told
_TOO_LONG = re.compile(
    r"context.?(length|size|window|limit)|max(imum)?.?(model|sequence|seq|input).?len|too many"
    r" (input )?tokens|(prompt|input)\b.{0,40}\btoo (long|large)"
    r"|exceeds? the .{0,30}(tokens|length)",
    re.IGNORECASE,
)
_FILTERED = re.compile(r"content.?(filter|management|policy)|safety system", re.IGNORECASE)
_NO_CREDIT = re.compile(r"insufficient.?(quota|credit|balance)|billing", re.IGNORECASE)


class Malformed(Exception):
    """An answer that is no answer: not JSON, or without what it should hold."""


class Kind(Enum):
    """What to do about a fault."""

    AGAIN = "try again"
    ITEM = "this request cannot be answered; others can"
    REFUSED = "the server does not take such a request"
    UNKNOWN = "no such address or model"
    KEY = "the key is missing or refused"
    CREDIT = "the account is used up"


@dataclass(frozen=True)
class Fault:
    """One failure of one request."""

    kind: Kind
    told: str  # in one line, as the server said it
    wait: float | None = None  # seconds that the server asks to wait


def of_status(status: int, body: Any, headers: Mapping[str, str]) -> Fault:
    """What an HTTP status that is no success means."""
    said = f"{status}: {message(body)}"
    if (status == 429 and _NO_CREDIT.search(said)) or status == 402:
        return Fault(Kind.CREDIT, said)
    if status in (408, 409, 425, 429) or (status >= 500 and status != 501):
        return Fault(Kind.AGAIN, said, wait_asked(headers))
    if status == 401:
        return Fault(Kind.KEY, "401")  # some servers repeat the key
    if status == 404:
        return Fault(Kind.UNKNOWN, said)
    told = message(body)
    if status == 413 or _TOO_LONG.search(said):
        return Fault(Kind.ITEM, f"prompt and answer do not fit, the server says: {told}")
    if _FILTERED.search(said):
        return Fault(Kind.ITEM, f"the server's content filter refused the prompt: {told}")
    return Fault(Kind.REFUSED, said)


def message(body: Any) -> str:
    """What an error body says, as one line."""
    where = body.get("loc") if isinstance(body, Mapping) else None  # pydantic's: which field
    for name in ("error", "message", "detail", "msg"):
        while isinstance(body, Mapping) and name in body and body[name]:
            code = body.get("code")
            body = body[name]
            if isinstance(body, str) and isinstance(code, str) and code not in body:
                body = f"{body} ({code})"
    if isinstance(body, list) and body:
        return message(body[0])
    if where:
        body = f"{'.'.join(map(str, where))}: {body}"
    text = " ".join(str(body or "no reason given").split())
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…"


def wait_asked(headers: Mapping[str, str]) -> float | None:
    """Seconds of a Retry-After header (a number or a date), or of OpenAI's retry-after-ms."""
    for name, scale in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return float(text) * scale
    try:
        return max(
            0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time.time()
        )
    except (ValueError, TypeError):
        return None
