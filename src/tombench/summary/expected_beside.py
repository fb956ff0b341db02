"""Ours beside theirs: what each published cell of an experiment comes to among finished runs."""

import shlex
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from omegaconf import DictConfig, OmegaConf

from tombench.config import build
from tombench.schema import Metric
from tombench.summary.collect import EvaluatedRun
from tombench.summary.expected import ANY, Cell, Expected
from tombench.summary.expected_readings import reading
from tombench.summary.expected_runs import Candidate, Past, candidates

Verdict = Literal["inside", "outside", "not run", "no number"]
"""no number: nothing was published for the cell, or the run has no such number."""


@dataclass(frozen=True)
class Compared:
    """A published cell and ours."""

    cell: Cell
    verdict: Verdict
    ours: Metric | None  # in the published unit
    run: EvaluatedRun | None
    trial: Metric | None  # of a run that is not like the published one, in the published unit
    unlike: Candidate | None  # that run
    words: Mapping[str, str]  # of the command that would run the cell, beside the experiment's name

    @property
    def command(self) -> str:
        return command(self.words)


def compare(config: DictConfig, runs: Sequence[EvaluatedRun]) -> tuple[Expected, list[Compared]]:
    """Every cell of `config.expected` beside the runs that belong to it.

    Args:
        config: composed for `stage=summarize experiment=NAME`.
        runs: as `collect` gives them.

    Raises:
        UserError: the experiment's file names a reference that is not there.
    """
    expected: Expected = build(config, "expected")
    past = [Past.of(run) for run in runs]
    found = [candidates(cell, expected.name, config, past) for cell in expected.cells]
    placed = {_key(one.run) for own in found for one in own if one.comparable}
    cells = zip(expected.cells, found, strict=True)
    return expected, [
        _compared(cell, own, placed, {"experiment": expected.name, **_words(cell, config)})
        for cell, own in cells
    ]


def _key(run: EvaluatedRun) -> tuple[Path, str, str]:
    return run.folder, run.model, run.prompting


def _compared(
    cell: Cell,
    found: Sequence[Candidate],
    placed: Set[tuple[Path, str, str]],
    words: Mapping[str, str],
) -> Compared:
    """What stands in a cell; a run with a place of its own (`placed`) is no trial of others."""
    like = [one for one in found if one.comparable]
    unlike = [one for one in found if not one.comparable and _key(one.run) not in placed]
    ours = _read(cell, like[0].run) if like else None
    trial = _read(cell, unlike[0].run) if unlike else None
    if not like:
        verdict: Verdict = "not run"
    elif ours is None or cell.published is None:
        verdict = "no number"
    else:
        verdict = "inside" if cell.inside(ours.value) else "outside"
    return Compared(
        cell,
        verdict,
        ours,
        like[0].run if like else None,
        trial,
        unlike[0] if unlike else None,
        words,
    )


def _read(cell: Cell, run: EvaluatedRun) -> Metric | None:
    """A run's number in the published unit."""
    found = reading(run, cell.row.metric, cell.column)
    if found is None or cell.row.per == 1:
        return found
    ends = (end * cell.row.per for end in (found.value, found.low, found.high))
    return Metric(*ends, found.n, found.clusters)


def command(words: Mapping[str, str]) -> str:
    """As it is typed; capitals stand for what is the user's."""
    return shlex.join(["tombench", *(f"{key}={value}" for key, value in words.items())])


def _words(cell: Cell, config: DictConfig) -> dict[str, str]:
    """What a cell's run must be told, but for what the experiment says itself."""
    if "task.answers" in cell.where:  # whose answers and how they were asked stands in the files
        found = {"task.answers": ANY}
    else:
        found = {
            key: value
            for key, value in cell.where.items()
            if value is not None and ("." not in key or OmegaConf.select(config, key) != value)
        }
    if "model" not in found and "model.path" in found:
        found = {"model": "local", **found}
    files = {
        key: file for key, file in cell.row.data.items() if OmegaConf.select(config, key) is None
    }
    return {key: _word(key, value) for key, value in {**found, **files}.items()}


def _word(key: str, value: Any) -> str:
    if value == ANY:
        return "FILES" if key == "task.answers" else "RUN"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(str, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
