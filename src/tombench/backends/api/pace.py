"""When a request may start: limits a minute, pauses that the server asks for, backoff."""

import time
from collections.abc import Callable
from random import Random

LONGEST_DELAY = 60.0  # seconds between two tries of one request, unless the server says otherwise


class Pace:
    """So many units a minute, evenly spread: hosted services count in windows under a minute."""

    def __init__(self, per_minute: float | None, clock: Callable[[], float]) -> None:
        self._seconds_each = 60 / per_minute if per_minute else 0.0
        self._clock = clock
        self._free = clock()

    def reserve(self, units: float) -> float:
        """Take `units`; the seconds to wait before they may be used."""
        now = self._clock()
        start = max(now, self._free)
        self._free = start + units * self._seconds_each
        return start - now

    def correct(self, units: float) -> None:
        """So many units more than reserved were used (less: negative)."""
        self._free += units * self._seconds_each


class Limits:
    """What all requests of a run share: requests and tokens a minute, and the server's pauses."""

    def __init__(
        self,
        requests_per_minute: float | None,
        tokens_per_minute: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._requests = Pace(requests_per_minute, clock)
        self._tokens = Pace(tokens_per_minute, clock)
        self._paused_until = clock()

    def reserve(self, tokens: float) -> float:
        """Take one request of so many tokens; the seconds to wait before it."""
        return max(self._requests.reserve(1), self._tokens.reserve(tokens))

    def correct(self, tokens: float) -> None:
        """The server counted so many tokens more than were reserved (less: negative)."""
        self._tokens.correct(tokens)

    def pause(self, seconds: float) -> None:
        """Let no request start for so long: the server said so to one of them."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def pause_left(self) -> float:
        """Seconds until requests may start again; 0 or less: now."""
        return self._paused_until - self._clock()


def backoff(first: float, retry: int, random: Random) -> float:
    """Seconds before retry 0, 1, …: `first` doubled each time up to `LONGEST_DELAY`, jittered.

    Half of it is drawn, so that requests which failed together do not come back together.
    """
    return min(LONGEST_DELAY, first * 2**retry) * random.uniform(0.5, 1)
