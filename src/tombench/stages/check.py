"""stage=summarize stage.check=true: are runs still what they say, and do their numbers follow?

tombench stage=summarize stage.check=true

A run's identity is hashed and built again from its stored configuration, so that data, weights and
settings of now are held against those of then; its metrics are computed again from its records.
No weights are loaded into a model.
"""

import io
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tombench.config import identity_hash, plain
from tombench.errors import RunFailed, UserError
from tombench.provenance import HIDDEN
from tombench.runs import METRICS, RECORDS, read_run, records_in
from tombench.schema import Record
from tombench.shards import light
from tombench.stages.findings import DIFFERS, EQUAL, UNCHECKED, Findings, leaves, told
from tombench.stages.rebuilt import OF_TRAINING, Rebuilt, rebuilt
from tombench.summary.collect import EvaluatedRun
from tombench.summary.grid import Grid
from tombench.tasks.sparsity_conclusion import MECHANISM
from tombench.writing import file_sha256

ASPECTS = ("identity", "data", "weights", "settings", "records", "metrics")
DATA = frozenset({"task.data", "task.answers", "task.hand_counts", "policy.fitted_to"})
"""Keys of an identity that hold digests of what a run read."""

PATHS = frozenset({"judged.run"})
"""Keys of metrics.json that say where something lay."""

SHOWN = 8
"""Differing numbers beside the headline's that are told one by one; of more, how many."""

logger = logging.getLogger("tombench")


@dataclass(frozen=True)
class Checked:
    """What came of checking a run."""

    folder: Path
    verdicts: Mapping[str, str]  # aspect -> equal, differs, not checked, –
    differences: tuple[str, ...]  # a line each: what, as stored → as it is now
    unchecked: tuple[str, ...]  # a line each: what, and why


def check(runs: Sequence[EvaluatedRun]) -> list[Checked]:
    """Check each run's folder once; nothing is written, nothing fetched."""
    return [_checked(folder) for folder in dict.fromkeys(run.folder for run in runs)]


def checked_grid(found: Sequence[Checked]) -> Grid:
    """A row a run; what was not checked, and why, below."""
    rows = [
        (str(one.folder.parent), one.folder.name, *(one.verdicts[aspect] for aspect in ASPECTS))
        for one in found
    ]
    reasons: dict[str, list[str]] = {}
    for one in found:
        for line in one.unchecked:
            reasons.setdefault(line, []).append(str(one.folder))
    notes = [
        f"not checked: {line} ({where[0]}{f' and {len(where) - 1} more' * (len(where) > 1)})"
        for line, where in reasons.items()
    ]
    title = f"Check of {len(found)} runs against their data, weights and records"
    return Grid(title, ("Folder", "Run", *ASPECTS), tuple(rows), tuple(notes))


def refuse_differences(found: Sequence[Checked]) -> None:
    """Raises RunFailed, a line a finding, where anything differs."""
    lines = [f"{one.folder}: {line}" for one in found for line in one.differences]
    if lines:
        raise RunFailed(*lines)


def _checked(folder: Path) -> Checked:
    found = Findings()
    run = read_run(folder)
    _check_hash(run, found)
    now = rebuilt(run)
    _check_identity(run, now, found)
    records = _check_records(folder, run, now, found)
    _check_metrics(folder, now, records, found)
    if (folder / MECHANISM).exists():
        found.unchecked.setdefault(MECHANISM, "it is measured on loaded weights")
    return Checked(
        folder,
        {aspect: found.verdict(aspect) for aspect in ASPECTS},
        tuple(
            f"{aspect}: {line}" for aspect in found.differing for line in found.differing[aspect]
        ),
        tuple(f"{aspect}: {why}" for aspect, why in found.unchecked.items()),
    )


def _check_hash(run: Mapping[str, Any], found: Findings) -> None:
    found.seen.add("identity")
    if identity_hash(run["identity"]) == run["identity_hash"]:
        return
    if any(value == HIDDEN for value in leaves(run["identity"]).values()):
        found.unchecked["identity"] = "a secret in it is hidden, so its hash cannot be computed"
    else:
        found.differs("identity", "run.json was changed: its identity_hash is another's")


def _check_identity(run: Mapping[str, Any], now: Rebuilt, found: Findings) -> None:
    """The identity as stored against the one of now, key by key."""
    found.unchecked |= now.unchecked
    for aspect, line in now.broken:
        found.differs(aspect, line)
    if now.identity is None:
        return
    stored, fresh = leaves(run["identity"]), leaves(plain(now.identity))
    found.seen.add("settings")
    for key in {**stored, **fresh}:
        aspect = _aspect(key)
        found.seen.add(aspect)
        if any(key == left or key.startswith(f"{left}.") for left in now.left_out):
            continue
        if stored.get(key) == fresh.get(key) or HIDDEN in (stored.get(key), fresh.get(key)):
            continue
        if key.endswith(".dtype") and {stored.get(key), fresh.get(key)} == {"auto", "float32"}:
            found.unchecked["precision"] = "the run was on another kind of device than this one"
            continue
        found.differs(aspect, f"{key}: {told(stored, key)} → {told(fresh, key)}")


def _check_records(
    folder: Path, run: Mapping[str, Any], now: Rebuilt, found: Findings
) -> list[Record] | None:
    """The records, light and sorted by id as metrics are computed from; None: not readable."""
    found.seen.add("records")
    path = folder / RECORDS
    try:
        records = [light(record) for _, record in records_in(path)] if path.exists() else []
    except UserError as error:
        found.differs("records", str(error))
        return None
    if (count := run.get("records")) not in (None, len(records)):
        found.differs("records", f"number: {count} → {len(records)}")
    twice = len(records) - len({record.id for record in records})
    if twice:
        found.differs("records", f"{twice} ids stand there more than once")
    if now.records is not None and found.verdict("data") == EQUAL:
        _check_reading(records, now.records(), found)
    if (stored := run.get("records_sha256")) is None:
        found.unchecked["records"] = "run.json has no digest of them; their texts may have changed"
    elif stored != (fresh := file_sha256(path)):
        found.differs("records", f"sha256: {stored[:12]}… → {fresh[:12]}…")
    return sorted(records, key=lambda record: record.id)


def _check_reading(stored: Sequence[Record], fresh: Sequence[Record], found: Findings) -> None:
    """Answers that files hold, as they were read then and as they are read now."""
    then, now = ({one.id: light(one) for one in records} for records in (stored, fresh))
    other = [name for name in {**then, **now} if then.get(name) != now.get(name)]
    if other:
        first = f"the first: {other[0]}"
        found.differs("records", f"{len(other)} are not as the files are read now; {first}")


def _check_metrics(
    folder: Path, now: Rebuilt, records: list[Record] | None, found: Findings
) -> None:
    """metrics.json against what the records come to now."""
    if records is None:
        found.unchecked["metrics"] = "the records cannot be read"
    elif found.verdict("data") == DIFFERS:
        found.unchecked["metrics"] = "the data are not those of the run"
    elif now.metrics is None:
        found.unchecked.setdefault("metrics", "they need the run's data")
    if "metrics" in found.unchecked:
        return
    found.seen.add("metrics")
    stored = _read(folder / METRICS, found)
    fresh = _computed(now.metrics, records, found)
    if stored is None or fresh is None:
        return
    if found.verdict("weights") == UNCHECKED:  # what they were trained on is not known either
        stored, fresh = (
            {key: value for key, value in one.items() if key not in OF_TRAINING}
            for one in (stored, fresh)
        )
    for line in _differences(stored, fresh):
        found.differs("metrics", line)


def _computed(
    metrics: Callable[[Sequence[Record]], Mapping[str, Any]],
    records: Sequence[Record],
    found: Findings,
) -> dict[str, Any] | None:
    """Through JSON, as they are read back."""
    try:
        with redirect_stdout(io.StringIO()):  # some tasks print as they measure
            return json.loads(json.dumps(plain(metrics(records))))
    except Exception as error:  # records that no run of this task writes; tasks of the user's own
        first = (str(error).splitlines() or [""])[0]
        found.differs("metrics", f"not to be had of these records: {type(error).__name__} {first}")
        return None


def _read(path: Path, found: Findings) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        found.differs("metrics", f"{path.name} cannot be read: {error}")
        return None


def _differences(stored: Mapping[str, Any], fresh: Mapping[str, Any]) -> list[str]:
    """A line for each number of the whole that differs, and for the first of all others."""
    then, now = leaves(stored), leaves(fresh)
    keys = [key for key in {**then, **now} if key not in PATHS and _differ(then, now, key)]
    whole = [key for key in keys if key.startswith("metrics.")]
    others = [key for key in keys if not key.startswith("metrics.")]
    lines = [f"{key}: {told(then, key)} → {told(now, key)}" for key in whole + others[:SHOWN]]
    if len(others) > SHOWN:
        lines.append(f"{len(others) - SHOWN} further numbers of groups, cells and rows")
    return lines


def _differ(then: Mapping[str, Any], now: Mapping[str, Any], key: str) -> bool:
    return key not in then or key not in now or then[key] != now[key]


def _aspect(key: str) -> str:
    """Which of the aspects a key of the identity belongs to."""
    if key in DATA:
        return "data"
    return "weights" if key.endswith(".digest") else "settings"
