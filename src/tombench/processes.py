"""One run over several processes: which one this is, and what they tell each other.

    torchrun --nproc_per_node 2 -m tombench task=vignettes model=small

torchrun says in the environment which process is which, lends them its key-value store, and ends
all where one fails. Process 0 leads: it alone prints, holds the run folder and finishes it.
Records go through files; the store carries who does what, how far they are and what went wrong.
"""

import atexit
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import FrameType
from typing import Any, NoReturn

from tombench.errors import RunFailed, UserError

BEAT = 2.0  # seconds between two signs of life
PATIENCE = 120.0  # seconds without one after which a process counts as lost
GRACE = 20.0  # seconds in which process 0 tells what went wrong, before torchrun ends it
GO_ON = "what was finished is kept, the same command goes on"
_FAILED = "failed"


class Stopped(KeyboardInterrupt):
    """torchrun or the cluster ends this process (SIGTERM)."""


class Elsewhere(UserError):
    """What went wrong in another process, with its status."""

    def __init__(self, status: int, mistakes: Sequence[str]) -> None:
        super().__init__(*mistakes)
        self.status = status


@dataclass(frozen=True)
class Place:
    """Where in a launch this process stands; `local` counts within its machine."""

    rank: int = 0
    world: int = 1
    local: int = 0

    @property
    def leads(self) -> bool:
        """Is this the process that prints and owns the run folder?"""
        return self.rank == 0


def place() -> Place:
    """This process's place as torchrun's environment says it; alone without torchrun."""
    given = [os.environ.get(name, "") for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")]
    meet = all(os.environ.get(name) for name in ("MASTER_ADDR", "MASTER_PORT"))
    if not (meet and all(value.isdecimal() for value in given)):
        return Place()
    found = Place(*map(int, given))
    return found if found.world > 1 else Place()


class Team:
    """All processes of a launch, as one of them sees them; a process alone is a team of one."""

    def __init__(self, here: Place, store: Any) -> None:
        self.here = here
        self.leads = here.leads
        self._store = store
        self._ended = threading.Event()
        if here.world > 1:
            self._heart = threading.Thread(target=self._beat, daemon=True)
            self._heart.start()
            atexit.register(self._end)

    def tell(self, key: str, value: Any) -> None:
        """Leave a value, anything that JSON takes, for the others to `hear`."""
        self._ask("set", key, json.dumps(value))

    def hear(self, key: str, rank: int = 0, waiting: Callable[[], object] = lambda: None) -> Any:
        """Wait for what process `rank` tells under `key`; `waiting` is called now and then.

        Raises:
            UserError: a process failed, or that one has given no sign of life for two minutes.
        """
        beats, since = -1, time.monotonic()
        while not self._ask("check", [key]):
            self._raise_failure()
            waiting()
            count = self._ask("add", f"beat/{rank}", 0)
            if count != beats:
                beats, since = count, time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                raise RunFailed(
                    f"process {rank} of the launch has not been heard of for {PATIENCE:.0f} s; "
                    + GO_ON
                )
            time.sleep(0.05)
        return json.loads(self._ask("get", key))

    def advance(self, count: int) -> int:
        """`count` more items are done here; how many are in all processes.

        Raises:
            UserError: another process failed.
        """
        self._raise_failure()
        return self._ask("add", "items", count)

    def report(self, numbers: Mapping[str, float]) -> None:
        """This process has done its share, and counted this on the way."""
        self.tell(f"report/{self.here.rank}", dict(numbers))

    def reports(self, show: Callable[[int], object]) -> dict[str, float]:
        """Wait for every process's report; the numbers of all, added up.

        `show` is told meanwhile how many items are done.
        """
        total: dict[str, float] = {}
        for rank in range(self.here.world):
            told = self.hear(f"report/{rank}", rank, lambda: show(self.advance(0)))
            for name, value in told.items():
                total[name] = total.get(name, 0) + value
        return total

    def fail(self, error: UserError) -> None:
        """Tell the others, once, that and why this process gives up."""
        who = f"process {self.here.rank}"
        if not self._ask("check", [_FAILED]):
            lines = [f"{who}: {line}" for line in error.mistakes]
            self.tell(_FAILED, {"status": error.status, "mistakes": lines})

    def failure(self) -> Elsewhere | None:
        """What another process failed of; None while nothing is known."""
        if not self._ask("check", [_FAILED]):
            return None
        return Elsewhere(**json.loads(self._ask("get", _FAILED)))

    def _raise_failure(self) -> None:
        failure = self.failure()
        if failure is not None:
            raise failure

    def _ask(self, operation: str, *values: Any) -> Any:
        try:
            return getattr(self._store, operation)(*values)
        except RuntimeError as error:  # what all of torch's network errors are
            raise RunFailed(f"the processes of the launch have lost touch; {GO_ON}") from error

    def _beat(self) -> None:
        while not self._ended.wait(BEAT):
            try:
                self._store.add(f"beat/{self.here.rank}", 1)
            except RuntimeError:
                return  # the main thread meets it at its next question

    def _end(self) -> None:
        """Let no thread ask the store while Python goes down."""
        self._ended.set()
        self._heart.join()


class _OwnStore(dict[str, Any]):
    """The store of a team of one."""

    set = dict.__setitem__

    def check(self, keys: Sequence[str]) -> bool:
        return all(key in self for key in keys)

    def add(self, key: str, count: int) -> int:
        self[key] = self.get(key, 0) + count
        return self[key]


@cache
def _team(here: Place) -> Team:
    from torch.distributed import PrefixStore, rendezvous

    try:
        store, _, _ = next(rendezvous("env://"))
    except (RuntimeError, ValueError) as error:
        address = f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"
        raise RunFailed(f"the processes of the launch do not meet at {address}") from error
    attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    return Team(here, PrefixStore(f"tombench/{attempt}", store))


def team() -> Team:
    """The processes that this one runs with; a new team of one where it is alone.

    Raises:
        RunFailed: they do not find each other.
    """
    here = place()
    return Team(here, _OwnStore()) if here.world == 1 else _team(here)


def enlist(debug: bool) -> None:
    """Make this process one of several: it ends in order when torchrun says so.

    All but process 0 fall silent; with `debug` their standard error stays, for tracebacks.
    """
    signal.signal(signal.SIGTERM, _stop)
    if not place().leads:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1,) if debug else (1, 2):
            os.dup2(nowhere, stream)


def leave(error: UserError) -> int:
    """Give up as one that does not lead: process 0 tells why; the exit status.

    torchrun ends all processes at the first that fails, so this one waits until process 0 has.
    """
    try:
        team().fail(error)
    except RunFailed:
        return error.status
    time.sleep(GRACE)
    return error.status


def why_stopped() -> UserError:
    """What to tell where torchrun or the cluster has ended process 0."""
    failure = None
    if _team.cache_info().currsize:
        try:
            failure = team().failure()
        except RunFailed:
            failure = None
    return failure or Elsewhere(
        128 + signal.SIGTERM,
        [f"stopped: another process of the launch ended, or the job was cancelled; {GO_ON}"],
    )


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise Stopped
