"""Test-only components: they end or hold their own process where the environment says so.

DIE_AT=3 DIE_BY=9     SIGKILL to itself when the third batch is asked
DIE_AT=3 DIE_BY=error … an error in its place; DIE_RANK=1: in process 1 of a launch, not in 0
DIE_AT=metrics        … when all records are there and the metrics are computed
HOLD=/some/file       wait with the model loaded until that file exists
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from pydantic.dataclasses import dataclass as checked

from tombench.backends.mock import MockBackend, MockServer
from tombench.models.base import Model
from tombench.schema import STRICT, GenerateRequest, GenerateResponse, Record
from tombench.tasks.base import Metrics, Setting
from tombench.tasks.vignettes import Vignettes


def die_at(point: str) -> None:
    here = os.environ.get("RANK", "0") == os.environ.get("DIE_RANK", "0")
    if here and os.environ.get("DIE_AT") == point:
        how = os.environ.get("DIE_BY", "9")
        if how == "error":
            raise MemoryError("no more of it")
        os.kill(os.getpid(), int(how))


@checked(frozen=True, config=STRICT)
class DyingBackend(MockBackend):
    def load(self, model: Model) -> "DyingServer":
        waited = 0
        while "HOLD" in os.environ and not Path(os.environ["HOLD"]).exists() and waited < 3_000:
            time.sleep(0.02)
            waited += 1
        return DyingServer(self.mind)


class DyingServer(MockServer):
    asked = 0

    def generate(self, requests: Sequence[GenerateRequest]) -> list[GenerateResponse]:
        self.asked += 1
        die_at(str(self.asked))
        return super().generate(requests)


@checked(frozen=True, config=STRICT)
class DyingVignettes(Vignettes):
    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        die_at("metrics")
        return super().metrics(records, setting)


@checked(frozen=True, config=STRICT)
class BrokenVignettes(Vignettes):
    def metrics(self, records: Sequence[Record], setting: Setting) -> Metrics:
        raise ZeroDivisionError("a bug of the task\nwith a second line")
