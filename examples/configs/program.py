"""backend=program: any program that reads a prompt on standard input and writes an answer.

It is started anew for each answer. The environment tells it TOMBENCH_SEED, the sample's seed.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from tombench.backends.base import Estimate
from tombench.errors import RunFailed, UserError
from tombench.schema import STRICT, GenerateResponse, LikelihoodResponse, Sample


@checked(frozen=True, config=STRICT)
class Program:
    """Backend and server in one: there is nothing to load."""

    not_identity: ClassVar[frozenset[str]] = frozenset()  # fields that cannot change a result
    unused: ClassVar[frozenset[str]] = frozenset({"model"})  # groups that are not read

    command: Annotated[tuple[str, ...], Field(min_length=1)]

    def label(self, model):
        return " ".join(self.command)

    def model_identity(self, model):
        return None  # the command is a field, and so it is in the identity

    def check(self, model):
        if shutil.which(self.command[0]) is None:
            raise UserError(f"backend.command={self.command[0]}: no such program; give its path")

    def load(self, model):
        return self

    preview = load

    def prompt_as_sent(self, request):
        return request.text

    def estimate(self, requests):
        return Estimate(0, 0, 0, None, "a program's time is not known")

    def batches(self, requests):
        return [[place] for place in range(len(requests))]  # recorded after each item

    def generate(self, requests):
        return [
            GenerateResponse(request.prompt, self._samples(request.prompt, request.seeds))
            for request in requests
        ]

    def loglikelihood(self, requests):
        return [LikelihoodResponse(r.context, error="it gives no probabilities") for r in requests]

    def _samples(self, prompt: str, seeds: Sequence[int]) -> tuple[Sample, ...]:
        return tuple(self._say(prompt, os.environ | {"TOMBENCH_SEED": str(s)}) for s in seeds)

    def _say(self, prompt: str, environment: dict[str, str]) -> Sample:
        run = subprocess.run(
            self.command, input=prompt, env=environment, text=True, capture_output=True
        )
        if run.returncode:
            raise RunFailed(f"{self.command[0]}: status {run.returncode}: {run.stderr.strip()}")
        return Sample(run.stdout, tokens=len(run.stdout.split()), truncated=False)
