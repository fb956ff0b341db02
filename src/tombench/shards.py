"""The records of a run that goes on: made sound after a kill, gathered from several processes.

    records.jsonl          process 0's, and in the end everybody's
    records.rank1.jsonl    process 1's, while the run goes on

Texts are not kept in memory: they are on the disk, and no metric reads them.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tombench.locks import claim
from tombench.runs import RECORDS, records_in
from tombench.schema import Record
from tombench.writing import append_whole

CHUNK = 1 << 20  # bytes moved at once


def part_of(rank: int) -> str:
    """The file that process `rank` appends to."""
    return f"records.rank{rank}.jsonl" if rank else RECORDS


@contextmanager
def own_part(folder: Path, rank: int) -> Iterator[str]:
    """Hold this process's file while it is written."""
    part = part_of(rank)
    with claim(folder / part):
        yield part


def light(record: Record) -> Record:
    """A record without its texts: what metrics are computed from."""
    score = replace(record.score, reason="")
    return replace(record, prompt="", response="", thinking="", score=score)


def settle(folder: Path) -> list[Record]:
    """Make what a kill left behind sound: light records of whole items, all in records.jsonl.

    Whether the last item of a file is whole cannot be told, so it is cut off and answered again.

    Raises:
        UserError: a line is no record (the file was changed by hand), or a process is at a file.
    """
    records = _cut(folder / RECORDS)
    for part in _parts(folder):
        with claim(part):
            _cut(part)
    return records + gather(folder, records)


def gather(folder: Path, records: Sequence[Record]) -> list[Record]:
    """Move what the other processes wrote to records.jsonl; it comes back as light records.

    `records` are there already: where a kill came between, a record is not added twice.
    """
    known = {record.id for record in records}
    gathered: list[Record] = []
    for part in _parts(folder):
        with claim(part):
            gathered += _moved(part, folder / RECORDS, known)
            part.unlink()
    return gathered


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("records.rank*.jsonl"))


def _moved(part: Path, whole: Path, known: set[str]) -> list[Record]:
    """Append what is not yet known, a chunk of lines at a stroke."""
    moved: list[Record] = []
    lines: list[bytes] = []
    size = 0
    for line, record in records_in(part):
        if record.id in known:
            continue
        known.add(record.id)
        moved.append(_shared(record))
        lines.append(line)
        size += len(line)
        if size >= CHUNK:
            append_whole(whole, b"".join(lines))
            lines, size = [], 0
    if lines:
        append_whole(whole, b"".join(lines))
    return moved


def _cut(path: Path) -> list[Record]:
    """Cut the last item, and a line that a kill tore, off a file; what is left, light."""
    if not path.exists():
        return []
    _cut_torn_line(path)
    records: list[Record] = []
    place = start = 0  # of this line, and of the first line of its item
    for line, record in records_in(path):
        if records and record.item != records[-1].item:
            start = place
        place += len(line)
        records.append(_shared(record))
    os.truncate(path, start)
    last = records[-1].item if records else None
    while records and records[-1].item == last:
        records.pop()
    return records


def _cut_torn_line(path: Path) -> None:
    """Drop what follows the last newline."""
    with path.open("r+b") as file:
        place, whole = file.seek(0, os.SEEK_END), 0
        while place and not whole:
            start = max(0, place - CHUNK)
            file.seek(start)
            newline = file.read(place - start).rfind(b"\n")
            whole = start + newline + 1 if newline >= 0 else 0
            place = start
        file.truncate(whole)


_factors: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}


def _shared(record: Record) -> Record:
    """A record as read, light, with the names that many records have in common kept once."""
    condition = tuple((sys.intern(k), v) for k, v in record.condition.items())
    score = replace(record.score, answer=sys.intern(record.score.answer))
    return light(
        replace(
            record,
            item=sys.intern(record.item),
            cluster=sys.intern(record.cluster),
            condition=_factors.setdefault(condition, dict(condition)),
            score=score,
        )
    )
