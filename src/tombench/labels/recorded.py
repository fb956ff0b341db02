"""Free answers that finished runs recorded, each with its scene and question.

What a person labels and what a judge judges.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tombench.errors import UserError
from tombench.runs import METRICS, RECORDS, read_records, read_run
from tombench.schema import Item, Record, Score

ReadItems = Callable[[str | None], Sequence[Item]]
"""A task's items from a data file, None for its own; each item's content is a `Scene`."""

JUDGED = "judged"
"""Where a judge's metrics.json says which run's answers it judged."""

logger = logging.getLogger("tombench")


class Scene(Protocol):
    """What was asked."""

    context: str
    question: str


@dataclass(frozen=True)
class Verdict:
    """What one rater makes of an answer."""

    answer: str  # yes, no or unparsed
    category: str  # answered, or why there is no answer
    right: bool


@dataclass(frozen=True)
class RecordedRun:
    """A finished evaluation whose answers are looked at again."""

    folder: Path
    digest: str  # sha256 of its records as they stand, 64 hex digits
    model: str  # its label in tables
    prompting: str


@dataclass(frozen=True)
class RecordedAnswer:
    """One free answer of a run."""

    run: RecordedRun
    record: Record
    scene: Scene

    @property
    def key(self) -> str:
        """Unique over all runs, and the same wherever the run's folder lies."""
        return answer_key(self.run.digest, self.record.id)

    @property
    def model(self) -> str:
        """Who answered: as the record says (published answers of several), else the run."""
        return self.record.condition.get("model", self.run.model)

    @property
    def prompting(self) -> str:
        return self.record.condition.get("prompting", self.run.prompting)


def answer_key(records_digest: str, record_id: str) -> str:
    """What an answer is called outside of its run."""
    return f"{records_digest[:16]}:{record_id}"


def verdict_of(score: Score) -> Verdict:
    """A score as one rater's verdict."""
    return Verdict(score.answer, score.category, score.value == 1)


def folder_list(named: str | Sequence[str] | None) -> list[Path]:
    """The paths of a key that takes one or several."""
    names = [named] if isinstance(named, str) else list(named or ())
    return [Path(name).expanduser() for name in names]


def read_recorded_run(folder: Path) -> RecordedRun:
    """A finished evaluation's facts.

    Raises:
        UserError: it is no run folder, not an evaluation, or not finished.
    """
    about = read_run(folder)
    identity = about["identity"]
    if identity.get("stage") != "eval":
        raise UserError(f"{folder}: not an evaluation; name a run such as outputs/eval/…/v0001")
    if about["status"] != "finished":
        raise UserError(f"{folder}: not finished; the command in its run.json goes on")
    records = folder / RECORDS
    content = records.read_bytes() if records.exists() else b""
    return RecordedRun(
        folder=folder.resolve(),
        digest=hashlib.sha256(content).hexdigest(),
        model=str(about.get("label")),
        prompting=(identity.get("prompting") or {}).get("name", ""),
    )


def recorded_answers(
    folder: Path, read_items: ReadItems, data: str | None = None
) -> list[RecordedAnswer]:
    """The free answers of a run; what was not asked and empty answers are left out and told.

    Args:
        read_items: the task's way to read its scenes.
        data: where its scenes are read; None: where the run read them.

    Raises:
        UserError: it is no finished run of yes/no answers, or the scenes are not those asked.
    """
    run = read_recorded_run(folder)
    _refuse_a_judges(folder)
    records = read_records(folder)
    items = _items(folder, records, read_items, data)
    answers = [
        RecordedAnswer(run, record, items[_scene_of(record, items)].content)
        for record in records
        if record.response.strip() and not record.error
    ]
    if not answers:
        raise UserError(f"{folder}: no free answers there (were there any, task.repetitions=20?)")
    if len(answers) < len(records):
        logger.info(
            "%s: %d of %d answers are empty or were not asked, and are left out",
            folder, len(records) - len(answers), len(records),
        )  # fmt: skip
    return answers


def _refuse_a_judges(folder: Path) -> None:
    metrics = folder / METRICS
    judged = json.loads(metrics.read_text(encoding="utf-8")).get(JUDGED) if metrics.exists() else {}
    if judged:
        raise UserError(f"{folder}: a judge's run; name the run that it judged, {judged['run']}")


def _items(
    folder: Path, records: Sequence[Record], read_items: ReadItems, data: str | None
) -> dict[str, Item]:
    """The scenes that the records are about, by item id."""
    path = data or read_run(folder)["configuration"]["task"].get("data")
    wanted = "give the file that was asked, task.data=FILE"
    try:
        items = {item.id: item for item in read_items(path)}
    except UserError as error:
        raise UserError(f"{folder}: its scenes are not there: {error}; {wanted}") from error
    for record in records:
        item = items.get(_scene_of(record, items))
        if item is None or not _asked(record, item):
            raise UserError(
                f"{folder}: {path or 'the embedded data'} does not hold the scene and question "
                f"of record '{record.id}'; {wanted}"
            )
    return items


def _scene_of(record: Record, items: Mapping[str, Item]) -> str:
    """The scene's id: the item's, or the cluster's where a scene was put in several wordings."""
    return record.item if record.item in items else record.cluster


def _asked(record: Record, item: Item) -> bool:
    """Is this the item that the record is about: same right answer, its words in the prompt?"""
    words = (item.content.context, item.content.question) if record.prompt else ()
    return record.target == item.target and all(text in record.prompt for text in words)
