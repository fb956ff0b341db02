"""What became of a sweep's jobs: told job by job, and the one summary of all they evaluated."""

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hydra.core.override_parser.types import Quote, QuotedString

from tombench.config import CONFIG_DIR
from tombench.runs import RUN
from tombench.terminal import visible

COMMON = ("experiment", "output_root", "quiet", "debug")
"""What the summary takes over, where all jobs have it alike."""


@dataclass(frozen=True)
class Outcome:
    """What a job came to; goes through pickle and JSON."""

    status: int
    folder: str | None = None  # of its results; None: it failed, or wrote nothing
    reason: str = ""  # why it failed, in one line
    evaluated: bool = False  # its run can be summarized


@dataclass(frozen=True)
class Ended:
    """A job by its words, and what became of it."""

    words: tuple[str, ...]
    outcome: Outcome

    @property
    def command(self) -> str:
        """What repeats it alone, for a shell."""
        given = os.environ.get(CONFIG_DIR)
        return shlex.join(["tombench", *(["--config-dir", given] if given else []), *self.words])

    def finished_before(self, moment: float) -> bool:
        """Did its run end earlier, in a command before this one?"""
        run = Path(self.outcome.folder or ".") / RUN
        return self.outcome.folder is not None and run.is_file() and run.stat().st_mtime < moment


def summary_words(jobs: Sequence[Ended]) -> list[str]:
    """The command that summarizes what a sweep's jobs evaluated; [] where there is nothing."""
    folders = [job.outcome.folder for job in jobs if job.outcome.evaluated and job.outcome.folder]
    if not folders:
        return []
    shared = set.intersection(*(set(job.words) for job in jobs))
    common = [word for word in jobs[0].words if word in shared and key_of(word) in COMMON]
    quoted = (QuotedString(path, Quote.single).with_quotes() for path in dict.fromkeys(folders))
    return [*common, "stage=summarize", f"run=[{','.join(quoted)}]"]


def tell_outcomes(jobs: Sequence[Ended], began: float) -> int:
    """Name the failed jobs, each with its reason and its command; the worst status of all.

    Args:
        began: when the sweep did, in seconds since the epoch; runs that ended earlier are counted.
    """
    failed = [job for job in jobs if job.outcome.status]
    for job in failed:
        line = f"tombench: failed with status {job.outcome.status}: {job.outcome.reason}"
        print(visible(line), file=sys.stderr)
        print(f"  {visible(job.command)}", file=sys.stderr)
    if len(jobs) > 1:
        before = sum(job.finished_before(began) for job in jobs)
        line = f"sweep: {len(jobs) - len(failed)} of {len(jobs)} jobs done"
        line += f" ({before} of them before)" if before else ""
        print(line + (f", {len(failed)} failed" if failed else ""), file=sys.stderr)
    return max((job.outcome.status for job in jobs), default=0)


def key_of(word: str) -> str:
    """The group or key that a word sets."""
    return word.lstrip("+").split("=", 1)[0]
