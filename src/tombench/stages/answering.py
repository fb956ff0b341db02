"""Answer what a run does not hold yet: one process alone, or each of a launch its share.

Process 0 plans the batches from all items, so a resumed run replays the same plan, and deals out
those that are not yet recorded. A batch is written at one stroke. Which process answers it changes
nothing: batches, not processes, are what rounding depends on.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tombench.backends.base import Server, answer
from tombench.errors import UserError
from tombench.processes import Team
from tombench.progress import progress
from tombench.records import RunFolder
from tombench.schema import Item, Record, Request, Response
from tombench.shards import gather, light, own_part, settle
from tombench.stages.base import log_into

Numbers = Mapping[str, float]

logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class Work:
    """What a run asks, who answers and who scores."""

    items: Sequence[Item]
    requests: Sequence[Sequence[Request]]  # of each item
    load: Callable[[], Server]
    score: Callable[[Item, Sequence[Request], Sequence[Response]], list[Record]]
    identity: str  # the run's hash: all processes must mean the same run

    def answered(self, server: Server, batch: Sequence[int]) -> list[Record]:
        """The records of a batch of items."""
        requests = [self.requests[index] for index in batch]
        return [
            record
            for index, asked, answered in zip(
                batch, requests, answer(server, requests), strict=True
            )
            for record in self.score(self.items[index], asked, answered)
        ]


@dataclass(frozen=True)
class Answered:
    """All records of a run, light, and what the servers of all processes counted in this start."""

    records: list[Record]
    usage: Numbers
    server: Server


def lead(work: Work, run: RunFolder, team: Team, label: str, quiet: bool) -> Answered:
    """Answer this process's share, wait for the others', and gather all records in one file.

    Raises:
        UserError: something failed, here or in another process; what was recorded is kept.
    """
    records = settle(run.path)
    logger.debug("%d items; %d records were there", len(work.items), len(records))
    team.tell("run", {"identity": work.identity, "folder": str(run.path.absolute())})
    server = work.load()
    pending = _pending(server.batches(work.requests), work.items, records)
    world = team.here.world
    for rank in range(1, world):
        team.tell(f"share/{rank}", pending[rank::world])
    before = len(work.items) - sum(len(batch) for batch in pending)
    recorded = {record.id for record in records}
    with progress(label, len(work.items), quiet=quiet) as bar:
        bar.reached(before, len(work.items))
        for batch in pending[::world]:
            fresh = [r for r in work.answered(server, batch) if r.id not in recorded]
            run.append(fresh)
            records += map(light, fresh)
            bar.reached(before + team.advance(len(batch)), len(work.items))
        team.report(_counted(server))
        usage = team.reports(lambda done: bar.reached(before + done, len(work.items)))
    return Answered(records + gather(run.path, records), usage, server)


def assist(work: Work, team: Team) -> None:
    """Answer a share of what process 0 deals out, into a file that it gathers.

    Raises:
        UserError: something failed, here or in another process; or process 0 means another run.
    """
    run = team.hear("run")
    if run is None:  # finished before
        return
    _refuse_another_run(work, run)
    folder, rank = Path(run["folder"]), team.here.rank
    with log_into(folder):
        server = work.load()
        share = team.hear(f"share/{rank}")
        with own_part(folder, rank) as part:
            own = RunFolder(folder, finished=False, part=part)
            for batch in share:
                own.append(work.answered(server, batch))
                team.advance(len(batch))
    team.report(_counted(server))


def _pending(
    batches: Sequence[list[int]], items: Sequence[Item], records: Sequence[Record]
) -> list[list[int]]:
    """The batches of which some item is not recorded."""
    whole = {record.item for record in records}
    return [batch for batch in batches if not {items[index].id for index in batch} <= whole]


def _refuse_another_run(work: Work, run: Mapping[str, str]) -> None:
    if run["identity"] != work.identity:
        raise UserError(
            "this process has other data, weights or versions than process 0; "
            "give all machines of a launch the same"
        )
    if not Path(run["folder"]).is_dir():
        raise UserError(
            f"output_root: {run['folder']}, which process 0 has made, is not seen here; "
            "give a folder that all machines of a launch share"
        )


def _counted(server: Server) -> Numbers:
    """What a server that counts has counted, such as the tokens that a service bills."""
    usage = getattr(server, "usage", None)
    return {} if usage is None else usage()
