"""What stage=prepare runs: something that a task makes before or beside its evaluations.

A task offers it by a method `preparation(seed)`, which gives None where its keys ask for nothing,
and says in `prepares` which keys do. One that prepares something of a model names in
`prepares_with` the groups that it reads, and has `preparation_for(backend, model, seed)`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from tombench import __version__
from tombench.records import RunFolder


@dataclass(frozen=True)
class Whereabouts:
    """Where an evaluation makes what it needs, and what that run records."""

    root: Path  # output_root
    facts: Mapping[str, Any] = field(default_factory=dict)
    quiet: bool = True


class Preparation(Protocol):
    """One thing to make: a label sheet, a study's data, gradients."""

    def identity(self) -> Mapping[str, Any]:
        """Everything that can change what is made. Raises UserError for what cannot be read."""
        ...

    def plan(self) -> list[str]:
        """What would be made, in lines, for dry_run=true."""
        ...

    def make(self, run: RunFolder) -> None:
        """Write it into the run's folder; a resumed run makes again what is missing."""
        ...

    def show(self, run: RunFolder) -> None:
        """Print what was made, from what stands in the run's folder."""
        ...


@runtime_checkable
class Preparable(Protocol):
    """A task that has something to prepare."""

    name: str
    prepares: str  # a hint: which of its keys ask for what

    def preparation(self, seed: int) -> Preparation | None: ...


def preparation_identity(task: str, made: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The identity of a run of stage=prepare, by which whoever needs what it makes finds it."""
    return {
        "stage": "prepare",
        "version": __version__,
        "task": {"name": task, **made},
        "seed": seed,
    }
