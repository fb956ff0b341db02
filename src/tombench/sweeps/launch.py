"""A sweep: all jobs that a command's words make, with whichever launcher of Hydra's."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra._internal.callbacks import Callbacks
from hydra._internal.hydra import Hydra
from hydra.core.override_parser.types import Quote, QuotedString
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn, JobStatus
from hydra.types import HydraContext, RunMode, TaskFunction
from omegaconf import OmegaConf

from tombench.sweeps.marks import MARKS, Marks
from tombench.sweeps.outcome import Ended, Outcome


def sweep(hydra: Hydra, config_name: str, job: TaskFunction, words: Sequence[str]) -> list[Ended]:
    """Run all jobs that the words make; one that fails or is killed does not keep the others.

    Raises:
        whatever a launcher raises before any job has begun.
    """
    with tempfile.TemporaryDirectory(prefix="tombench-sweep-") as folder:
        marks = Marks(Path(folder))
        sweeper, arguments = _sweeper(hydra, config_name, job, [*words, *_folders(words, folder)])
        try:
            with _each_by_itself():
                batches = sweeper.sweep(arguments=arguments)
        except Exception as error:
            planned = _planned(sweeper)
            if not any(map(marks.begun, planned)):
                raise
            return _without_the_dead(sweeper.launcher, planned, marks, error)
    done = [one for batch in batches for one in batch]
    planned = _planned(sweeper) or [one.overrides for one in done]
    return [Ended(tuple(words), one.return_value) for words, one in zip(planned, done, strict=True)]


def _sweeper(
    hydra: Hydra, config_name: str, job: TaskFunction, words: list[str]
) -> tuple[Any, list[str]]:
    """As Hydra's own multirun makes it, with what it is to sweep over."""
    config = hydra.compose_config(config_name, words, run_mode=RunMode.MULTIRUN)
    context = HydraContext(config_loader=hydra.config_loader, callbacks=Callbacks(config))
    sweeper = Plugins.instance().instantiate_sweeper(
        config=config, hydra_context=context, task_function=job
    )
    return sweeper, OmegaConf.to_container(config.hydra.overrides.task, resolve=False)


def _planned(sweeper: Any) -> list[Sequence[str]]:
    """The words of each job; [] of a sweeper that makes them up as it goes."""
    return [words for batch in getattr(sweeper, "overrides", None) or () for words in batch]


def _folders(words: Sequence[str], folder: str) -> list[str]:
    """Where jobs leave their marks, and Hydra what it writes beside a sweep: both go away.

    submitit keeps its job files there, and cluster nodes must see them: then it is the user's.
    """
    quoted = QuotedString(folder, Quote.single).with_quotes()
    kept = any(word.startswith("hydra.sweep.") or "submitit" in word for word in words)
    marks = f"+hydra.job.env_set.{MARKS}={quoted}"
    return [marks] if kept else [marks, f"hydra.sweep.dir={quoted}"]


def _without_the_dead(
    launcher: Any, planned: Sequence[Sequence[str]], marks: Marks, error: Exception
) -> list[Ended]:
    """What became of each job of a sweep that a killed one ended: those not begun are run now."""
    left = [words for words in planned if not marks.begun(words)]
    while left:
        try:
            launcher.launch(left, initial_job_idx=len(planned) - len(left))
        except Exception as further:
            error = further
        begun = [words for words in left if marks.begun(words)]
        if not begun:
            break
        left = [words for words in left if words not in begun]
    unbegun = Outcome(1, reason=f"not begun: {_first_line(error)}")
    return [
        Ended(
            tuple(words),
            (marks.outcome(words) or _died(error)) if marks.begun(words) else unbegun,
        )
        for words in planned
    ]


def _died(error: Exception) -> Outcome:
    """Of a job of which nothing came back."""
    return Outcome(
        1,
        reason="killed, or ended by one that was killed, as where memory or time ran out "
        f"({_first_line(error)}); what it recorded is kept, its command goes on",
    )


def _first_line(error: Exception) -> str:
    """What the launcher says of it, in a sentence: some add the job's log, some advice."""
    line = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {line.partition('. ')[0]}"


@contextmanager
def _each_by_itself() -> Iterator[None]:
    """Let submitit's launcher hear of every job: it stops asking at the first that was killed."""
    try:
        from submitit.core.core import Job as Submitted
    except ImportError:
        yield
        return
    asked = Submitted.results

    def results(submitted: Any) -> list[JobReturn]:
        try:
            return asked(submitted)
        except Exception as error:
            return [JobReturn(status=JobStatus.COMPLETED, _return_value=_died(error))]

    Submitted.results = results
    try:
        yield
    finally:
        Submitted.results = asked
