"""Read what runs left behind: run folders under a root, run.json, records.

A record is a line of records.jsonl; `latest` points at the newest finished run and is not followed.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tombench.errors import UserError
from tombench.schema import Record, Score

RUN, RECORDS, METRICS = "run.json", "records.jsonl", "metrics.json"


def run_folders(root: Path) -> list[Path]:
    """Every run folder at or under `root`, ordered by path; `latest` is not followed."""
    found = (Path(base) for base, _, files in os.walk(root) if RUN in files)
    return sorted(found)


def read_run(folder: Path) -> dict[str, Any]:
    """A run's run.json.

    Raises:
        UserError: `folder` is no run folder, or its run.json is not readable.
    """
    try:
        return json.loads((folder / RUN).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(
            f"{folder}: no run folder (it holds no {RUN}); name one such as …/v0001"
        ) from error
    except (OSError, ValueError) as error:
        raise UserError(f"{folder / RUN}: not readable ({error})") from error


def read_records(folder: Path) -> list[Record]:
    """The records of a run folder, as they stand there.

    Raises:
        UserError: a line is no record; says which.
    """
    path = folder / RECORDS
    return [record for _, record in records_in(path)] if path.exists() else []


def records_in(path: Path) -> Iterator[tuple[bytes, Record]]:
    """A file's lines and their records, one at a time.

    Raises:
        UserError: a line is no record; says which.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                values = json.loads(line)
                yield line, Record(**{**values, "score": Score(**values["score"])})
            except (ValueError, KeyError, TypeError) as error:
                raise UserError(
                    f"{path} line {number}: not a record ({error}); the file was changed: "
                    "mend it, or delete it and all lines after it: the same command adds them again"
                ) from error
