"""A sheet of answers to label by hand, and the key that says whose they are.

The sheet is a CSV file for spreadsheet programs (UTF-8 with its mark). It shows scene, question
and answer; model, prompting, repetition, right answer and the scorer's verdict are in the key
alone. An answer that was given several times to one question stands in it once.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tombench.datafile import read_text
from tombench.errors import UserError
from tombench.labels.recorded import RecordedAnswer, Verdict, verdict_of
from tombench.scorers.categories import CATEGORIES
from tombench.spreadsheet import guarded, unguarded
from tombench.terminal import visible
from tombench.writing import pretty

SHEET, KEY = "sheet.csv", "key.json"
COLUMNS = ("row", "id", "scene", "question", "answer", "label", "note")
LABELS = ("yes", "no", *(category for category in CATEGORIES if category != "answered"))
"""What a labeller may write: the answer's verdict, or why it has none."""

_LETTERS = "bcdfghjkmnpqrstvwxz"  # no word, number or date that a spreadsheet would rewrite


@dataclass(frozen=True)
class KeyedAnswer:
    """One answer of the key: what the sheet does not tell."""

    id: str  # of its row in the sheet
    key: str  # of the answer: the digest of its run's records and the record's id
    record: str
    run: str
    model: str
    prompting: str
    cluster: str
    target: str
    rules: Verdict
    reason: str
    needs_review: bool


@dataclass(frozen=True)
class Row:
    """One row of the sheet."""

    id: str
    scene: str
    question: str
    answer: str

    def shows(self, text: str) -> bool:
        """Is this the row's answer? Spreadsheets change blanks and quotes: letters tell."""
        return _letters(unguarded(text)) == _letters(visible(self.answer))


@dataclass(frozen=True)
class Sheet:
    """Rows in their shuffled order, and the answers behind them."""

    rows: tuple[Row, ...]
    answers: tuple[KeyedAnswer, ...]


def draw_sheet(answers: Sequence[RecordedAnswer], size: int | None, seed: int) -> Sheet:
    """A simple random sample of `size` answers (None: all), alike ones in one row, shuffled."""
    chance = Random(seed)
    chosen = answers if size is None else chance.sample(answers, min(size, len(answers)))
    alike: dict[tuple[str, str, str], list[RecordedAnswer]] = {}
    for answer in chosen:
        place = (answer.scene.context, answer.scene.question, answer.record.response)
        alike.setdefault(place, []).append(answer)
    texts = list(alike)
    chance.shuffle(texts)
    names = _names(len(texts), chance)
    rows = tuple(Row(name, *text) for name, text in zip(names, texts, strict=True))
    keyed = (_keyed(row, alike[text]) for row, text in zip(rows, texts, strict=True))
    return Sheet(rows, tuple(answer for group in keyed for answer in group))


def sheet_text(sheet: Sheet) -> str:
    """The sheet as CSV."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for number, row in enumerate(sheet.rows, start=1):
        shown = [guarded(visible(text)) for text in (row.scene, row.question, row.answer)]
        writer.writerow([number, row.id, *shown, "", ""])
    return "\ufeff" + file.getvalue()


def key_text(sheet: Sheet) -> str:
    """The key as JSON: the rows with their texts, then the answers behind them."""
    return pretty(sheet)


def read_key(path: Path) -> Sheet:
    """The sheet as it was written, and the answers behind its rows.

    Raises:
        UserError: it is no key of a label sheet.
    """
    text = read_text(path)
    try:
        values = json.loads(text)
        rows = tuple(Row(**row) for row in values["rows"])
        answers = tuple(
            KeyedAnswer(**{**answer, "rules": Verdict(**answer["rules"])})
            for answer in values["answers"]
        )
        return Sheet(rows, answers)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path}: not the key of a label sheet ({error}); it is the {KEY} that was written "
            "beside the sheet, unchanged: task.label_key=PATH"
        ) from error


def _keyed(row: Row, answers: Sequence[RecordedAnswer]) -> list[KeyedAnswer]:
    return [
        KeyedAnswer(
            id=row.id,
            key=answer.key,
            record=answer.record.id,
            run=str(answer.run.folder),
            model=answer.model,
            prompting=answer.prompting,
            cluster=answer.record.cluster,
            target=str(answer.record.target),
            rules=verdict_of(answer.record.score),
            reason=answer.record.score.reason,
            needs_review=answer.record.score.needs_review,
        )
        for answer in answers
    ]


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _names(count: int, chance: Random) -> list[str]:
    """Distinct ids that tell nothing."""
    names: dict[str, None] = {}
    while len(names) < count:
        names["".join(chance.choices(_LETTERS, k=6))] = None
    return list(names)
